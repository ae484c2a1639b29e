"""What the elements outside the bound have in common, and what usually causes that."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ....frontends.tensor import plain
from ...porting import Kind, layer_of
from .norms import is_channel_last, norm_of

Array = npt.NDArray[Any]

# An epsilon that explains every channel within this relative spread is worth naming.
EPSILON_SPREAD = 0.1


def describe(module: nn.Module, x: torch.Tensor | None, recorded: Array, beyond: Array) -> list[str]:
    """Return notes on a divergence.

    Args:
        module: the layer here.
        x: its input, or None.
        recorded: its recorded output.
        beyond: which elements of it are outside the bound.

    Example:
        >>> beyond = np.zeros((1, 2, 4, 4, 4), bool)
        >>> beyond[:, 1] = True
        >>> describe(nn.Conv3d(1, 2, 1), None, np.zeros((1, 2, 4, 4, 4)), beyond)
        ['only channel 1 of 2 differs: weight, bias or statistics of that channel']
    """
    notes = [*_channels(beyond), *_border(beyond)]
    layer = layer_of(module)
    if layer is not None and layer.kind is Kind.BATCH_NORM and x is not None:
        notes += _epsilon(module, x, recorded)
    return notes or _advice(module)


def misshapen(module: nn.Module) -> str:
    """Return what to look at where the shape differs."""
    layer = layer_of(module)
    if layer is not None and layer.axes:
        more = ", output_padding" if layer.kind is Kind.CONV_TRANSPOSE else ""
        return f"compare stride, padding{more} and dilation with the original"
    return "compare the arguments of the layer, and what it is called with"


def _channels(beyond: Array) -> list[str]:
    if beyond.ndim < 2 or beyond.shape[1] < 2:
        return []
    bad = np.flatnonzero(np.moveaxis(beyond, 1, 0).reshape(beyond.shape[1], -1).any(axis=1))
    if len(bad) == beyond.shape[1]:
        return []
    names = ", ".join(str(channel) for channel in bad[:8]) + (", ..." if len(bad) > 8 else "")
    plural = "channel" if len(bad) == 1 else "channels"
    verb = "differs" if len(bad) == 1 else "differ"
    return [
        f"only {plural} {names} of {beyond.shape[1]} {verb}: weight, bias or statistics of "
        f"{'that channel' if len(bad) == 1 else 'those channels'}"
    ]


def _border(beyond: Array) -> list[str]:
    if beyond.ndim < 3 or min(beyond.shape[2:]) < 5:
        return []
    inner = beyond[(slice(None), slice(None), *(slice(size // 4, size - size // 4) for size in beyond.shape[2:]))]
    if inner.any():
        return []
    return ["only voxels near the border differ: padding, padding mode or output padding"]


def _epsilon(module: nn.Module, x: torch.Tensor, recorded: Array) -> list[str]:
    """Solve recorded = w * (x - mean) / sqrt(var + epsilon) + b for epsilon, if one value fits all channels."""
    norm = norm_of(module)
    if norm.by_batch or norm.mean is None or norm.variance is None or is_channel_last(module):
        return []
    columns = (1, -1) + (1,) * (x.ndim - 2)
    one, zero = torch.ones(norm.mean.numel()), torch.zeros(norm.mean.numel())
    weight, bias, mean = (
        (default if tensor is None else plain(tensor)).detach().double().cpu().view(columns).numpy()
        for tensor, default in ((norm.weight, one), (norm.bias, zero), (norm.mean, zero))
    )
    variance = plain(norm.variance).detach().double().cpu().flatten().numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        values = x.detach().double().cpu().numpy() - mean
        # the slope of the recorded output in x - mean, per channel, is w / sqrt(var + epsilon)
        axes = tuple(axis for axis in range(x.ndim) if axis != 1)
        slope = ((recorded - bias) * values).sum(axes) / (values * values).sum(axes)
        rest = recorded - bias - slope.reshape(columns) * values
        found = (weight.reshape(-1) / slope) ** 2 - variance
    fits = np.abs(rest).max() <= 1e-4 * np.abs(recorded).max()
    middle = float(np.median(found))
    if not fits or not np.isfinite(found).all() or middle <= 0:
        return []
    if np.abs(found - middle).max() > EPSILON_SPREAD * middle:
        return []
    return [f"the recording fits epsilon {middle:.1g}; here it is {norm.epsilon:g}"]


def _advice(module: nn.Module) -> list[str]:
    layer = layer_of(module)
    kind = None if layer is None else layer.kind
    if kind is Kind.BATCH_NORM:
        return ["compare epsilon, and whether both were in training or evaluation mode"]
    if kind in (Kind.INSTANCE_NORM, Kind.GROUP_NORM, Kind.LAYER_NORM):
        return ["compare epsilon, the number of groups and the normalised axes"]
    if layer is not None and layer.axes:
        return ["compare groups, dilation, stride and the order of the channels"]
    if isinstance(module, nn.LeakyReLU):
        return ["compare the slope: 0.01 in most frameworks, 0.02 in fluid.layers.leaky_relu"]
    if isinstance(module, nn.GELU):
        return ["compare the approximation: erf or tanh"]
    return ["compare the arguments of the layer"]
