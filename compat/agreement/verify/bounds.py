"""How far a layer's output may lie from the recorded one when both had the same input and parameters.

Sums go by `rounding`, with two sides that round; docs/bounds.md derives the rest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy.typing as npt
import torch
from torch import nn

from ....frontends.kinds import kind_of
from ....frontends.tensor import plain
from ...porting import Kind, layer_of
from ...porting.dialects import said
from ...porting.kinds import normalized_shape
from ..formats import FORMATS
from ..rounding import Sums, growth, limit
from .arrays import array, dtype_name
from .norms import is_channel_last, norm_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..formats import Format
    from .norms import Norm

Array = npt.NDArray[Any]
Arguments: TypeAlias = tuple[tuple[Any, ...], dict[str, Any]]

# exp, tanh, erf and the like are approximated, within a few eps on either side: libraries state 1 to 4 ULP. Both sides
# together may differ by this many eps of the magnitude.
FUNCTION = 5.0
# One element of a normalisation passes seven roundings on either side: of epsilon, root, quotient, products and sums.
# Together they are at most this many eps of its magnitude.
STEPS = 7.0


@dataclass(frozen=True, slots=True)
class Bound:
    """How far an output may lie from the recorded one.

    Attributes:
        rule: what made it.
        limit: for each element; None demands equality.
        magnitude: in eps of which a distance is told; None likewise.
    """

    rule: str
    limit: Array | None = None
    magnitude: Array | None = None


class Allowed(NamedTuple):
    """A limit and the magnitude in eps of which a distance is told."""

    limit: Array
    magnitude: Array


def bound(module: nn.Module, arguments: Arguments, recorded: torch.Tensor) -> Bound:
    """Return the bound of the output of one call.

    Args:
        module: the layer, with its parameters loaded and without hooks that interfere.
        arguments: positional and keyword arguments of the call.
        recorded: the recorded output, in the shape of the output here.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> layer.load_state_dict({"weight": torch.tensor([[1.0, -1.0]]), "bias": torch.tensor([-0.5])})
        <All keys matched successfully>
        >>> found = bound(layer, ((torch.tensor([[3.0, 3.0]]),), {}), torch.tensor([[-0.5]]))
        >>> found.rule, found.magnitude, found.limit * 2**24  # twice 4 roundings of (6.5 + 0.5) / 2
        ('linear', array([[6.5]], dtype=float32), array([[28.]], dtype=float32))
    """
    kind = FORMATS.get(dtype_name(recorded))
    with torch.no_grad():
        found = kind_of(module)
        rule, function = _BY_KIND.get("" if found is None else found.name, ("other", _largest))
        if kind is None:
            return Bound(rule)
        return Bound(rule, *(function(module, arguments, recorded, kind) or ()))


def _linear(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    """Return the bound of sums of products, which are counted by the layer itself, on ones."""
    wide = _wide(recorded)

    def run(change: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        def changed(value: Any) -> Any:
            if not isinstance(value, torch.Tensor) or not (value.is_floating_point() or value.is_complex()):
                return value
            return change(plain(value).detach()).to(wide)

        state = {name: changed(tensor) for name, tensor in nn.Module.named_parameters(module)}
        positional, keywords = arguments
        keywords = {name: changed(value) for name, value in keywords.items()}
        result: torch.Tensor = torch.func.functional_call(module, state, tuple(map(changed, positional)), keywords)
        return plain(result)

    return _summed(run(lambda value: torch.ones_like(value.abs())), run(torch.abs), recorded, kind)


def _average(module: Any, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    """Return what `_linear` does, for n products of size x / n, or a sum that is divided by n."""
    x = _input(arguments)
    axes = x.ndim - 2 if x.ndim > 2 else 1
    kernel = said(module, "kernel_size")
    if kernel is not None:
        products = math.prod(kernel)
    else:
        # adaptive windows reach into the voxels on their borders
        sizes = zip(x.shape[-axes:], recorded.shape[-axes:], strict=True)
        products = math.prod(min(-(-there // max(here, 1)) + 1, there) for there, here in sizes)
    size: torch.Tensor = module(x.abs().to(_wide(recorded)))
    return _summed(torch.tensor(float(products)), size, recorded, kind)


def _summed(terms: torch.Tensor, magnitude: torch.Tensor, value: torch.Tensor, kind: Format) -> Allowed:
    sums = Sums(array(terms), array(magnitude))
    return Allowed(limit(sums, array(value), kind), sums.magnitude)


def _scaled(magnitude: torch.Tensor, kind: Format, units: float = FUNCTION) -> Allowed:
    size = array(magnitude.double())
    return Allowed(units * kind.eps * size, size)


def _equality(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> None:
    return None


def _dropped(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed | None:
    # Paddle's other mode multiplies in eval()
    scales = said(module, "dropout_mode", "upscale_in_train") != "upscale_in_train"
    return _product(module, arguments, recorded, kind) if scales else None


def _product(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    # one rounding on either side, of eps / 2 each
    return _scaled(recorded.abs(), kind, 1.0)


def _bounded(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    return _scaled(torch.ones_like(recorded), kind)


def _growing(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    return _scaled(1 + _input(arguments).abs(), kind)


def _softmax(module: Any, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    x = _input(arguments).double()
    axis = said(module, "dim")
    axis = (0 if x.ndim in (0, 1, 3) else 1) if axis is None else axis
    distance = x.amax(axis, keepdim=True) - x
    # the sum of the exponentials, none of which is negative, errs relatively
    of_sum = _growth(x.shape[axis], kind)
    if kind_of(module) == kind_of(nn.LogSoftmax):
        return _plus(_scaled(distance + x.abs() + recorded.abs(), kind), torch.full_like(distance, of_sum))
    size = recorded.double().abs()
    return _plus(_scaled(size * (1 + distance), kind), size * of_sum)


def _batch_norm(module: Any, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    last = is_channel_last(module)
    x = _input(arguments).double()
    x = x.movedim(-1, 1) if last else x
    columns = (1, -1) + (1,) * (x.ndim - 2)
    norm = norm_of(module)
    weight, bias = _affine(norm, columns)
    if norm.by_batch or norm.mean is None or norm.variance is None:
        axes = tuple(axis for axis in range(x.ndim) if axis != 1)
        sort = layer_of(module)
        if sort is not None and sort.kind is Kind.INSTANCE_NORM:
            axes = axes[1:]
        size, more = _standardised(x, axes, norm.epsilon, weight, bias, kind)
    else:
        scale = weight / (norm.variance.double().view(columns) + norm.epsilon).sqrt()
        size = scale * (x.abs() + norm.mean.double().view(columns).abs()) + bias
        more = torch.zeros_like(size)
    if last:
        size, more = size.movedim(1, -1), more.movedim(1, -1)
    return _plus(_scaled(size, kind, STEPS), more)


def _group_norm(module: Any, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    last = is_channel_last(module)
    x = _input(arguments).double()
    x = x.movedim(-1, 1) if last else x
    norm = norm_of(module)
    grouped = x.reshape(x.shape[0], norm.groups, x.shape[1] // norm.groups, *x.shape[2:])
    columns = (1, *grouped.shape[1:3]) + (1,) * (x.ndim - 2)
    weight, bias = _affine(norm, columns)
    axes = tuple(range(2, grouped.ndim))
    size, more = (one.reshape(x.shape) for one in _standardised(grouped, axes, norm.epsilon, weight, bias, kind))
    if last:
        size, more = size.movedim(1, -1), more.movedim(1, -1)
    return _plus(_scaled(size, kind, STEPS), more)


def _layer_norm(module: Any, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    x = _input(arguments).double()
    norm, sizes = norm_of(module), normalized_shape(module)
    weight, bias = _affine(norm, sizes)
    size, more = _standardised(x, tuple(range(-len(sizes), 0)), norm.epsilon, weight, bias, kind)
    return _plus(_scaled(size, kind, STEPS), more)


def _standardised(
    x: torch.Tensor, axes: tuple[int, ...], epsilon: float, weight: torch.Tensor, bias: torch.Tensor, kind: Format
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the magnitude where mean and variance come from n values of the data, and what their errors add.

    Mean and mean square are sums, off by the bound of such. The variance may be taken as E[x^2] - mean^2, whose error
    is that of E[x^2] and of the mean; half of its relative error is the result's.
    """
    grown = _growth(math.prod(x.shape[axis] for axis in axes), kind)
    mean = x.mean(axes, keepdim=True)
    square = (x * x).mean(axes, keepdim=True)
    spread = x.var(axes, correction=0, keepdim=True) + epsilon
    scale = weight / spread.sqrt()
    of_mean = grown * (x.abs().mean(axes, keepdim=True) + mean.abs()) / 2
    of_spread = grown * square + 2 * mean.abs() * of_mean
    size = scale * (x.abs() + mean.abs()) + bias
    return size, (scale * (of_mean + (x - mean).abs() * of_spread / (2 * spread))).expand_as(size)


def _growth(terms: int, kind: Format) -> float:
    """Return how far two sums of so many terms of one sign may be apart, relatively."""
    return kind.eps / 2 * float(growth(2 * (terms + 1)))


def _plus(allowed: Allowed, more: torch.Tensor) -> Allowed:
    return allowed._replace(limit=allowed.limit + array(more))


def _interpolated(module: Any, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed | None:
    if said(module, "mode") in ("nearest", "nearest-exact"):
        return None
    x = _input(arguments)
    # Coordinates reach the size of an axis, and an error of one is an error of the weights.
    return _scaled((max(x.shape[2:]) * x.abs().amax()).expand_as(recorded), kind)


def _largest(module: nn.Module, arguments: Arguments, recorded: torch.Tensor, kind: Format) -> Allowed:
    """Return a bound where nothing is known of the layer: by the largest value."""
    return _scaled(recorded.abs().amax().expand_as(recorded) if recorded.numel() else recorded.abs(), kind)


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


Rule: TypeAlias = "Callable[[Any, Arguments, torch.Tensor, Format], Allowed | None]"

# by kinds (`frontends/kinds.py`)
RULES: tuple[tuple[str, str, Rule], ...] = (
    ("linear", "ConvTransposeNd ConvNd Linear", _linear),
    ("linear", "AvgPoolNd AdaptiveAvgPoolNd", _average),
    ("normalisation", "BatchNormNd InstanceNormNd", _batch_norm),
    ("normalisation", "GroupNorm", _group_norm),
    ("normalisation", "LayerNorm", _layer_norm),
    ("product", "PReLU LeakyReLU Softshrink", _product),
    (
        "equality",
        "Embedding ReLU ReLU6 Hardtanh Hardshrink Threshold Identity Flatten Unflatten Unfold PadNd MaxPoolNd "
        "AdaptiveMaxPoolNd MaxUnpoolNd PixelShuffle PixelUnshuffle ChannelShuffle UpsamplingNearestNd",
        _equality,
    ),
    ("equality", "Dropout DropoutNd", _dropped),
    ("bounded function", "Sigmoid Tanh Hardsigmoid", _bounded),
    ("function", "GELU SiLU Mish Softplus ELU SELU CELU LogSigmoid Hardswish Softsign Tanhshrink", _growing),
    ("softmax", "Softmax LogSoftmax", _softmax),
    ("interpolation", "Upsample UpsamplingBilinearNd", _interpolated),
)
_BY_KIND = {kind: (rule, function) for rule, kinds, function in RULES for kind in kinds.split()}
