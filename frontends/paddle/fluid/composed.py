"""Rows of `fluid.nets`: several functions of `fluid.layers` in one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ..static.graph import recording
from .learned import fc
from .names import NAMES
from .norms import dropped
from .shapes import split
from .windows import pooled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__: list[str] = []


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """Return one half along an axis times the sigmoid of the other."""
    half, gate = split(input, 2, dim)
    return half * torch.sigmoid(gate)


def convolved_and_pooled(
    input: Any,
    num_filters: int,
    filter_size: Any,
    pool_size: Any,
    pool_stride: Any,
    pool_padding: Any = 0,
    pool_type: str = "max",
    global_pooling: bool = False,
    conv_stride: Any = 1,
    conv_padding: Any = 0,
    conv_dilation: Any = 1,
    conv_groups: int | None = 1,
    param_attr: Any = None,
    bias_attr: Any = None,
    act: Any = None,
) -> Any:
    """Convolve images, and pool what comes out."""
    strides = (conv_stride, conv_padding, conv_dilation, conv_groups)
    output = NAMES.get("layers.conv2d")(input, num_filters, filter_size, *strides, param_attr, bias_attr, act=act)
    return recording(pooled)(output, 2, pool_size, pool_type, pool_stride, pool_padding, global_pooling)


def convolved_group(
    input: Any,
    conv_num_filter: Sequence[int],
    pool_size: Any,
    conv_padding: Any = 1,
    conv_filter_size: Any = 3,
    conv_act: Any = None,
    param_attr: Any = None,
    conv_with_batchnorm: Any = False,
    conv_batchnorm_drop_rate: Any = 0.0,
    pool_stride: Any = 1,
    pool_type: str = "max",
) -> Any:
    """Convolve images several times, each normalised and dropped out of where that is asked for, and pool at last.

    Raises:
        AssertionError: the filters are no list, or another list is not as long.
    """
    count = len(conv_num_filter) if isinstance(conv_num_filter, (list, tuple)) else 0
    options = (conv_padding, conv_filter_size, param_attr, conv_with_batchnorm, conv_batchnorm_drop_rate)
    lists = [list(each) if hasattr(each, "__len__") else [each] * count for each in options]
    if not count or any(len(each) != count for each in lists):
        msg = f"conv_num_filter={conv_num_filter!r} must be a list, and other lists as long as it."
        raise AssertionError(msg)
    convolve, normalise, drop = (NAMES.get(f"layers.{each}") for each in ("conv2d", "batch_norm", "dropout"))
    for filters, padding, size, attr, normalised, rate in zip(conv_num_filter, *lists, strict=True):
        act = None if normalised else conv_act
        input = convolve(input, filters, size, padding=padding, param_attr=attr, act=act)
        if normalised:
            input = normalise(input, act=conv_act)
            input = drop(input, rate) if abs(rate) > 1e-5 else input
    return recording(pooled)(input, 2, pool_size, pool_type, pool_stride)


def attention(queries: Any, keys: Any, values: Any, num_heads: int = 1, dropout_rate: float = 0.0) -> Any:
    """Return means of values, weighted by the softmax of how queries and keys go together.

    Several heads have a fully connected layer each for queries, keys and values, whose parameters are made here.

    Raises:
        ValueError: the heads do not divide the last axis.
    """
    for name, each in (("queries", queries), ("values", values)):
        if each.shape[-1] % num_heads:
            msg = f"The hidden size ({each.shape[-1]}) of {name} must be divisible by num_heads ({num_heads})."
            raise ValueError(msg)
    if num_heads > 1:
        queries, keys, values = (fc(each, int(each.shape[-1]), 2) for each in (queries, keys, values))
    return recording(attended)(queries, keys, values, num_heads, dropout_rate)


def attended(queries: Tensor, keys: Tensor, values: Tensor, num_heads: int, dropout_rate: float) -> Tensor:
    """See `attention`."""
    q, k, v = (torch.transpose(torch.unflatten(each, -1, (num_heads, -1)), 1, 2) for each in (queries, keys, values))
    weights = torch.softmax(torch.matmul(q / math.sqrt(q.shape[-1]), torch.transpose(k, -1, -2)), -1)
    if dropout_rate:
        weights = dropped(weights, dropout_rate)
    return torch.flatten(torch.transpose(torch.matmul(weights, v), 1, 2), 2)


NAMES.function("nets.glu", recording(glu))
NAMES.function("nets.simple_img_conv_pool", convolved_and_pooled)
NAMES.function("nets.img_conv_group", convolved_group)
NAMES.function("nets.scaled_dot_product_attention", attention)
