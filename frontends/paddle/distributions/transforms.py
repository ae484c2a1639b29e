"""Mirrors the transforms of `paddle.distribution`; torch computes those of single values."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import torch
from torch.distributions import transforms as torchs

from ...names import Derived
from ...tensor import plain
from ..names import NAMES
from .distribution import Distribution, served

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ChainTransform", "IndependentTransform", "StackTransform", "Transform"]


def summed(value: Any, count: int) -> Any:
    """Return a sum over so many of the last axes."""
    return plain(value).flatten(-count).sum(-1) if count else plain(value)


def grown(transform: Transform, x: Any) -> Any:
    """Return the logarithm of how much volumes grow, for each value: one may be said for all."""
    found = plain(transform.forward_log_det_jacobian(x))
    return found.expand(x.shape[: x.dim() - transform.axes[0]])


class Transform:
    """A map of values. A user's own has `_forward`, `_inverse` and `_forward_log_det_jacobian`.

    Attributes:
        axes: how many axes a value has, before and after.
        injective: whether no two values become one.
    """

    axes = (0, 0)
    injective = True

    def __call__(self, input: Any) -> Any:
        """Return what becomes of a value; of a distribution, that of what becomes of its samples; or a chain.

        Raises:
            TypeError: it is none of these.
        """
        if isinstance(input, Distribution):
            return NAMES.get("distribution.TransformedDistribution")(input, [self])
        if isinstance(input, Transform):
            return ChainTransform([self, input])
        return self.forward(input)

    def forward(self, x: Any) -> Any:
        """Return what becomes of a value."""
        return self._applied("_forward", x, self.axes[0])

    def inverse(self, y: Any) -> Any:
        """Return what becomes a value."""
        return self._applied("_inverse", y, self.axes[1])

    def forward_log_det_jacobian(self, x: Any) -> Any:
        """Return the logarithm of how much volumes grow."""
        if not self.injective:
            msg = f"{type(self).__name__}: forward_log_det_jacobian can't be implemented when not injective."
            raise NotImplementedError(msg)
        return self._applied("_forward_log_det_jacobian", x, self.axes[0])

    def inverse_log_det_jacobian(self, y: Any) -> Any:
        """Return the logarithm of how much volumes grow on the way back."""
        return self._applied("_inverse_log_det_jacobian", y, self.axes[1])

    def forward_shape(self, shape: Any) -> Any:
        """Return the shape of what becomes of a value of a shape."""
        return tuple(self._forward_shape(tuple(shape)))

    def inverse_shape(self, shape: Any) -> Any:
        """Return the shape of what becomes a value of a shape."""
        return tuple(self._inverse_shape(tuple(shape)))

    def _applied(self, method: str, value: Any, axes: int) -> Any:
        if not isinstance(value, torch.Tensor):
            msg = f"Expected 'x' is a Tensor, but got {type(value).__name__}. Convert it with to_tensor()."
            raise TypeError(msg)
        if value.dim() < axes:
            msg = f"The dimensions of x({value.dim()}) should be greater than or equal to {axes}."
            raise ValueError(msg)
        found = getattr(self, method)(value)
        return served(found) if isinstance(found, torch.Tensor) else found

    def _forward(self, x: Any) -> Any:
        raise NotImplementedError

    def _inverse(self, y: Any) -> Any:
        raise NotImplementedError

    def _forward_log_det_jacobian(self, x: Any) -> Any:
        raise NotImplementedError

    def _inverse_log_det_jacobian(self, y: Any) -> Any:
        return -self._forward_log_det_jacobian(self.inverse(y))

    def _forward_shape(self, shape: tuple[int, ...]) -> Any:
        return shape

    def _inverse_shape(self, shape: tuple[int, ...]) -> Any:
        return shape


class Torchs(Transform):
    """A transform that torch computes.

    Attributes:
        kind: torch's class.
    """

    kind: Any

    def _begin(self, **parameters: Any) -> None:
        for name, value in parameters.items():
            if not isinstance(value, torch.Tensor) and name in ("loc", "scale", "power"):
                msg = f"Expected '{name}' is a Tensor, but got {type(value).__name__}. Convert it with to_tensor()."
                raise TypeError(msg)
            setattr(self, name, value)
        read = [plain(each) if isinstance(each, torch.Tensor) else each for each in parameters.values()]
        self._torchs = self.kind(*read)

    def _forward(self, x: Any) -> Any:
        return self._torchs(plain(x))

    def _inverse(self, y: Any) -> Any:
        return self._torchs.inv(plain(y))

    def _forward_log_det_jacobian(self, x: Any) -> Any:
        value = plain(x)
        return self._torchs.log_abs_det_jacobian(value, self._torchs(value))

    def _forward_shape(self, shape: tuple[int, ...]) -> Any:
        return self._torchs.forward_shape(shape)

    def _inverse_shape(self, shape: tuple[int, ...]) -> Any:
        return self._torchs.inverse_shape(shape)


class Halves(Torchs):
    """A transform of which two values become one, and both come back."""

    injective = False

    def _inverse(self, y: Any) -> Any:
        return served(-plain(y)), served(plain(y))

    def _inverse_log_det_jacobian(self, y: Any) -> Any:
        zero = served(torch.zeros((), dtype=y.dtype))
        return zero, zero


class ChainTransform(Transform):
    """Transforms one after the other.

    Raises:
        TypeError: something is no transform.
    """

    def __init__(self, transforms: Sequence[Transform]) -> None:
        self.transforms = _checked(transforms)
        first, last = 0, 0
        for each in reversed(self.transforms):
            first = max(each.axes[0], first - each.axes[1] + each.axes[0])
        for each in self.transforms:
            last = max(each.axes[1], last - each.axes[0] + each.axes[1])
        self.axes = first, last
        self.injective = all(each.injective for each in self.transforms)

    def _forward(self, x: Any) -> Any:
        return functools.reduce(lambda value, each: each.forward(value), self.transforms, x)

    def _inverse(self, y: Any) -> Any:
        return functools.reduce(lambda value, each: each.inverse(value), reversed(self.transforms), y)

    def _forward_log_det_jacobian(self, x: Any) -> Any:
        total: Any = 0
        axes = self.axes[0]
        for each in self.transforms:
            total = total + summed(grown(each, x), axes - each.axes[0])
            x, axes = each.forward(x), axes + each.axes[1] - each.axes[0]
        return total

    def _forward_shape(self, shape: tuple[int, ...]) -> Any:
        return functools.reduce(lambda found, each: each.forward_shape(found), self.transforms, shape)

    def _inverse_shape(self, shape: tuple[int, ...]) -> Any:
        return functools.reduce(lambda found, each: each.inverse_shape(found), reversed(self.transforms), shape)


class IndependentTransform(Transform):
    """A transform whose last axes count as one value.

    Raises:
        TypeError: the base is no transform.
        ValueError: there are no axes.
    """

    def __init__(self, base: Transform, reinterpreted_batch_rank: int) -> None:
        if not isinstance(base, Transform):
            msg = f"Expected 'base' is Transform type, but get {type(base).__name__}."
            raise TypeError(msg)
        if reinterpreted_batch_rank <= 0:
            msg = f"Expected 'reinterpreted_batch_rank' is grater than zero, but got {reinterpreted_batch_rank}."
            raise ValueError(msg)
        self._base, self._rank = base, reinterpreted_batch_rank
        self.axes = base.axes[0] + self._rank, base.axes[1] + self._rank
        self.injective = base.injective

    def _forward(self, x: Any) -> Any:
        return self._base.forward(x)

    def _inverse(self, y: Any) -> Any:
        return self._base.inverse(y)

    def _forward_log_det_jacobian(self, x: Any) -> Any:
        return summed(grown(self._base, x), self._rank)

    def _forward_shape(self, shape: tuple[int, ...]) -> Any:
        return self._base.forward_shape(shape)

    def _inverse_shape(self, shape: tuple[int, ...]) -> Any:
        return self._base.inverse_shape(shape)


class StackTransform(Transform):
    """Transforms side by side, one for each place along an axis.

    Raises:
        TypeError: something is no transform, or the axis no int.
    """

    def __init__(self, transforms: Sequence[Transform], axis: int = 0) -> None:
        if not isinstance(axis, int):
            msg = f"axis={axis!r} is a {type(axis).__name__}; it must be an int."
            raise TypeError(msg)
        self._transforms, self._axis = _checked(transforms), axis
        self.injective = all(each.injective for each in self._transforms)

    @property
    def transforms(self) -> Any:
        """The transforms, by place."""
        return self._transforms

    @property
    def axis(self) -> int:
        """The axis along which they are."""
        return self._axis

    def _each(self, method: str, value: Any) -> Any:
        values = torch.unbind(plain(value), self._axis)
        if len(values) != len(self._transforms):
            msg = f"axis {self._axis} has {len(values)} places; there are {len(self._transforms)} transforms."
            raise ValueError(msg)
        found = [getattr(each, method)(served(part)) for each, part in zip(self._transforms, values, strict=True)]
        return torch.stack([plain(each) for each in found], self._axis)

    def _forward(self, x: Any) -> Any:
        return self._each("forward", x)

    def _inverse(self, y: Any) -> Any:
        return self._each("inverse", y)

    def _forward_log_det_jacobian(self, x: Any) -> Any:
        return self._each("forward_log_det_jacobian", x)


def _checked(transforms: Any) -> list[Transform]:
    if not isinstance(transforms, (list, tuple)) or not all(isinstance(each, Transform) for each in transforms):
        msg = f"All elements of transforms should be Transform type; they are {transforms!r}."
        raise TypeError(msg)
    return list(transforms)


def transform(name: str, kind: Any, *, base: type = Torchs, axes: tuple[int, int] = (0, 0), **facts: Any) -> None:
    """Serve a transform that torch has."""
    takes = frozenset(NAMES.signatures.signature(f"distribution.{name}").parameters)
    NAMES.add(Derived(f"distribution.{name}", base, takes, facts={"kind": staticmethod(kind), "axes": axes, **facts}))


class Reshaped(Torchs):
    """A transform of shapes."""

    def _begin(self, in_event_shape: Any, out_event_shape: Any) -> None:  # type: ignore[override]
        super()._begin(in_event_shape=tuple(in_event_shape), out_event_shape=tuple(out_event_shape))
        self.axes = len(self.in_event_shape), len(self.out_event_shape)

    in_event_shape: Any
    out_event_shape: Any


transform("AbsTransform", torchs.AbsTransform, base=Halves)
transform(
    "AffineTransform",
    torchs.AffineTransform,
    _forward_log_det_jacobian=lambda self, x: torch.log(torch.abs(plain(self.scale))),
)
transform("ExpTransform", torchs.ExpTransform)
transform("PowerTransform", torchs.PowerTransform)
transform("SigmoidTransform", torchs.SigmoidTransform)
transform("TanhTransform", torchs.TanhTransform)
transform("SoftmaxTransform", torchs.SoftmaxTransform, axes=(1, 1), injective=False)
transform("StickBreakingTransform", torchs.StickBreakingTransform, axes=(1, 1))
transform("ReshapeTransform", torchs.ReshapeTransform, base=Reshaped)
