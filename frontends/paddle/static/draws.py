"""What is drawn at random in a program: anew at every run."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

from .graph import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

__all__ = ["drawing"]


class Drawn(Variable):
    """What a program draws at random, anew at every run."""

    def result(self, known: dict[int, torch.Tensor], device: torch.device | None) -> torch.Tensor:
        with contextlib.nullcontext() if device is None else device:
            return super().result(known, device)


def drawing(function: Callable[..., Any], is_eager: Callable[[], bool]) -> Callable[..., Any]:
    """Return a function that draws at once, or where programs are written records that it draws at every run."""

    @functools.wraps(function)
    def drawn(*operands: Any, **options: Any) -> Any:
        call = function if is_eager() or Variable.computing else functools.partial(Drawn, function)
        return call(*operands, **options)

    return drawn
