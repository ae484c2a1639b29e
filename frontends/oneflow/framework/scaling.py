"""Mirrors what `oneflow.amp` has for `nn.Graph`: scales of a loss, which a graph on the CPU does not need."""

from __future__ import annotations

__all__ = ["GradScaler", "StaticGradScaler"]


class GradScaler:
    """A scale that grows after so many steps, and shrinks where gradients are not finite.

    Args:
        init_scale: what it begins with. Default: 65536.
        growth_factor: what it is multiplied with. Default: 2.
        backoff_factor: what it shrinks by, `1 / growth_factor` in OneFlow 0.9. Default: 0.5.
        growth_interval: steps before it grows. Default: 2000.

    Raises:
        ValueError: the factors do not undo each other.
    """

    def __init__(
        self,
        init_scale: float = 65536.0,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
    ) -> None:
        if backoff_factor != 1.0 / growth_factor:
            msg = f"backoff_factor={backoff_factor}: only support 1.0/growth_factor, {1.0 / growth_factor}."
            raise ValueError(msg)
        self._init_scale, self._growth_factor = init_scale, growth_factor
        self._backoff_factor, self._growth_interval = backoff_factor, growth_interval


class StaticGradScaler:
    """A scale that stays.

    Raises:
        ValueError: it is not positive.
    """

    def __init__(self, scale_factor: float) -> None:
        if scale_factor <= 0.0:
            msg = f"scale_factor={scale_factor}: must be > 0.0."
            raise ValueError(msg)
        self._scale_factor = scale_factor
