"""Mirrors `oneflow.sbp`: how a global tensor is spread over processes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

__all__ = ["broadcast", "partial_sum", "sbp", "split"]


@dataclass(frozen=True)
class sbp:  # noqa: N801, its name
    """How a tensor is spread: split along an axis, a copy in each process, or summands of it."""

    text: str

    def __call__(self) -> sbp:
        """Return itself: `sbp.broadcast()` is `sbp.broadcast`."""
        return self

    def __repr__(self) -> str:
        return f"oneflow.sbp.{self.text}"


broadcast, partial_sum = sbp("broadcast"), sbp("partial_sum")


def split(dim: int | None = None, **kwargs: Any) -> sbp:
    """Return how a tensor is split along an axis.

    Raises:
        TypeError: no axis is given.
    """
    if dim is None and "axis" in kwargs:
        warnings.warn("'axis' of oneflow.sbp.split() is 'dim' since OneFlow 0.8.", stacklevel=2)
        dim = kwargs.pop("axis")
    if dim is None or kwargs:
        msg = f"split() takes 'dim', the axis; dim={dim}, others {sorted(kwargs)}."
        raise TypeError(msg)
    return sbp(f"split(dim={dim})")
