"""Rows of layers that learn: convolutions, linear maps, tables and recurrent layers, each a class of torch's."""

from __future__ import annotations

from typing import Any

import torch

from ....backend.arguments import integer
from ...tensor import like, plain
from ..names import NAMES
from ..nn.modules.conv import divisor, only_zeros
from ..nn.modules.layer import Layer, torchs
from ..nn.packed import PackedSequence
from ..nn.packed import torchs as unpacked
from .volumes import conv3d

__all__: list[str] = []


# -- convolutions -----------------------------------------------------------------------------------------------


KINDS = {1: torch.nn.Conv1d, 2: torch.nn.Conv2d, 3: torch.nn.Conv3d}


class Convolution(Layer):
    """A convolution, whose zeros at the sides may be said by a word: 'valid', none, or 'same', which keeps the size.

    Raises:
        AssertionError: `padding_mode` is not `'zeros'`, or `groups` does not divide the channels.
        NotImplementedError: `padding` is 'same' and the axes are unlike: OneFlow 0.9 pads them in reverse.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> flow.nn.Conv3d(4, 6, 3, stride=2, padding=1)(flow.randn(1, 4, 5, 5, 5)).shape
        oneflow.Size([1, 6, 3, 3, 3])
    """

    in_channels: int
    padding: Any

    def _begin(self, *, padding_mode: str, padding: Any, **given: Any) -> None:
        only_zeros(padding_mode)
        divisor(given["groups"], in_channels=given["in_channels"], out_channels=given["out_channels"])
        axes = next(rank for rank, kind in KINDS.items() if isinstance(self, kind))
        sizes = {name: each(given[name], name, axes) for name in ("kernel_size", "stride", "dilation")}
        pads: Any = said(padding, **sizes) if isinstance(padding, str) else each(padding, "padding", axes)
        super()._begin(**{**given, **sizes}, padding=tuple(pads))
        if isinstance(padding, str):
            self.padding = pads  # a list, as it prints in the release

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer.

        Raises:
            ValueError: the input has other channels.
        """
        if not isinstance(self, torch.nn.Conv1d) and x.dim() > 1 and x.shape[1] != self.in_channels:
            msg = f"The input channels {x.shape[1]} should be equal to self.in_channels {self.in_channels}."
            raise ValueError(msg)
        return super().forward(x)


class Volumes(Convolution):
    """A convolution of volumes, without torch's faults."""

    stride: Any
    dilation: Any
    groups: int

    def _conv_forward(self, input: Any, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        return conv3d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)


class Transposed(Layer):
    """A transposed convolution of lines or planes."""

    def _begin(self, *, padding_mode: str, **given: Any) -> None:
        only_zeros(padding_mode)
        divisor(given["groups"], in_channels=given["in_channels"], out_channels=given["out_channels"])
        super()._begin(**given)
        self.filters = given["out_channels"]

    def extra_repr(self) -> str:
        """Return OneFlow's text: none."""
        return ""


def each(value: Any, name: str, axes: int) -> tuple[int, ...]:
    """Return a number for each axis."""
    return tuple(value) if hasattr(value, "__iter__") else (integer(value, name),) * axes


def said(padding: str, kernel_size: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> list[int]:
    """Return the padding that a word says.

    Raises:
        ValueError: there is no such word, or 'same' has a stride.
        NotImplementedError: 'same' of unlike axes, which OneFlow 0.9 pads in reverse.
    """
    if padding not in ("same", "valid"):
        msg = f"Invalid padding string {padding!r}, should be one of 'same', 'valid'."
        raise ValueError(msg)
    if padding == "valid":
        return [0] * len(kernel_size)
    if any(step != 1 for step in stride):
        msg = f"padding='same' is not supported for strided convolutions; stride={stride}. Give numbers."
        raise ValueError(msg)
    pads = [spread * (size - 1) // 2 for size, spread in zip(kernel_size, dilation, strict=True)]
    if len(set(pads)) > 1:
        msg = f"padding='same' of kernel_size={kernel_size}: OneFlow 0.9 pads in reverse. Give {pads} in numbers."
        raise NotImplementedError(msg)
    return pads


torchs("Conv1d Conv2d", Convolution)
torchs("Conv3d", Volumes)
torchs("ConvTranspose1d ConvTranspose2d", Transposed)


# -- maps and tables --------------------------------------------------------------------------------------------


class Table(Layer):
    """Rows of a weight, by index."""

    def _begin(self, *, padding_idx: Any, **given: Any) -> None:
        super()._begin(**given, padding_idx=None if padding_idx is None else integer(padding_idx, "padding_idx"))

    def forward(self, indices: torch.Tensor) -> Any:
        """Return rows by index, of the weight's class."""
        return torch.nn.Embedding.forward(self, indices)  # type: ignore[arg-type]


torchs("Linear PReLU")
torchs("Embedding", Table)


# -- recurrent layers -------------------------------------------------------------------------------------------


def plain_of(value: Any) -> Any:
    """Return a state without OneFlow's class."""
    return tuple(map(plain_of, value)) if isinstance(value, tuple) else None if value is None else plain(value)


def like_of(value: Any, source: Any) -> Any:
    """Return a state with the class that the input has."""
    return tuple(like_of(one, source) for one in value) if isinstance(value, tuple) else like(plain(value), source)


class Recurrent(Layer):
    """A recurrent layer, of which torch keeps the weights in a list too."""

    _flat_weights_names: list[str]

    def _begin(self, *args: Any, **given: Any) -> None:
        super()._begin(*args, **given)
        self._flat_weights = [getattr(self, name) for name in self._flat_weights_names]

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Apply the layer to a sequence, or several of several lengths, from a state on, which is zero unless given."""
        if not isinstance(input, PackedSequence):
            return like_of(super(Layer, self).forward(plain(input), plain_of(hx)), input)
        packed, state = super(Layer, self).forward(unpacked(input), plain_of(hx))
        indices = input.sorted_indices, input.unsorted_indices
        return PackedSequence(like(packed.data, input.data), input.batch_sizes, *indices), like_of(state, input.data)


class Step(Layer):
    """One step of a recurrent layer."""

    def forward(self, input: Any, hx: Any = None) -> Any:
        """Apply the layer to one element of a sequence."""
        return like_of(super(Layer, self).forward(plain(input), plain_of(hx)), input)


torchs("RNNBase", Recurrent)
torchs("RNN LSTM GRU", NAMES.get("nn.RNNBase"))
torchs("RNNCellBase", Step)
torchs("RNNCell LSTMCell GRUCell", NAMES.get("nn.RNNCellBase"))
