"""Mistakes that are made in gradients alone: a right output, and another derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..expectation import define
from .hypotheses import SUBSETS, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..cases import Case
    from ..data import Array, Operands
    from ..expectation import Quantity

NAMES = {
    "grad_input": "the input's gradient",
    "grad_weight": "the weight's gradient",
    "grad_bias": "the bias's gradient",
}


def alterations(case: Case, operands: Operands, quantity: Quantity, expected: Array) -> Iterator[tuple[str, Array]]:
    """Yield what a gradient may be in place of the expected one, in words and as an array."""
    name = NAMES[quantity]
    batch = case.batch or 1
    factors = {"zero": 0.0, "negated": -1.0, "doubled": 2.0, "halved": 0.5}
    if batch > 1:
        factors |= {"divided by the batch size": 1 / batch, "multiplied by the batch size": float(batch)}
    if case.groups > 1:
        factors |= {"divided by groups": 1 / case.groups, "multiplied by groups": float(case.groups)}
    for how, factor in factors.items():
        yield f"{name} is {how}", expected * factor
    if np.iscomplexobj(expected):
        yield f"{name} is not conjugated", expected.conj()
    if quantity != "grad_bias":
        for axes in SUBSETS:
            flipped = np.flip(expected, tuple(axis - 3 for axis in axes))
            yield f"{name} is flipped {along(axes)}", flipped
    if quantity == "grad_weight" and expected.shape[0] == expected.shape[1]:
        yield f"{name} has its channels swapped", expected.swapaxes(0, 1)
    if quantity != "grad_input" and batch > 1:
        for words, volume in (("first", 0), ("last", batch - 1)):
            upstream = np.zeros_like(operands.upstream)
            upstream[volume] = operands.upstream[volume]
            alone = getattr(define(case, operands._replace(upstream=upstream)), quantity)
            yield f"{name} counts the {words} volume of a batch alone", alone
