"""Paddle's names: the recorded signatures of 3.3.1, the words that its functions share, and the rows that they make."""

from __future__ import annotations

from typing import Any

from ...backend import OperatorError, OperatorTypeError
from .. import calls
from ..names import Kept, Names, Signatures, nothing, reads
from .dtype import to_torch_dtype

__all__ = ["NAMES", "OperatorIndexError", "no_tensor"]


class OperatorIndexError(OperatorError, IndexError):
    """An axis or index that there is not: `ValueError` in Paddle, `IndexError` in torch."""


def no_tensor(where: str, name: str, position: int, value: Any) -> Exception:
    """Return the error about something that is no tensor, where one is needed."""
    return OperatorTypeError(calls.no_tensor(where, name, position, value, __name__))


def _dtype(dtype: Any) -> Any:
    return None if dtype is None else to_torch_dtype(dtype)


NAMES = Names(
    "paddle",
    __name__.rpartition(".")[0],
    Signatures("paddle", "3.3.1", before="2.6.2"),
    words={
        "x": "input",
        "y": "other",
        "axis": "dim",
        "dtype": reads(_dtype),
        "name": nothing("a name means something in static graphs only"),
    },
    options={
        "name": Kept(None, reason="a name means something in static graphs only"),
        "dtype": Kept("_dtype", None, _dtype),
        "device": Kept("_device", None),
    },
    attribute=lambda argument: f"_{argument}",
    tensors="x y input other label logit index mask arr weight values src target",
    refuse=no_tensor,
    errors={RuntimeError: OperatorError, IndexError: OperatorIndexError, TypeError: OperatorTypeError},
)
