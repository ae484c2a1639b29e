"""Mirrors `oneflow.no_grad` and its kin: contexts, decorators when called, and nothing until they are entered."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]


class _Mode(ContextDecorator):
    """Records gradients inside, or does not, and goes on as before after it."""

    records = True
    _before: Any = ()

    def __enter__(self) -> Self:
        self._before = (self._before, torch.is_grad_enabled())
        torch.set_grad_enabled(self.records)
        return self

    def __exit__(self, *_: object) -> None:
        self._before, before = self._before
        torch.set_grad_enabled(before)


class set_grad_enabled(_Mode):  # noqa: N801, its name
    """Record gradients inside where `is_train` is true; a call alone changes nothing, unlike torch's.

    >>> flow_off = set_grad_enabled(False)
    >>> torch.is_grad_enabled()
    True
    """

    def __init__(self, is_train: bool = True) -> None:
        self.records = self.is_train = is_train


class enable_grad(_Mode):  # noqa: N801, its name
    """Record gradients inside."""

    def __init__(self) -> None:
        """Take nothing: as a decorator it is written with parentheses."""


class no_grad(_Mode):  # noqa: N801, its name
    """Record no gradients inside."""

    records = False

    def __init__(self) -> None:
        """Take nothing: as a decorator it is written with parentheses."""


class inference_mode(_Mode):  # noqa: N801, its name
    """Record no gradients inside, or record them where `mode` is false; what is made there is like any tensor."""

    def __init__(self, mode: bool = True) -> None:
        self.infer_mode, self.records = mode, not mode
