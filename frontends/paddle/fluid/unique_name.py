"""Mirrors `paddle.fluid.unique_name`: Paddle's counters."""

from __future__ import annotations

from ..unique_name import generate, guard, switch

__all__ = ["generate", "guard", "switch"]
