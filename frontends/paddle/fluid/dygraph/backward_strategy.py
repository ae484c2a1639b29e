"""Mirrors `paddle.fluid.dygraph.backward_strategy`."""

from __future__ import annotations

__all__ = ["BackwardStrategy"]


class BackwardStrategy:
    """How gradients are added up. `sort_sum_gradient` is kept, without effect: torch's order is always the same."""

    sort_sum_gradient = False
