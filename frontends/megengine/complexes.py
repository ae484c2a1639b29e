"""Rows of complex numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError
from ..names import reads
from .names import NAMES
from .operands import operands
from .tensor import Tensor as MegEngineTensor

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def joined(real: Any, imag: Any) -> Tensor:
    """Return complex numbers of two parts, each a tensor or a number."""
    parts = (each if isinstance(each, torch.Tensor) else MegEngineTensor(each) for each in (real, imag))
    return torch.complex(*torch.broadcast_tensors(*parts))  # type: ignore[no-untyped-call]


def part(compute: Any) -> Any:
    """Return a function of complex numbers alone.

    Raises:
        RuntimeError: a number is real (a ValueError too).
    """

    def of_complex(number: Any) -> Tensor:
        (value,) = operands(number)
        if not value.is_complex():
            msg = f"{compute.__name__} of {value.dtype}: MegEngine has it of complex numbers. Use the tensor itself."
            raise OperatorError(msg)
        return torch.clone(compute(value))

    return of_complex


def turned(abs: Any, angle: Any) -> Tensor:
    """Return complex numbers of these sizes in these directions."""
    size, direction = operands(abs, angle)
    return joined(torch.mul(size, torch.cos(direction)), torch.mul(size, torch.sin(direction)))


fn("functional.complex", joined)
fn("functional.real", part(torch.real), complex=reads(lambda value: value, "number"))
fn("functional.imag", part(torch.imag), complex=reads(lambda value: value, "number"))
fn("functional.polar", turned)
