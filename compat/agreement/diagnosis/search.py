"""Which hypotheses explain a difference: evaluated on its own data, and kept where nothing is left to differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from ..comparison import Verdict
from ..data import round_bfloat16
from ..expectation import QUANTITIES, define, judge, sums
from .gradients import alterations
from .hypotheses import hypotheses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..cases import Case
    from ..data import Array, Operands
    from ..definition import Values
    from ..expectation import Quantity
    from ..run import Check
    from .hypotheses import Hypothesis

# Differences of one kind on which everything is tried; later ones are tried on what explained these.
TRIED = 12
# Products above which a case is not tried: a hundred evaluations of the definition would take long.
LARGEST = 1_000_000


class Search:
    """Finds what would make results equal. After some of a kind it tries only what explained earlier ones."""

    def __init__(self) -> None:
        self._tried: Counter[tuple[str, str, str]] = Counter()
        self._explained: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._on_integers: set[tuple[str, str, str]] = set()

    def equal_if(
        self, case: Case, operands: Operands, actual: Values, checks: Sequence[Check], subject: str, form: str
    ) -> tuple[str, ...]:
        """Return the words of each hypothesis that explains a difference; none where there is none.

        Args:
            case: that ran.
            operands: on which.
            actual: what came out.
            checks: of it.
            subject: whose it is.
            form: of the subject.
        """
        quantity = first_different(checks)
        if quantity is None or case.multiplications > LARGEST:
            return ()
        # integers decide, bit for bit; normal data has something to add where they agree
        if case.data == "integers":
            self._on_integers.add((subject, form, case.id))
        elif (subject, form, case.id) in self._on_integers:
            return ()
        kind = (subject, form, quantity)
        known = self._explained[kind]
        if self._tried[kind] < TRIED:
            self._tried[kind] += 1
            found = tuple(_explaining(case, operands, actual, quantity))
        else:
            found = tuple(_explaining(case, operands, actual, quantity, only=known))
        known.update(found)
        return found


def first_different(checks: Sequence[Check]) -> Quantity | None:
    """Return the first quantity that differs: what gradients are of a wrong output says nothing."""
    wrong = {check.quantity for check in checks if check.comparison.verdict is Verdict.DIFFERENT}
    return next((quantity for quantity in QUANTITIES if quantity in wrong), None)


def _explaining(
    case: Case, operands: Operands, actual: Values, quantity: Quantity, only: set[str] | None = None
) -> Iterator[str]:
    array = getattr(actual, quantity)
    if array is None:
        return
    if case.dtype == "float32" and case.data == "normal":
        yield from _coarse(array)
    if quantity != "output":
        yield from (words for words in _altered(case, operands, array, quantity) if only is None or words in only)
    for hypothesis in hypotheses(case, operands):
        if (only is None or hypothesis.words in only) and _fits(hypothesis, array, quantity):
            yield hypothesis.words


def _coarse(array: Array) -> Iterator[str]:
    """Yield the format whose values alone an array has."""
    if np.array_equal(round_bfloat16(array), array):
        yield "the result is rounded to bfloat16"
    elif np.array_equal(array.astype(np.float16).astype(array.dtype), array):
        yield "the result is rounded to float16"


def _altered(case: Case, operands: Operands, array: Array, quantity: Quantity) -> Iterator[str]:
    expected = getattr(define(case, operands), quantity)
    added = sums(case, operands)[quantity] if case.data == "normal" else None
    for words, altered in alterations(case, operands, quantity, expected):
        if altered.shape == array.shape and judge(case, added, array, altered, defined=True).ok:
            yield words


def _fits(hypothesis: Hypothesis, array: Array, quantity: Quantity) -> bool:
    case, operands = hypothesis.case, hypothesis.operands
    size = case.geometry().output_size
    if min(size) < 0 or (quantity != "output" and hypothesis.after is not None):
        return False
    of_output = (*operands.upstream.shape[:-3], *size)
    if quantity == "output":
        if hypothesis.after is None and of_output != array.shape:
            return False
        operands = operands._replace(upstream=np.zeros(of_output, operands.upstream.dtype))
    elif of_output != operands.upstream.shape:
        return False
    expected = getattr(define(case, operands), quantity)
    if hypothesis.after is not None:
        expected = hypothesis.after(expected)
    if expected is None or expected.shape != array.shape:
        return False
    added = sums(case, operands)[quantity] if case.data == "normal" and hypothesis.after is None else None
    return judge(case, added, array, expected, defined=True).ok
