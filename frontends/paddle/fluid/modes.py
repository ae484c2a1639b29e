"""What fluid's dygraph has one of for the whole process: whether it is on, and whether it trains."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["dygraph", "enter", "is_on", "is_training", "leave", "set_training"]

_on = False
_training = True


def is_on() -> bool:
    """Whether `enable_dygraph` or a `guard` holds."""
    return _on


def is_training() -> bool:
    """Whether functions such as `fluid.layers.dropout` train: the last `train()` or `eval()` of any layer says."""
    return _training


def set_training(training: bool) -> None:
    """Let functions train, or not."""
    global _training  # noqa: PLW0603
    _training = training


def enter() -> None:
    """Turn dygraph on, in training mode."""
    global _on, _training
    _on, _training = True, True


def leave() -> None:
    """Turn dygraph off."""
    global _on  # noqa: PLW0603
    _on = False


@contextlib.contextmanager
def dygraph() -> Iterator[None]:
    """Turn dygraph on inside the block, with a training mode of its own."""
    global _on, _training
    before = _on, _training
    enter()
    try:
        yield
    finally:
        _on, _training = before
