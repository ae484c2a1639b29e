"""Mirrors `torch.nn.ConvTranspose3d` and `torch.nn.LazyConvTranspose3d`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import torch

from ....backend import OperatorError, OperatorTypeError
from ....backend.arguments import check_range, integer, triple
from ....backend.torch_arguments import expanded, spec_of
from ...calls import OTHERS, explained, no_tensor
from ..quantisation import register_fusion, warn_of_quantisation
from . import functional

if TYPE_CHECKING:
    from ....backend.arguments import IntOrTriple, Triple

__all__ = ["ConvTranspose3d", "LazyConvTranspose3d"]


class ConvTranspose3d(torch.nn.ConvTranspose3d):
    """A `torch.nn.ConvTranspose3d` that runs on the fourfold engine.

    It is a subclass, so whatever asks `isinstance(layer, torch.nn.ConvTranspose3d)` (spectral_norm, memory-format
    conversion, tracing rules) treats it as torch's, and so does the fusion with a batch norm; parameters, their initial
    values under a seed, `state_dict` and `repr` are torch's as well. Quantisation asks for the very class: it leaves
    this one in floating point, with a warning.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: one int or (depth, height, width), 1 and above.
        stride: one int or three, 1 and above. Default: 1.
        padding: one int or three, 0 and above: `dilation * (kernel_size - 1) - padding` zeros are added to both
            sides of the input. Default: 0.
        output_padding: one int or three, 0..max(stride, dilation) - 1, added to the high side of the output.
            Default: 0.
        groups: a divisor of both channel counts. Default: 1.
        bias: whether to add a learnable bias. Default: True.
        dilation: one int or three, 1 and above. Default: 1.
        padding_mode: `'zeros'` is the only mode. Default: `'zeros'`.
        device: where the parameters live. Default: torch's.
        dtype: of the parameters. Default: torch's.

    Shape:
        - input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`, where
          `D_out = (D - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1`

    Attributes:
        weight: `(in_channels, out_channels / groups, kD, kH, kW)`, drawn from U(-sqrt(k), sqrt(k)) with
            `k = groups / (out_channels * kD * kH * kW)`.
        bias: `(out_channels,)`, drawn likewise, or None.

    Raises:
        ValueError: an argument is out of range.
        TypeError: an argument is not an integer.

    Example:
        >>> import torch
        >>> layer = ConvTranspose3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2))
        >>> layer(torch.randn(2, 16, 10, 20, 30)).shape
        torch.Size([2, 33, 21, 16, 27])
    """

    @partial(explained, module=__name__)
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTriple,
        stride: IntOrTriple = 1,
        padding: IntOrTriple = 0,
        output_padding: IntOrTriple = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: IntOrTriple = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            msg = f'padding_mode={padding_mode!r} is not supported; Only "zeros" padding mode is supported here.'
            raise ValueError(msg)
        sizes = {
            "kernel_size": triple(kernel_size, "kernel_size"),
            "stride": triple(expanded(stride), "stride"),
            "padding": triple(expanded(padding), "padding"),
            "output_padding": triple(expanded(output_padding), "output_padding"),
            "dilation": triple(expanded(dilation), "dilation"),
        }
        for name, values in sizes.items():
            check_range(values, name, 0 if name.endswith("padding") else 1, "Correct the argument.")
        super().__init__(
            integer(in_channels, "in_channels"),
            integer(out_channels, "out_channels"),
            sizes["kernel_size"],
            sizes["stride"],
            sizes["padding"],
            sizes["output_padding"],
            integer(groups, "groups"),
            bias,
            sizes["dilation"],
            device=device,
            dtype=dtype,
        )

    def forward(self, input: torch.Tensor, output_size: Sequence[int] | None = None) -> torch.Tensor:
        """Apply the layer.

        Args:
            input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`.
            output_size: the size wanted, spatial (3 values) or whole; it replaces `output_padding`. Legal are the
                size without output padding and up to `stride - 1` voxels more per axis.

        Raises:
            ValueError: `output_size` is out of that range, or of the wrong length.
            RuntimeError: the input does not fit the layer (a ValueError too).
        """
        return self._conv_forward(input, self.weight, self.bias, output_size)

    def _conv_forward(
        self,
        input: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        output_size: Sequence[int] | None = None,
    ) -> torch.Tensor:
        padding = cast("Triple", self.padding)  # torch's base class allows strings; ours does not
        output_padding = self.output_padding if output_size is None else self._padding_for(input, output_size)
        return functional.conv_transpose3d(
            input, weight, bias, self.stride, padding, output_padding, self.groups, self.dilation
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "qconfig" and value is not None:  # what torch.ao.quantization.prepare sets
            warn_of_quantisation()
        super().__setattr__(name, value)

    def _padding_for(self, input: torch.Tensor, output_size: Sequence[int]) -> Triple:
        if input is None or isinstance(input, OTHERS):
            raise OperatorTypeError(no_tensor("forward", "input", 0, input, __name__))
        if not isinstance(output_size, Iterable) or getattr(output_size, "ndim", 1) == 0:
            msg = (
                f"output_size={output_size!r} is a {type(output_size).__name__}; it must be 3 or {input.dim()} "
                f"integers. Give (D_out, H_out, W_out), for example ({output_size}, {output_size}, {output_size})."
            )
            raise OperatorTypeError(msg)
        sizes = list(output_size)
        if len(sizes) not in (3, input.dim()):
            msg = (
                f"output_size={output_size!r} has {len(sizes)} elements; ConvTranspose3d: for {input.dim()}D input, "
                f"output_size must have 3 or {input.dim()} elements (got {len(sizes)}). Give (D_out, H_out, W_out)."
            )
            raise ValueError(msg)
        spec = spec_of(self.weight, self.stride, cast("Triple", self.padding), 0, self.groups, self.dilation)
        depth, height, width = input.shape[-3:]
        wanted = sizes[-3:]
        try:
            return spec.output_padding_for((depth, height, width), wanted)
        except OperatorTypeError:
            raise
        except OperatorError as error:
            smallest, greatest = spec.output_size_range((depth, height, width))
            msg = (
                f"requested an output size of {wanted}, but valid sizes range from {list(smallest)} to "
                f"{list(greatest)} (for an input of {list(input.shape[-3:])}). {error}"
            )
            raise ValueError(msg) from error


class LazyConvTranspose3d(torch.nn.LazyConvTranspose3d, ConvTranspose3d):  # type: ignore[misc]
    """A `ConvTranspose3d` that takes `in_channels` from its first input; it is a `ConvTranspose3d` from then on.

    Args and attributes as in `ConvTranspose3d`, without `in_channels`.

    Example:
        >>> import torch, warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")  # torch: "Lazy modules are a new feature"
        ...     layer = LazyConvTranspose3d(8, kernel_size=2, stride=2)
        >>> layer(torch.randn(1, 4, 3, 3, 3)).shape, layer.in_channels
        (torch.Size([1, 8, 6, 6, 6]), 4)
    """

    cls_to_become = ConvTranspose3d

    @partial(explained, module=__name__)
    def initialize_parameters(self, input: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """Take the channels of the first input."""
        super().initialize_parameters(input, *args, **kwargs)


register_fusion(ConvTranspose3d, torch.nn.ConvTranspose3d)
