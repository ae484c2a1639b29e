"""Run cases on subjects and judge what comes back."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from .comparison import Comparison, Verdict, compare
from .data import operands
from .definition import Values
from .diagnosis.search import Search
from .environments import BrokenEnvironmentError
from .expectation import QUANTITIES, define, judge, sums
from .picture import Picture, picture
from .subjects import ENGINE
from .subjects.release import environment_of
from .subjects.remote import DidNotRunError, Remote
from .worker import WorkerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from .cases import Case
    from .data import Array, Operands
    from .expectation import Quantity
    from .rounding import Sums
    from .subjects import Subject

# "definition", "engine", "front end", or the name of another subject
Against: TypeAlias = str

IDENTICAL = Comparison(Verdict.IDENTICAL)

# Processes that compute at the same time.
AT_ONCE = 2


class Status(str, Enum):
    """What a subject did with a case."""

    RAN = "ran"
    REFUSED = "refused"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Check:
    """One array of a result beside one reference."""

    quantity: Quantity
    against: Against
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Result:
    """One case on one form of one subject.

    Attributes:
        case: what ran.
        subject: on what.
        form: `layer`, `functional`, ...
        status: what it did.
        reason: why it refused, how it died, or why its API cannot express the case.
        output_shape: of what came back.
        checks: what is demanded of it, beside the references.
        seconds: wall time of output and gradients.
        beside: beside other frameworks, which is told and not demanded.
        picture: slices of the first array that differs.
        known: the reason of the deviation entry that explains a difference.
        equal_if: what would make a difference equal, as the hypotheses of `diagnosis` say it.
    """

    case: Case
    subject: str
    form: str
    status: Status
    reason: str | None = None
    output_shape: tuple[int, ...] | None = None
    checks: tuple[Check, ...] = ()
    seconds: float = 0.0
    beside: tuple[Check, ...] = ()
    picture: Picture | None = None
    known: str | None = None
    equal_if: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing here is a difference; what an API cannot express is none, and what is known is explained."""
        return self.known is not None or self.outcome in ("agrees", Status.UNSUPPORTED.value)

    @property
    def outcome(self) -> str:
        """What it came to: agrees, different, refused, crashed, timeout or unsupported."""
        if self.status is not Status.RAN and not (self.status is Status.REFUSED and self.checks):
            return str(self.status.value)
        agrees = all(check.comparison.ok or check.comparison.verdict is Verdict.REFUSED for check in self.checks)
        return "agrees" if agrees else "different"

    @property
    def worst(self) -> Check | None:
        """The check that says most: a difference if there is one, else the one nearest its bound."""
        severity = {Verdict.IDENTICAL: 0, Verdict.REFUSED: 0, Verdict.WITHIN_ROUNDING: 1, Verdict.DIFFERENT: 2}

        def rank(check: Check) -> tuple[int, float, float]:
            outcome = check.comparison
            return (severity[outcome.verdict], outcome.of_bound or 0.0, outcome.max_ulp)

        return max(self.checks, key=rank, default=None)


@dataclass(frozen=True, slots=True)
class Expected:
    """The references of one case.

    Attributes:
        definition: None where the operator is illegal.
        sums: what is added up, for the rounding bound, by quantity; none for integers, which are exact.
        engine: what the engine gives, or the exception with which it refuses the case.
        seconds: how long the engine took.
        judged: the engine beside the definition, by quantity. Whoever has the engine's bits has its comparisons.
    """

    definition: Values | None
    sums: dict[Quantity, Sums]
    engine: Values | Exception
    seconds: float
    judged: dict[Quantity, Comparison]


def agree(
    cases: Iterable[Case], subjects: Sequence[Subject], *, every_form: bool = True, form: str | None = None
) -> Iterator[Result]:
    """Run every case on every subject, one after the other, and judge each.

    Against the definition, integer data must be identical and normal data within rounding. Against the engine, a
    subject that is `bitwise` must give the same bits, the signs of zeros included.

    Args:
        cases: what to run.
        subjects: on what.
        every_form: whether to run layers, functions and whatever forms a subject has, or only the first one,
            which is the layer. Default: True.
        form: the only one to run. Default: None.

    Yields:
        One result per case, subject and form, in that order.

    Example:
        >>> from fourfold.compat.agreement.catalogue import select
        >>> from fourfold.compat.agreement.subjects import SUBJECTS
        >>> [result.ok for result in agree(select(["option/groups-2"]), [SUBJECTS["megengine"]])]
        [True, True]
    """
    forms = {subject.name: forms_of(subject, every_form, form) for subject in subjects}
    pool, search = ThreadPoolExecutor(AT_ONCE), Search()
    try:
        for case in cases:
            values = operands(case)
            asked = {
                subject.name: pool.submit(_run_all, case, values, subject, forms[subject.name])
                for subject in subjects
                if isinstance(subject, Remote)
            }
            yield from _of_case(case, values, subjects, forms, asked, search)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def forms_of(subject: Subject, every_form: bool, form: str | None = None) -> tuple[str, ...]:
    """Return the forms of a subject that are to run."""
    if form is not None:
        return tuple(name for name in subject.forms if name == form)
    return subject.forms if every_form else subject.forms[:1]


def _expected(case: Case, values: Operands) -> Expected:
    definition = None
    added: dict[Quantity, Sums] = {}
    if min(case.geometry().output_size) >= 0:
        definition = define(case, values)
        if case.data == "normal":
            added = sums(case, values)
    start = time.perf_counter()
    try:
        engine: Values | Exception = ENGINE.run(case, values, ENGINE.forms[0])
    except (ValueError, RuntimeError) as error:
        engine = error
    return Expected(definition, added, engine, time.perf_counter() - start, {})


class Run(NamedTuple):
    """What one form of one subject gave: values, an exception, or the reason why it cannot be asked."""

    outcome: Values | Exception | str
    seconds: float = 0.0


def _run_all(case: Case, values: Operands, subject: Subject, forms: tuple[str, ...]) -> dict[str, Run]:
    return {form: _run(case, values, subject, form) for form in forms}


def _run(case: Case, values: Operands, subject: Subject, form: str) -> Run:
    reason = subject.unsupported(case, form)
    if reason is not None:
        return Run(reason)
    start = time.perf_counter()
    try:
        outcome: Values | Exception = subject.run(case, values, form)
    except (WorkerError, BrokenEnvironmentError):
        raise
    except Exception as error:  # whatever a framework raises is a result
        outcome = error
    return Run(outcome, time.perf_counter() - start)


def _of_case(
    case: Case,
    values: Operands,
    subjects: Sequence[Subject],
    forms: dict[str, tuple[str, ...]],
    asked: dict[str, Future[dict[str, Run]]],
    search: Search,
) -> Iterator[Result]:
    expected = _expected(case, values)
    releases: dict[str, dict[str, Run]] = {}
    for subject in subjects:
        for form in forms[subject.name]:
            if subject is ENGINE and isinstance(expected.engine, Values):
                run = Run(expected.engine, expected.seconds)
            elif subject.name in asked:
                run = asked[subject.name].result()[form]
            else:
                run = _run(case, values, subject, form)
            others = releases.setdefault(form, {})
            beside = _beside_releases(case, expected, run, others) if subject.name in asked else ()
            if subject.name in asked and not isinstance(run.outcome, str):
                others[subject.name] = run
            result = _judge(case, expected, subject, form, run, beside)
            # of releases, what differs is known, and not to be mended
            if (
                result.outcome == "different"
                and isinstance(run.outcome, Values)
                and environment_of(subject.name) is None
            ):
                words = search.equal_if(case, values, run.outcome, result.checks, subject.name, form)
                result = replace(result, equal_if=words)
            yield result


def _judge(case: Case, expected: Expected, subject: Subject, form: str, run: Run, beside: tuple[Check, ...]) -> Result:
    if isinstance(run.outcome, str):
        return Result(case, subject.name, form, Status.UNSUPPORTED, run.outcome)
    if isinstance(run.outcome, Exception):
        return _refused(case, expected, subject, form, run.outcome, beside)
    checks = tuple(_checks(case, run.outcome, expected, subject))
    return Result(
        case,
        subject.name,
        form,
        Status.RAN,
        None,
        None if run.outcome.output is None else run.outcome.output.shape,
        checks,
        run.seconds,
        beside,
        _picture(run.outcome, expected, checks),
    )


def _refused(
    case: Case, expected: Expected, subject: Subject, form: str, error: Exception, beside: tuple[Check, ...]
) -> Result:
    """A refusal agrees with a refusal by the engine, and differs from everything else; a crash always differs."""
    status = Status(error.status) if isinstance(error, DidNotRunError) else Status.REFUSED
    reason = str(error) if isinstance(error, DidNotRunError) else f"{type(error).__name__}: {error}"
    checks: tuple[Check, ...] = ()
    if isinstance(expected.engine, Exception) and status is Status.REFUSED:
        checks = (Check("output", "engine", Comparison(Verdict.REFUSED, reason="both refuse the case")),)
    return Result(case, subject.name, form, status, reason, checks=checks, beside=beside)


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
            if quantity != "output" and actual.output is not None and _sizes_differ(actual, expected.engine):
                continue  # nothing can be differentiated with the upstream gradient of another size
            reason = f"{quantity} is {'missing' if arrays[0] is None else 'unexpected'}"
            yield Check(quantity, "engine", Comparison(Verdict.DIFFERENT, reason=reason))
            continue
        same = _same_bits(*arrays)
        if expected.definition is not None:
            known = expected.judged.get(quantity) if same else None
            comparison = known or _beside_definition(arrays[0], quantity, case, expected, subject)
            if same:
                expected.judged[quantity] = comparison
            yield Check(quantity, "definition", comparison)
        if subject is ENGINE:
            continue
        if subject.bitwise:
            yield Check(quantity, "engine", IDENTICAL if same else compare(*arrays, case.dtype))
        elif isinstance(subject, Remote):
            yield Check(quantity, "engine", _within(*arrays, quantity, case, expected))


def _sizes_differ(actual: Values, engine: Values) -> bool:
    return actual.output.size != engine.output.size


def _beside_releases(case: Case, expected: Expected, run: Run, others: dict[str, Run]) -> tuple[Check, ...]:
    """Compare a framework with the ones before it: arrays, or who runs what the other does not."""
    if isinstance(run.outcome, str):
        return ()
    checks = []
    for name, other in others.items():
        if not isinstance(run.outcome, Values) or not isinstance(other.outcome, Values):
            if isinstance(run.outcome, Values) != isinstance(other.outcome, Values):
                who, error = ("this", other.outcome) if isinstance(run.outcome, Values) else (name, run.outcome)
                comparison = Comparison(Verdict.REFUSED, reason=f"only {who} runs it: {error}")
                checks.append(Check("output", name, comparison))
            continue
        for quantity in QUANTITIES:
            arrays = (getattr(run.outcome, quantity), getattr(other.outcome, quantity))
            if all(array is not None for array in arrays):
                checks.append(Check(quantity, name, _within(*arrays, quantity, case, expected)))
    return tuple(checks)


def _within(left: Array, right: Array, quantity: Quantity, case: Case, expected: Expected) -> Comparison:
    """Compare two results that may round differently."""
    if _same_bits(left, right):
        return IDENTICAL
    return judge(case, expected.sums.get(quantity), left, right)


def _picture(actual: Values, expected: Expected, checks: tuple[Check, ...]) -> Picture | None:
    for check in checks:
        if check.comparison.verdict is Verdict.DIFFERENT:
            reference = expected.definition if check.against == "definition" else expected.engine
            arrays = (getattr(actual, check.quantity), getattr(reference, check.quantity, None))
            return picture(check.quantity, *arrays, check.comparison.index)
    return None


def _beside_definition(
    actual: Array, quantity: Quantity, case: Case, expected: Expected, subject: Subject
) -> Comparison:
    reference = getattr(expected.definition, quantity)
    here = not isinstance(subject, Remote)
    return judge(case, expected.sums.get(quantity), actual, reference, defined=True, stored=here)


def _same_bits(left: Array, right: Array) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    first, second = (np.ascontiguousarray(side).reshape(-1).view(np.uint8) for side in (left, right))
    return np.array_equal(first, second)
