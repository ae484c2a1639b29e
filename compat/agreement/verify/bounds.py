"""How far a layer's output may lie from the recorded one when both had the same input and parameters.

A rule gives a magnitude; the bound is `ROUNDING * eps * magnitude`, element by element. docs/verify.md derives them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn

from ....frontends.tensor import plain
from ...porting import Kind, layer_of
from ...porting.kinds import normalized_shape
from .norms import is_channel_last, norm_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .norms import Norm

Arguments: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bound:
    """A magnitude and the rule that made it; None demands equality."""

    rule: str
    magnitude: torch.Tensor | None


def bound(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> Bound:
    """Return the magnitude for the output of one call.

    Args:
        module: the layer, with its parameters loaded and without hooks that interfere.
        arguments: positional and keyword arguments of the call.
        recorded: the recorded output, in the shape of the output here.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> layer.load_state_dict({"weight": torch.tensor([[1.0, -1.0]]), "bias": torch.tensor([-0.5])})
        <All keys matched successfully>
        >>> bound(layer, ((torch.tensor([[3.0, 3.0]]),), {}), torch.tensor([[-0.5]]))
        Bound(rule='linear', magnitude=tensor([[6.5000]]))
    """
    with torch.no_grad():
        layer = layer_of(module)
        if layer is not None and layer.kind in _BY_KIND:
            rule, function = _BY_KIND[layer.kind]
            return Bound(rule, function(module, arguments, recorded))
        for rule, classes, function in _BY_CLASS:
            if isinstance(module, classes):
                return Bound(rule, function(module, arguments, recorded))
        return Bound("other", recorded.abs().amax().expand_as(recorded) if recorded.numel() else recorded)


def _linear(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    """Return |x| * |w| + |b| + sqrt(n / 12) |x * w|, for sums of n products.

    Where products cancel, the last term is small. Where they do not, as behind the activations of a trained model,
    the partial sums grow to the whole, and adding up errs by up to eps * sqrt(n / 12) of it (see docs/verify.md).
    """
    wide = _wide(recorded)

    def run(change: Callable[[torch.Tensor], torch.Tensor], *, biased: bool) -> torch.Tensor:
        def changed(value: Any) -> Any:
            if not isinstance(value, torch.Tensor) or not (value.is_floating_point() or value.is_complex()):
                return value
            return change(plain(value).detach().to(wide.to_complex() if value.is_complex() else wide))

        state = {name: changed(tensor) for name, tensor in nn.Module.named_parameters(module)}
        if not biased and "bias" in state:
            state["bias"] = torch.zeros_like(state["bias"])
        positional, keywords = arguments
        keywords = {name: changed(value) for name, value in keywords.items()}
        result: torch.Tensor = torch.func.functional_call(module, state, tuple(map(changed, positional)), keywords)
        return plain(result)

    products = run(lambda value: torch.ones_like(value.abs()), biased=False)
    return run(torch.abs, biased=True) + (products / 12).sqrt() * run(torch.clone, biased=False).abs()


def _average(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    """Return what `_linear` does, for n products of size x / n."""
    x = _input(arguments)
    products = x.numel() / max(recorded.numel(), 1)
    size: torch.Tensor = module(x.abs().to(_wide(recorded)))
    return size + math.sqrt(products / 12) * recorded.abs()


def _equality(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> None:
    return None


def _product(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    return recorded.abs()


def _bounded(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(recorded)


def _growing(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    return 1 + _input(arguments).abs()


def _softmax(module: Any, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    x = _input(arguments).double()
    axis = module.dim if module.dim is not None else (0 if x.ndim in (0, 1, 3) else 1)
    distance = x.amax(axis, keepdim=True) - x
    if isinstance(module, nn.LogSoftmax):
        return distance + x.abs() + recorded.abs()
    return recorded.double().abs() * (1 + distance)


def _batch_norm(module: Any, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    last = is_channel_last(module)
    x = _input(arguments).double()
    x = x.movedim(-1, 1) if last else x
    columns = (1, -1) + (1,) * (x.ndim - 2)
    norm = norm_of(module)
    weight, bias = _affine(norm, columns)
    if norm.by_batch or norm.mean is None or norm.variance is None:
        axes = tuple(axis for axis in range(x.ndim) if axis != 1)
        kind = layer_of(module)
        if kind is not None and kind.kind is Kind.INSTANCE_NORM:
            axes = axes[1:]
        result = _standardised(x, axes, norm.epsilon, weight, bias)
    else:
        scale = weight / (norm.variance.double().view(columns) + norm.epsilon).sqrt()
        result = scale * (x.abs() + norm.mean.double().view(columns).abs()) + bias
    return result.movedim(1, -1) if last else result


def _group_norm(module: Any, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    last = is_channel_last(module)
    x = _input(arguments).double()
    x = x.movedim(-1, 1) if last else x
    norm = norm_of(module)
    grouped = x.reshape(x.shape[0], norm.groups, x.shape[1] // norm.groups, *x.shape[2:])
    columns = (1, *grouped.shape[1:3]) + (1,) * (x.ndim - 2)
    weight, bias = _affine(norm, columns)
    axes = tuple(range(2, grouped.ndim))
    result = _standardised(grouped, axes, norm.epsilon, weight, bias).reshape(x.shape)
    return result.movedim(1, -1) if last else result


def _layer_norm(module: Any, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor:
    x = _input(arguments).double()
    norm, sizes = norm_of(module), normalized_shape(module)
    weight, bias = _affine(norm, sizes)
    return _standardised(x, tuple(range(-len(sizes), 0)), norm.epsilon, weight, bias)


def _standardised(
    x: torch.Tensor, axes: tuple[int, ...], eps: float, weight: torch.Tensor, bias: torch.Tensor
) -> torch.Tensor:
    """Return the magnitude where mean and variance come from n values of the data.

    Squares do not cancel: adding them up one by one errs by eps * sqrt(n / 12) of their mean (see docs/verify.md), and
    so does the mean of values that have one. The variance may be taken as E[x^2] - mean^2, whose error is that of
    E[x^2]; half of its relative error is the result's.
    """
    walk = math.sqrt(math.prod(x.shape[axis] for axis in axes) / 12)
    mean = x.mean(axes, keepdim=True)
    square = (x * x).mean(axes, keepdim=True)
    spread = x.var(axes, correction=0, keepdim=True) + eps
    of_mean = x.abs().mean(axes, keepdim=True) + walk * mean.abs()
    of_scale = (1 + walk) / 2 * square / spread
    return weight / spread.sqrt() * (x.abs() + of_mean + (x - mean).abs() * of_scale) + bias


def _interpolated(module: Any, arguments: Arguments, recorded: torch.Tensor) -> torch.Tensor | None:
    if module.mode in ("nearest", "nearest-exact"):
        return None
    x = _input(arguments)
    # Coordinates reach the size of an axis, and an error of one is an error of the weights.
    return (max(x.shape[2:]) * x.abs().amax()).expand_as(recorded)


def _input(arguments: Arguments) -> torch.Tensor:
    positional, keywords = arguments
    values = (*positional, *keywords.values())
    return next(plain(value) for value in values if isinstance(value, torch.Tensor))


def _affine(norm: Norm, shape: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return |weight| and |bias| in a shape that broadcasts; 1 and 0 where there are none."""
    weight, bias = norm.weight, norm.bias
    return (
        torch.ones((), dtype=torch.float64) if weight is None else weight.detach().double().abs().view(shape),
        torch.zeros((), dtype=torch.float64) if bias is None else bias.detach().double().abs().view(shape),
    )


def _wide(recorded: torch.Tensor) -> torch.dtype:
    return torch.float64 if recorded.dtype in (torch.float64, torch.complex128) else torch.float32


Rule: TypeAlias = "Callable[[Any, Arguments, torch.Tensor], torch.Tensor | None]"

_BY_KIND: dict[Kind, tuple[str, Rule]] = {
    Kind.CONV_TRANSPOSE: ("linear", _linear),
    Kind.CONV: ("linear", _linear),
    Kind.LINEAR: ("linear", _linear),
    Kind.BATCH_NORM: ("normalisation", _batch_norm),
    Kind.INSTANCE_NORM: ("normalisation", _batch_norm),
    Kind.GROUP_NORM: ("normalisation", _group_norm),
    Kind.LAYER_NORM: ("normalisation", _layer_norm),
    Kind.PRELU: ("product", _product),
    Kind.EMBEDDING: ("equality", _equality),
}

_BY_CLASS: tuple[tuple[str, tuple[type[nn.Module], ...], Rule], ...] = (
    (
        "equality",
        (
            *(nn.ReLU, nn.ReLU6, nn.Hardtanh, nn.Threshold, nn.Identity, nn.Flatten, nn.Unflatten, nn.PixelShuffle),
            *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d),
            *(nn.AdaptiveMaxPool3d, nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d),
            nn.modules.padding._ReplicationPadNd,
            nn.modules.padding._ReflectionPadNd,
            nn.modules.dropout._DropoutNd,
        ),
        _equality,
    ),
    ("product", (nn.LeakyReLU,), _product),
    (
        "linear",
        (
            *(nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
            *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
        ),
        _average,
    ),
    ("bounded function", (nn.Sigmoid, nn.Tanh, nn.Hardsigmoid), _bounded),
    (
        "function",
        (
            *(nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.ELU, nn.SELU, nn.CELU, nn.LogSigmoid, nn.Hardswish),
            *(nn.Softsign, nn.Tanhshrink),
        ),
        _growing,
    ),
    ("softmax", (nn.Softmax, nn.LogSoftmax), _softmax),
    ("interpolation", (nn.Upsample,), _interpolated),
)
