"""Mirrors the everyday layers of `paddle.nn` and their functions; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend.arguments import integer, is_free
from ...calls import explain_calls
from ..dtype import dtype_name
from .layer import Layer
from .mapped import is_channel_last, mapped

if TYPE_CHECKING:
    from torch import Tensor

    from ..tensor import Parameter

__all__ = ["Dropout", "Dropout3D", "Embedding", "Flatten", "Linear", "Upsample"]


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `x @ weight + bias`; the weight is `(in_features, out_features)`, unlike torch's."""
    return mapped(_linear, x, weight, bias)


def embedding(x: Tensor, weight: Tensor) -> Tensor:
    """Return the rows of `weight` that the integers in `x` name."""
    return mapped(F.embedding, x, weight)


def dropout(x: Tensor, p: float = 0.5, training: bool = True, *, mode: str = "upscale_in_train") -> Tensor:
    """Set values to zero at random while training.

    Args:
        x: the values.
        p: how likely each is set to zero, 0 to 1. Default: 0.5.
        training: whether to do so. Default: True.
        mode: what makes up for it: 'upscale_in_train' divides the rest by `1 - p`; 'downscale_in_infer' multiplies by
            `1 - p` where it is not training. Default: 'upscale_in_train'.

    Raises:
        ValueError: `p` or `mode` is illegal.

    >>> dropout(torch.ones(2), 0.25, training=False, mode="downscale_in_infer")
    tensor([0.7500, 0.7500])
    """
    _check_dropout(p, mode)
    if mode == "upscale_in_train":
        return mapped(F.dropout, x, p) if training else mapped(torch.clone, x)  # nobody else sees what is written to it
    return mapped(F.dropout, x, p) * (1 - p) if training else x * (1 - p)


def dropout3d(x: Tensor, p: float = 0.5, training: bool = True, data_format: str = "NCDHW") -> Tensor:
    """Set whole channels to zero at random while training, and divide the rest by `1 - p`."""
    _check_dropout(p, "upscale_in_train")
    return mapped(F.dropout3d, x, p, training, channel_last=is_channel_last(data_format, "dropout3d"))


def interpolate(
    x: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool = False,
    *,
    data_format: str = "NCDHW",
) -> Tensor:
    """Resample volumes to another size.

    Args:
        x: `(N, C, D, H, W)`, or the channels last.
        size: three ints. Default: None, from `scale_factor`.
        scale_factor: a number or three. Default: None, from `size`.
        mode: 'nearest' or 'trilinear'. Default: 'nearest'.
        align_corners: whether the corners' centres are kept, for 'trilinear'. Default: False.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.

    Raises:
        ValueError: there is no such mode for volumes.

    >>> interpolate(torch.ones(1, 1, 2, 3, 4), scale_factor=2, mode="trilinear").shape
    torch.Size([1, 1, 4, 6, 8])
    """
    if mode not in ("nearest", "trilinear"):
        msg = f"mode={mode!r}; legal for volumes are 'nearest' and 'trilinear'."
        raise ValueError(msg)
    if not (size is None or isinstance(size, int) or is_free(size)):
        size = [each if is_free(each) else int(each) for each in size]
    corners = {"align_corners": align_corners} if mode == "trilinear" else {}
    last = is_channel_last(data_format, "interpolate")
    return mapped(F.interpolate, x, size=size, scale_factor=scale_factor, mode=mode, channel_last=last, **corners)


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return F.linear(x, weight.transpose(-1, -2), bias)


def _check_dropout(p: Any, mode: Any) -> None:
    if isinstance(p, bool) or not isinstance(p, (int, float)):
        msg = f"p argument should be a number, but received {p!r}."
        raise TypeError(msg)
    if not 0 <= p <= 1:
        msg = f"p argument should between 0 and 1, but received {p!r}."
        raise ValueError(msg)
    if mode not in ("upscale_in_train", "downscale_in_infer"):
        msg = f"mode={mode!r}: mode argument should be 'downscale_in_infer' or 'upscale_in_train'."
        raise ValueError(msg)


class Linear(Layer):
    """A fully connected layer whose weight is the transpose of torch's.

    Args:
        in_features: size of the last axis of the input, 1 and above.
        out_features: size of the last axis of the output, 1 and above.
        weight_attr: a ParamAttr, or what stands for one. Default: None, Xavier uniform.
        bias_attr: likewise; False for no bias. Default: None, zeros.

    Shape:
        - x: `(..., in_features)`
        - output: `(..., out_features)`

    Attributes:
        weight: `(in_features, out_features)`.
        bias: `(out_features,)`, or None.

    Example:
        >>> from fourfold.frontends import paddle
        >>> layer = paddle.nn.Linear(3, 4)
        >>> layer.weight.shape, layer(paddle.ones([2, 3])).shape
        (paddle.Size([3, 4]), paddle.Size([2, 4]))
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(self, in_features: int, out_features: int, weight_attr: Any = None, bias_attr: Any = None) -> None:
        super().__init__()
        sizes = [integer(in_features, "in_features"), integer(out_features, "out_features")]
        self.add_parameter("weight", self.create_parameter(sizes, weight_attr))
        self.add_parameter("bias", self.create_parameter(sizes[1:], bias_attr, is_bias=True))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer."""
        return linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return sizes and dtype."""
        inside, outside = self.weight.shape
        return f"in_features={inside}, out_features={outside}, dtype={dtype_name(self.weight.dtype)}"


class Embedding(Layer):
    """A table of vectors.

    Args:
        num_embeddings: how many vectors, 1 and above.
        embedding_dim: their size, 1 and above.
        weight_attr: a ParamAttr, or what stands for one. Default: None, Xavier uniform.

    Attributes:
        weight: `(num_embeddings, embedding_dim)`.
    """

    weight: Parameter

    def __init__(self, num_embeddings: int, embedding_dim: int, *, weight_attr: Any = None) -> None:
        super().__init__()
        sizes = [integer(num_embeddings, "num_embeddings"), integer(embedding_dim, "embedding_dim")]
        self.add_parameter("weight", self.create_parameter(sizes, weight_attr))

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors that the integers in `x` name."""
        return embedding(x, self.weight)

    def extra_repr(self) -> str:
        """Return the sizes."""
        count, size = self.weight.shape
        return f"{count}, {size}, sparse=False, scale_grad_by_freq=False"


class Dropout(Layer):
    """Layer of `dropout`, which is off in `eval()`.

    Args:
        p: how likely each value is set to zero, 0 to 1. Default: 0.5.
        mode: 'upscale_in_train' or 'downscale_in_infer'. Default: 'upscale_in_train'.

    Raises:
        ValueError: an argument is illegal.
    """

    def __init__(self, p: float = 0.5, *, mode: str = "upscale_in_train") -> None:
        super().__init__()
        _check_dropout(p, mode)
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:
        """Apply `dropout`."""
        return dropout(input, self.p, self.training, mode=self.mode)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"p={self.p}, axis=None, mode={self.mode}, inplace=False"


class Dropout3D(Layer):
    """Layer of `dropout3d`, which is off in `eval()`.

    Args:
        p: how likely each channel is set to zero, 0 to 1. Default: 0.5.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.

    Raises:
        ValueError: an argument is illegal.
    """

    def __init__(self, p: float = 0.5, data_format: str = "NCDHW") -> None:
        super().__init__()
        _check_dropout(p, "upscale_in_train")
        is_channel_last(data_format, "dropout3d")
        self.p, self.data_format = p, data_format

    def forward(self, input: Tensor) -> Tensor:
        """Apply `dropout3d`."""
        return dropout3d(input, self.p, self.training, self.data_format)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"p={self.p}, data_format={self.data_format}"


class Flatten(Layer):
    """Joins axes into one.

    Args:
        start_axis: the first of them. Default: 1.
        stop_axis: the last of them. Default: -1.
    """

    def __init__(self, start_axis: int = 1, stop_axis: int = -1) -> None:
        super().__init__()
        self.start_axis, self.stop_axis = start_axis, stop_axis

    def forward(self, input: Tensor) -> Tensor:
        """Return the values with fewer axes."""
        return torch.flatten(input, self.start_axis, self.stop_axis)


class Upsample(Layer):
    """Layer of `interpolate`, with the same arguments."""

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool = False,
        *,
        data_format: str = "NCDHW",
    ) -> None:
        super().__init__()
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners, self.data_format = align_corners, data_format

    def forward(self, x: Tensor) -> Tensor:
        """Apply `interpolate`."""
        return interpolate(x, self.size, self.scale_factor, self.mode, self.align_corners, data_format=self.data_format)

    def extra_repr(self) -> str:
        """Return the arguments."""
        wanted = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return (
            f"{wanted}, mode={self.mode}, align_corners={self.align_corners}, align_mode=0, "
            f"data_format={self.data_format}"
        )


explain_calls(globals())
