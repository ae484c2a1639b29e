"""Rows of everyday functions of networks: products with weights, tables, dropout, distances."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ...tensor import like, plain
from ..dtype import default_dtype, dtype_name, to_torch_dtype
from ..names import NAMES
from ..nn.mapped import is_channel_last, mapped
from ..static.executor import trained_by_run
from ..values import single
from .matrices import length
from .operands import SINGLE, integers, number

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["check_dropout", "dropout", "dropout_of_channels", "embedding", "label_smooth", "linear", "one_hot"]

fn = NAMES.function


def here(name: str) -> str:
    """Return the recorded name of a function of `nn.functional`."""
    return f"nn.functional.{name}"


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `x @ weight + bias`; the weight is `(in_features, out_features)`, unlike torch's."""
    return mapped(_linear, x, weight, bias)


def _linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if weight.dim() != 2 or x.dim() < 1 or x.shape[-1] != weight.shape[0]:
        msg = (
            f"linear: x of shape {list(x.shape)} and weight of shape {list(weight.shape)} do not fit: the last axis of "
            f"x should be the first of weight, which is (in_features, out_features)."
        )
        raise OperatorError(msg)
    return F.linear(x, torch.transpose(weight, -1, -2), bias)


def embedding(
    x: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    sparse: bool = False,
    scale_grad_by_freq: bool = False,
) -> Tensor:
    """Return the rows of `weight` that the integers in `x` name; that of `padding_idx` is zero and learns nothing."""
    if padding_idx is not None:
        count = weight.shape[0]
        if not -count <= padding_idx < count:
            msg = f"padding_idx must be within [-{count}, {count}), but got {padding_idx}."
            raise ValueError(msg)
        padding_idx %= count
    found = mapped(
        F.embedding,
        x,
        weight,
        max_norm=max_norm,
        norm_type=norm_type,
        scale_grad_by_freq=scale_grad_by_freq,
        sparse=sparse,
    )
    if padding_idx is None:
        return found
    return torch.where(torch.unsqueeze(x, -1) == padding_idx, torch.zeros_like(found), found)


def check_dropout(p: Any, mode: Any) -> None:
    """Raise unless dropout can be of this probability and mode."""
    if isinstance(p, bool) or not isinstance(p, (int, float, torch.Tensor)):
        msg = f"p argument should be a number, but received {p!r}."
        raise TypeError(msg)
    if not isinstance(p, torch.Tensor) and not 0 <= p <= 1:
        msg = f"p argument should between 0 and 1, but received {p!r}."
        raise ValueError(msg)
    if mode not in ("upscale_in_train", "downscale_in_infer"):
        msg = f"mode={mode!r}: mode argument should be 'downscale_in_infer' or 'upscale_in_train'."
        raise ValueError(msg)


@trained_by_run
def dropout(
    x: Tensor,
    p: Any = 0.5,
    axis: Any = None,
    training: bool = True,
    inplace: bool = False,
    mode: str = "upscale_in_train",
) -> Tensor:
    """Set values to zero at random while training.

    Args:
        x: the values.
        p: how likely each is set to zero, 0 to 1. Default: 0.5.
        axis: the axes that are drawn for; along the others, values go together. Default: None, all.
        training: whether to do so. Default: True.
        inplace: whether to write into `x`. Default: False.
        mode: what makes up for it: 'upscale_in_train' divides the rest by `1 - p`; 'downscale_in_infer' multiplies by
            `1 - p` where it is not training. Default: 'upscale_in_train'.

    Raises:
        ValueError: `p`, `axis` or `mode` is illegal.

    >>> dropout(torch.ones(2), 0.25, training=False, mode="downscale_in_infer")
    tensor([0.7500, 0.7500])
    """
    check_dropout(p, mode)
    share = float(number(p))
    if training and share == 0:
        return x
    if not training:
        result = torch.clone(x) if mode == "upscale_in_train" else x * (1 - share)
    else:
        shape = list(x.shape)
        if axis is not None:
            axes = integers(axis)
            if axes and (max(axes) >= x.dim() or min(axes) < 0):
                msg = f"axis value should be 0 and above, and less than dimensions of x:{x.dim()}, but get {axes}."
                raise ValueError(msg)
            shape = [size if each in axes else 1 for each, size in enumerate(shape)]
        kept = torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - share)
        if mode == "upscale_in_train" and share < 1:
            kept = kept / (1 - share)
        result = x * kept
    return torch.Tensor.copy_(x, result) if inplace else result


def dropout_of_channels(x: Tensor, p: Any = 0.5, training: bool = True, data_format: str = "NCDHW") -> Tensor:
    """Set whole channels to zero at random while training, and divide the rest by `1 - p`."""
    last = is_channel_last(data_format, "dropout")
    return dropout(x, p, [0, x.dim() - 1 if last else 1], training)


def feature_dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Set whole channels of `(N, C, L)` to zero at random while training."""
    return dropout(input, p, [0, 1], training, inplace)


@trained_by_run
def alpha_dropout(x: Tensor, p: float = 0.5, training: bool = True, *, channels: bool = False) -> Tensor:
    """Set values, or whole channels, to what selu goes to, at random, and keep mean and variance."""
    check_dropout(p, "upscale_in_train")
    if not training:
        return x
    if p == 1:
        return x * 0.0
    if channels and x.dim() < 2:
        msg = f"Feature alpha dropout needs at least 2D input; x has {x.dim()} axes."
        raise ValueError(msg)
    shape = [*x.shape[:2], *[1] * (x.dim() - 2)] if channels else list(x.shape)
    kept = torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - p)
    # y = a * (x * kept + least * (1 - kept)) + b has the mean and variance of x; least = -alpha * scale of selu
    least = -1.6732632423543772848 * 1.0507009873554804935
    a = ((1 - p) * (1 + p * least**2)) ** -0.5
    return a * (x * kept + least * (1 - kept)) - a * least * p


def one_hot(x: Tensor, num_classes: Any = -1) -> Tensor:
    """Return 1 in the place of each class and 0 in the others, in the default dtype."""
    hot = mapped(F.one_hot, torch.Tensor.to(x, torch.int64), int(number(num_classes)))
    return torch.Tensor.to(hot, default_dtype())


def label_smooth(label: Tensor, prior_dist: Any = None, epsilon: float = 0.1) -> Tensor:
    """Spread a share of each label over all classes, evenly or as `prior_dist` says."""
    if not 0.0 <= epsilon <= 1.0:
        msg = f"The value of epsilon must be between 0 and 1; it is {epsilon}."
        raise ValueError(msg)
    if not label.is_floating_point():
        msg = f"labels of {dtype_name(label.dtype)} cannot be smoothed; give what one_hot() makes."
        raise OperatorError(msg)
    even = single(epsilon / label.shape[-1])
    return single(1 - epsilon) * label + (even if prior_dist is None else epsilon * prior_dist)


def normalize(x: Tensor, p: float = 2, axis: int = 1, epsilon: float = 1e-12) -> Tensor:
    """Divide by the norm along an axis, `epsilon` at least."""
    return x / torch.clamp(length(x, float(p), axis if x.dim() > 1 else 0, keepdim=True), min=epsilon)


def cosine_similarity(x1: Tensor, x2: Tensor, axis: int = 1, eps: float = 1e-8) -> Tensor:
    """Return the cosine of the angle between vectors."""
    sizes = torch.sum(x1 * x1, axis) * torch.sum(x2 * x2, axis)
    return torch.sum(x1 * x2, axis) / torch.sqrt(torch.clamp(sizes, min=eps * eps))


def pairwise_distance(x: Tensor, y: Tensor, p: float = 2.0, epsilon: float = 1e-6, keepdim: bool = False) -> Tensor:
    """Return the distances of pairs of vectors."""
    return length(x - y + epsilon, p, -1, keepdim)


def bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `x1 @ weight[k] @ x2` for each k."""
    return mapped(F.bilinear, x1, x2, weight, None if bias is None else torch.flatten(bias))


def sequence_mask(x: Tensor, maxlen: Any = None, dtype: Any = "int64") -> Tensor:
    """Return 1 in the first places of each row, as many as its length."""
    length = -1 if maxlen is None else int(number(maxlen))
    if length < 0:
        length = int(torch.amax(x))
    # Paddle's own comparisons refuse operands of two dtypes
    reached = torch.arange(length, device=x.device) < plain(torch.unsqueeze(x, -1))
    return like(reached.to(to_torch_dtype(dtype)), x)


def gumbel_softmax(x: Tensor, temperature: float = 1.0, hard: bool = False, axis: int = -1) -> Tensor:
    """Return shares of classes drawn at random; whole ones if `hard`, with the gradients of the shares."""
    return mapped(F.gumbel_softmax, x, temperature, hard, dim=axis)


fn(here("linear"), linear)
fn(here("embedding"), embedding)
fn(here("dropout"), dropout)
fn(here("dropout1d"), feature_dropout)
fn(here("dropout2d"), dropout_of_channels)
fn(here("dropout3d"), dropout_of_channels)
fn(here("alpha_dropout"), alpha_dropout)
fn(here("feature_alpha_dropout"), functools.partial(alpha_dropout, channels=True))
fn(here("one_hot"), one_hot)
fn(here("label_smooth"), label_smooth, epsilon=SINGLE)
fn(here("normalize"), normalize)
fn(here("cosine_similarity"), cosine_similarity)
fn(here("pairwise_distance"), pairwise_distance)
fn(here("bilinear"), bilinear)
fn(here("sequence_mask"), sequence_mask)
fn(here("gumbel_softmax"), gumbel_softmax)
