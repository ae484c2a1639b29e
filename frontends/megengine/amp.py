"""Mirrors `megengine.amp`: computing in a shorter dtype, and scaling what would vanish in it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypedDict

import torch

from .casting import Precision
from .tensor import Tensor, torch_dtype

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

    from .autodiff import GradManager

__all__ = ["GradScaler", "autocast"]


class autocast(contextlib.ContextDecorator):  # noqa: N801, its name
    """Inside of it, or in a function that it decorates, convolutions and products are computed in a shorter dtype.

    Args:
        enabled: whether to do so. Default: True.
        low_prec_dtype: the shorter one. Default: 'float16'.
        high_prec_dtype: that of functions which lose too much in it, such as `exp` and `log`. Default: 'float32'.
    """

    def __init__(self, enabled: bool = True, low_prec_dtype: str = "float16", high_prec_dtype: str = "float32") -> None:
        self.enabled = enabled
        self.low_prec_dtype = low_prec_dtype
        self.high_prec_dtype = high_prec_dtype
        self._before: list[tuple[torch.dtype | None, torch.dtype]] = []

    def __enter__(self) -> Self:
        self._before.append((Precision.low, Precision.high))
        if self.enabled:
            Precision.low, Precision.high = torch_dtype(self.low_prec_dtype), torch_dtype(self.high_prec_dtype)
        return self

    def __exit__(self, *_: object) -> None:
        Precision.low, Precision.high = self._before.pop()


class ScalerState(TypedDict):
    """What a `GradScaler` goes on with."""

    scale_factor: float
    growth_factor: float
    backoff_factor: float
    growth_interval: int
    _growth_tracker: int


class GradScaler:
    """Multiplies losses by a factor and divides gradients by it; the factor follows what the dtype can hold.

    Args:
        init_scale: the factor at the beginning. Default: 16.
        growth_factor: by which it grows after `growth_interval` steps without infinities. Default: 2.
        backoff_factor: by which it shrinks after one with. Default: 0.5.
        growth_interval: number of steps; with 0 the factor stays, and nobody looks for infinities. Default: 2000.
    """

    def __init__(
        self,
        init_scale: float = 16.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
    ) -> None:
        self.scale_factor = float(init_scale)
        self.growth_factor = float(growth_factor)
        self.backoff_factor = float(backoff_factor)
        self.growth_interval = growth_interval
        self._growth_tracker = 0
        self._found_non_finite = False

    def backward(
        self,
        gm: GradManager,
        y: Any = None,
        dy: Any = None,
        *,
        unscale_grad: bool = True,
        update_scale: Any = "if_unscale_grad",
    ) -> None:
        """Let a `GradManager` find the gradients of scaled losses.

        Args:
            gm: the manager.
            y: a tensor, or several.
            dy: their weights. Default: None, ones.
            unscale_grad: whether the gradients are divided again at once. Default: True.
            update_scale: whether the factor is updated then. Default: 'if_unscale_grad', yes.
        """
        outputs = [] if y is None else list(y) if isinstance(y, (tuple, list)) else [y]
        if dy is None:
            weights = [torch.full_like(each, self.scale_factor) for each in outputs]
        else:
            weights = [each * self.scale_factor for each in (dy if isinstance(dy, (tuple, list)) else [dy])]
        gm.backward(outputs, weights)
        if unscale_grad:
            self.unscale(gm.attached_tensors())
            if update_scale:
                self.update()

    def unscale(self, grad_tensors: Iterable[Any]) -> Self:
        """Divide the gradients of tensors; where one is not finite, all are None."""
        tensors = [each for each in grad_tensors if each is not None and each.grad is not None]
        for each in tensors:
            each.grad = (each.grad * (1.0 / self.scale_factor)).as_subclass(Tensor)
        if self.growth_interval and not all(bool(torch.isfinite(each.grad).all()) for each in tensors):
            self._found_non_finite = True
            for each in tensors:
                each.grad = None
        return self

    def update(self, new_scale: float | None = None) -> None:
        """Set the factor, or let it follow the steps since the last time."""
        if not self.growth_interval:
            return
        if new_scale is not None:
            self.scale_factor = float(new_scale)
        elif self._found_non_finite:
            self.scale_factor *= self.backoff_factor
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker >= self.growth_interval:
                self.scale_factor *= self.growth_factor
                self._growth_tracker = 0
        self._found_non_finite = False

    def state_dict(self) -> ScalerState:
        """Return what it goes on with."""
        return {
            "scale_factor": self.scale_factor,
            "growth_factor": self.growth_factor,
            "backoff_factor": self.backoff_factor,
            "growth_interval": self.growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state: ScalerState) -> None:
        """Go on with what another had."""
        self.scale_factor = state["scale_factor"]
        self.growth_factor = state["growth_factor"]
        self.backoff_factor = state["backoff_factor"]
        self.growth_interval = state["growth_interval"]
        self._growth_tracker = state["_growth_tracker"]
