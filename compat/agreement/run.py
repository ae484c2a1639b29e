"""Run cases on subjects and judge what comes back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from .comparison import Comparison, Verdict, compare
from .data import Operands, operands
from .definition import Values, evaluate
from .subjects import ENGINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .cases import Case
    from .data import Array
    from .subjects import Subject

Quantity: TypeAlias = Literal["output", "grad_input", "grad_weight", "grad_bias"]
Against: TypeAlias = Literal["definition", "engine"]

IDENTICAL = Comparison(Verdict.IDENTICAL)

QUANTITIES: tuple[Quantity, ...] = ("output", "grad_input", "grad_weight", "grad_bias")

# Products up to which the definition is evaluated in long double: NumPy has no fast matrix product for it.
PRECISE = 2e7
EXTENDED: dict[str, type[Any]] = {"float64": np.longdouble, "complex128": np.clongdouble}


class Status(str, Enum):
    """What a subject did with a case."""

    RAN = "ran"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Check:
    """One array of a result beside one reference."""

    quantity: Quantity
    against: Against
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Result:
    """One case on one form of one subject."""

    case: Case
    subject: str
    form: str
    status: Status
    reason: str | None = None
    output_shape: tuple[int, ...] | None = None
    checks: tuple[Check, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing here is a difference; what an API cannot express is none."""
        return all(check.comparison.ok or check.comparison.verdict is Verdict.REFUSED for check in self.checks) and (
            self.status is not Status.REFUSED or bool(self.checks)
        )

    @property
    def worst(self) -> Check | None:
        """The check that says most: a difference if there is one, else the one nearest its bound."""
        severity = {Verdict.IDENTICAL: 0, Verdict.REFUSED: 0, Verdict.WITHIN_ROUNDING: 1, Verdict.DIFFERENT: 2}

        def rank(check: Check) -> tuple[int, float, float]:
            outcome = check.comparison
            return (severity[outcome.verdict], outcome.max_eps or 0.0, outcome.max_ulp)

        return max(self.checks, key=rank, default=None)


@dataclass(frozen=True, slots=True)
class Expected:
    """The references of one case.

    Attributes:
        definition: None where the operator is illegal.
        magnitude: the scale of the rounding bound; None for integers, which need none.
        engine: what the engine gives, or the exception with which it refuses the case.
        seconds: how long the engine took.
        judged: the engine beside the definition, by quantity. Whoever has the engine's bits has its comparisons.
    """

    definition: Values | None
    magnitude: Values | None
    engine: Values | Exception
    seconds: float
    judged: dict[Quantity, Comparison]


def agree(cases: Iterable[Case], subjects: Sequence[Subject], *, every_form: bool = True) -> Iterator[Result]:
    """Run every case on every subject, one after the other, and judge each.

    Against the definition, integer data must be identical and normal data within rounding. Against the engine, a
    subject that is `bitwise` must give the same bits, the signs of zeros included.

    Args:
        cases: what to run.
        subjects: on what.
        every_form: whether to run layers, functions and whatever forms a subject has, or only the first one,
            which is the layer. Default: True.

    Yields:
        One result per case, subject and form, in that order.

    Example:
        >>> from fourfold.compat.agreement.catalogue import select
        >>> from fourfold.compat.agreement.subjects import SUBJECTS
        >>> [result.ok for result in agree(select(["option/groups-2"]), [SUBJECTS["megengine"]])]
        [True, True]
    """
    for case in cases:
        values = operands(case)
        expected = _expected(case, values)
        for subject in subjects:
            for form in subject.forms if every_form else subject.forms[:1]:
                yield _judge(case, values, expected, subject, form)


def define(case: Case, values: Operands) -> Values:
    """Evaluate the definition on the operands of a case, in more bits than its dtype has where that is affordable."""
    dtype = None
    if case.dtype in EXTENDED and case.data == "normal" and case.multiplications <= PRECISE:
        dtype = EXTENDED[case.dtype]
    return _evaluate(case, values, dtype)


def magnitudes(case: Case, values: Operands) -> Values:
    """Evaluate the operator and its gradients on absolute values: the scale of the rounding bound, in float32."""
    bias = None if values.bias is None else np.abs(values.bias)
    absolute = Operands(np.abs(values.input), np.abs(values.weight), bias, np.abs(values.upstream))
    scales = _evaluate(case, absolute, None)
    return Values(
        scales.output.astype(np.float32),
        scales.grad_input.astype(np.float32),
        scales.grad_weight.astype(np.float32),
        None if scales.grad_bias is None else scales.grad_bias.astype(np.float32),
    )


def _evaluate(case: Case, values: Operands, dtype: type[Any] | None) -> Values:
    geometry = case.geometry()
    return evaluate(
        *values,
        stride=geometry.stride,
        padding=geometry.padding,
        dilation=geometry.dilation,
        groups=case.groups,
        dtype=dtype,
    )


def _expected(case: Case, values: Operands) -> Expected:
    definition = magnitude = None
    if min(case.geometry().output_size) >= 0:
        definition = define(case, values)
        if case.data == "normal":
            magnitude = magnitudes(case, values)
    start = time.perf_counter()
    try:
        engine: Values | Exception = ENGINE.run(case, values, ENGINE.forms[0])
    except (ValueError, RuntimeError) as error:
        engine = error
    return Expected(definition, magnitude, engine, time.perf_counter() - start, {})


def _judge(case: Case, values: Operands, expected: Expected, subject: Subject, form: str) -> Result:
    reason = subject.unsupported(case, form)
    if reason is not None:
        return Result(case, subject.name, form, Status.UNSUPPORTED, reason)
    if subject is ENGINE and isinstance(expected.engine, Values):
        actual, seconds = expected.engine, expected.seconds
    else:
        start = time.perf_counter()
        try:
            actual = subject.run(case, values, form)
        except Exception as error:  # whatever a framework raises is a result
            return _refused(case, expected, subject, form, error)
        seconds = time.perf_counter() - start
    checks = tuple(_checks(case, actual, expected, subject))
    return Result(case, subject.name, form, Status.RAN, None, actual.output.shape, checks, seconds)


def _refused(case: Case, expected: Expected, subject: Subject, form: str, error: Exception) -> Result:
    """A refusal agrees with a refusal by the engine, and differs from everything else."""
    reason = f"{type(error).__name__}: {error}"
    checks: tuple[Check, ...] = ()
    if isinstance(expected.engine, Exception):
        checks = (Check("output", "engine", Comparison(Verdict.REFUSED, reason="both refuse the case")),)
    return Result(case, subject.name, form, Status.REFUSED, reason, checks=checks)


def _checks(case: Case, actual: Values, expected: Expected, subject: Subject) -> Iterator[Check]:
    if isinstance(expected.engine, Exception):
        reason = f"it ran a case that the engine refuses with {type(expected.engine).__name__}: {expected.engine}"
        yield Check("output", "engine", Comparison(Verdict.DIFFERENT, reason=reason))
        return
    for quantity in QUANTITIES:
        arrays = (getattr(actual, quantity), getattr(expected.engine, quantity))
        if all(array is None for array in arrays):
            continue
        if any(array is None for array in arrays):
            reason = f"{quantity} is {'missing' if arrays[0] is None else 'unexpected'}"
            yield Check(quantity, "engine", Comparison(Verdict.DIFFERENT, reason=reason))
            continue
        same = _same_bits(*arrays)
        if expected.definition is not None:
            known = expected.judged.get(quantity) if same else None
            comparison = known or _beside_definition(arrays[0], quantity, case, expected)
            if same:
                expected.judged[quantity] = comparison
            yield Check(quantity, "definition", comparison)
        if subject.bitwise and subject is not ENGINE:
            comparison = IDENTICAL if same else compare(*arrays, case.dtype)
            yield Check(quantity, "engine", comparison)


def _beside_definition(actual: Array, quantity: Quantity, case: Case, expected: Expected) -> Comparison:
    reference = getattr(expected.definition, quantity)
    scale = None if expected.magnitude is None else getattr(expected.magnitude, quantity)
    # real numbers have one zero: which of the two a sum gives is no matter of the definition
    return compare(actual, reference, case.dtype, magnitude=scale, opposite_zeros=True)


def _same_bits(left: Array, right: Array) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    first, second = (np.ascontiguousarray(side).reshape(-1).view(np.uint8) for side in (left, right))
    return np.array_equal(first, second)
