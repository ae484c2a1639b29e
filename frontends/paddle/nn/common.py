"""Mirrors the everyday layers of `paddle.nn` and their functions; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend.arguments import integer
from ..dtype import dtype_name
from ..rows.basics import check_dropout, dropout, dropout_of_channels, embedding, linear
from ..rows.shapes import flattened
from ..rows.volumes import interpolate
from .layer import Layer
from .mapped import is_channel_last

if TYPE_CHECKING:
    from torch import Tensor

    from ..tensor import Parameter

__all__ = ["Dropout", "Dropout3D", "Embedding", "Flatten", "Linear", "Upsample"]


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

    def __init__(
        self,
        in_features: int,
        out_features: int,
        weight_attr: Any = None,
        bias_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        sizes = [integer(in_features, "in_features"), integer(out_features, "out_features")]
        self.add_parameter("weight", self.create_parameter(sizes, weight_attr))
        self.add_parameter("bias", self.create_parameter(sizes[1:], bias_attr, is_bias=True))

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Return sizes and dtype."""
        inside, outside = self.weight.shape
        return f"in_features={inside}, out_features={outside}, dtype={dtype_name(self.weight.dtype)}"


class Embedding(Layer):
    """A table of vectors.

    Args:
        num_embeddings: how many vectors, 1 and above.
        embedding_dim: their size, 1 and above.
        padding_idx: a row that is zero and learns nothing. Default: None.
        max_norm: rows that are looked up are scaled down to this norm. Default: None.
        norm_type: of that norm. Default: 2.0.
        scale_grad_by_freq: whether gradients are divided by how often a row is looked up. Default: False.
        sparse: whether gradients are sparse tensors. Default: False.
        _weight: the first values. Default: None.
        _freeze: whether nothing is learned. Default: False.
        device: where the table is. Default: None.
        dtype: of the table. Default: None, the default dtype.
        weight_attr: a ParamAttr, or what stands for one. Default: None, Xavier uniform.
        name: it has no effect.

    Attributes:
        weight: `(num_embeddings, embedding_dim)`.
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
        weight_attr: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(dtype="float32" if dtype is None else dtype)
        sizes = [integer(num_embeddings, "num_embeddings"), integer(embedding_dim, "embedding_dim")]
        if padding_idx is not None and not -sizes[0] <= padding_idx < sizes[0]:
            msg = f"padding_idx must be within [-{sizes[0]}, {sizes[0]}), but got {padding_idx}."
            raise ValueError(msg)
        self._num_embeddings, self._embedding_dim = sizes
        self._padding_idx = -1 if padding_idx is None else padding_idx % sizes[0]
        self._row = padding_idx
        self._max_norm, self._norm_type = max_norm, norm_type
        self._sparse, self._scale_grad_by_freq = sparse, scale_grad_by_freq
        weight: Any = self.create_parameter(sizes, weight_attr)
        with torch.no_grad():
            if _weight is not None:
                weight.copy_(_weight)
            elif padding_idx is not None:
                weight[padding_idx] = 0.0
        self.add_parameter("weight", weight)
        if _freeze:
            weight.stop_gradient = True
        if device is not None:
            self.to(device)

    def forward(self, x: Tensor) -> Tensor:
        """Return the vectors that the integers in `x` name."""
        return embedding(
            x, self.weight, self._row, self._max_norm, self._norm_type, self._sparse, self._scale_grad_by_freq
        )

    def extra_repr(self) -> str:
        """Return the sizes."""
        count, size = self.weight.shape
        padding = "" if self._row is None else f", padding_idx={self._padding_idx}"
        return f"{count}, {size}{padding}, sparse={self._sparse}, scale_grad_by_freq={self._scale_grad_by_freq}"


class Dropout(Layer):
    """Layer of `dropout`, which is off in `eval()`.

    Args:
        p: how likely each value is set to zero, 0 to 1. Default: 0.5.
        inplace: whether to write into the input. Default: False.
        axis: the axes that are drawn for. Default: None, all.
        name: it has no effect.
        mode: 'upscale_in_train' or 'downscale_in_infer'. Default: 'upscale_in_train'.

    Raises:
        ValueError: an argument is illegal.
    """

    def __init__(
        self,
        p: float = 0.5,
        inplace: bool = False,
        axis: Any = None,
        mode: str = "upscale_in_train",
        name: str | None = None,
    ) -> None:
        super().__init__()
        check_dropout(p, mode)
        self.p, self.inplace, self.axis, self.mode, self.name = p, inplace, axis, mode, name

    def forward(self, input: Tensor) -> Tensor:
        """Apply `dropout`."""
        return dropout(input, self.p, self.axis, self.training, self.inplace, self.mode)

    def extra_repr(self) -> str:
        """Return the arguments."""
        return f"p={self.p}, axis={self.axis}, mode={self.mode}, inplace={self.inplace}"


class Dropout3D(Layer):
    """Layer of `dropout3d`, which is off in `eval()`.

    Args:
        p: how likely each channel is set to zero, 0 to 1. Default: 0.5.
        data_format: 'NCDHW' or 'NDHWC'. Default: 'NCDHW'.

    Raises:
        ValueError: an argument is illegal.
    """

    def __init__(self, p: float = 0.5, data_format: str = "NCDHW", name: str | None = None) -> None:
        super().__init__()
        check_dropout(p, "upscale_in_train")
        is_channel_last(data_format, "dropout3d")
        self.p, self.data_format = p, data_format

    def forward(self, input: Tensor) -> Tensor:
        """Apply `dropout3d`."""
        return dropout_of_channels(input, self.p, self.training, self.data_format)

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
        return flattened(input, self.start_axis, self.stop_axis)


class Upsample(Layer):
    """Layer of `interpolate`, with the same arguments; `recompute_scale_factor` and `name` have no effect."""

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool = False,
        align_mode: int = 0,
        data_format: str | None = None,
        recompute_scale_factor: bool | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        if recompute_scale_factor:
            msg = "recompute_scale_factor=True is not served here: give `size`."
            raise NotImplementedError(msg)
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners, self.align_mode, self.data_format, self.name = align_corners, align_mode, data_format, name

    def forward(self, x: Tensor) -> Tensor:
        """Apply `interpolate`."""
        return interpolate(
            x, self.size, self.scale_factor, self.mode, self.align_corners, self.align_mode, self.data_format
        )

    def extra_repr(self) -> str:
        """Return the arguments."""
        wanted = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return (
            f"{wanted}, mode={self.mode}, align_corners={self.align_corners}, align_mode={self.align_mode}, "
            f"data_format={self.data_format}"
        )
