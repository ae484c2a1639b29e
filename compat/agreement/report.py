"""Results as lines about differences, as a summary, as JSON."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..cli.environment import environment
from .comparison import Verdict
from .repeat import script
from .rounding import ODDS
from .run import Status
from .subjects.release import environment_of
from .table import word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .comparison import Comparison
    from .run import Check, Result

FORMAT = "fourfold agreement 2"


def differences(results: Sequence[Result], most: int | None = None) -> Iterator[str]:
    """Yield a paragraph per difference: what differs, where, by how much, and the command that repeats it.

    Args:
        results: of a run.
        most: how many to tell of, 0 and above. Default: all.
    """
    differing = [result for result in results if not result.ok]
    for result in differing[:most]:
        yield f"{result.case.key} on {result.subject} ({result.form}):"
        if result.reason is not None:
            yield f"  {word([result])}: {result.reason}"
        told: set[str] = set()
        for check in result.checks:
            if not check.comparison.ok and not (check.against == "engine" and check.quantity in told):
                told.add(check.quantity)
                yield f"  {check.quantity} against the {check.against}: {check.comparison}"
        if result.equal_if:
            yield f"  equal if {result.equal_if[0]}"
        yield f"  repeat: {command(result)}"
        python = script(result)
        if python is not None:
            yield "  or in Python:"
            yield from (f"    {line}" for line in python.splitlines())
    if most is not None and most < len(differing):
        yield f"({len(differing) - most} more: --max-differences {len(differing)} tells of all)"


def command(result: Result) -> str:
    """Return the command line that repeats a result."""
    environment = environment_of(result.subject)
    where = f"--subjects '{result.subject}'" if environment is None else f"--with {environment}"
    target, _, api = result.subject.partition(" (")
    if api:
        where = f"--subject {target} --api {api.removesuffix(' API)')}"
    case, _, dtype = result.case.id.partition("@")
    parts = [f"fourfold agree --cases '{case}' {where} --data {result.case.data}"]
    parts += [f"--dtype {dtype}"] if dtype else []
    parts += [f"--form {result.form}"] if result.form == "functional" else []
    return " ".join(parts)


def frameworks_beside(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line per pair of real frameworks: how much agrees, and where they differ from one another."""
    pairs: dict[tuple[str, str], list[tuple[Result, Check]]] = defaultdict(list)
    for result in results:
        for check in result.beside:
            pairs[check.against, result.subject].append((result, check))
    for (first, second), checks in pairs.items():
        counts = Counter(check.comparison.verdict for _, check in checks)
        told = {verdict: counts[verdict] for verdict in Verdict if counts[verdict]}
        words = {Verdict.REFUSED: "run by one of the two only"}
        text = ", ".join(f"{count} {words.get(verdict, verdict.value)}" for verdict, count in told.items())
        yield f"{first} and {second}: {text}"
        for verdict in (Verdict.DIFFERENT, Verdict.REFUSED):
            found = [(result, check) for result, check in checks if check.comparison.verdict is verdict]
            if found:
                ids = sorted({result.case.id for result, _ in found})
                result, check = found[0]
                yield f"  {words.get(verdict, verdict.value)}: {', '.join(ids[:4])}{', ...' * (len(ids) > 4)}"
                yield f"    {result.case.key} ({result.form}): {check.comparison}"


def summary(results: Sequence[Result], seconds: float) -> str:
    """Return one line about everything."""
    ran = [result for result in results if result.status is not Status.UNSUPPORTED]
    differing = sum(not result.ok for result in results)
    cases = len({result.case.id for result in results})
    word = "agreement" if differing == 0 else "DIFFERENCE"
    parts = [
        f"{word}: {cases} case{'s' * (cases != 1)}, {len(ran)} runs",
        f"{differing} differ" if differing else "all agree",
    ]
    if len(results) > len(ran):
        parts.append(f"{len(results) - len(ran)} not expressible in their API")
    known = sum(result.known is not None for result in results)
    if known:
        parts.append(f"{known} known to differ")
    largest = max(largest_rounding(results).values(), default=0.0)
    if largest:
        share = max(largest_share(results).values())
        parts.append(f"largest rounding {largest:.2f} eps, {share:.2f} of the bound")
    return f"{': '.join(parts[:2])}; {'; '.join([*parts[2:], f'{seconds:.0f} s'])}"


def largest_rounding(results: Sequence[Result]) -> dict[str, float]:
    """Return per subject the largest error on normal data, in units of eps * (|x| * |w| + |b|)."""
    return _largest(results, lambda comparison: comparison.max_eps)


def largest_share(results: Sequence[Result]) -> dict[str, float]:
    """Return per subject the largest error on normal data as a share of its bound, at most 1."""
    return _largest(results, lambda comparison: comparison.of_bound)


def _largest(results: Sequence[Result], measure: Callable[[Comparison], float | None]) -> dict[str, float]:
    found: dict[str, float] = {}
    for result in results:
        for check in result.checks:
            measured = measure(check.comparison)
            if check.against == "definition" and check.comparison.ok and measured is not None:
                found[result.subject] = max(found.get(result.subject, 0.0), measured)
    return found


def as_json(results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """Return everything that was measured, ready for `json.dumps(allow_nan=False)`: infinities are strings."""
    return {
        "format": FORMAT,
        "environment": environment(),
        "odds": ODDS,
        "ok": all(result.ok for result in results),
        "seconds": round(seconds, 3),
        "cases": {result.case.id: _case(result) for result in results},
        "largest_rounding": largest_rounding(results),
        "largest_share": largest_share(results),
        "results": [_result(result) for result in results],
    }


def _case(result: Result) -> dict[str, Any]:
    fields = result.case.to_json()
    del fields["data"]
    return fields


def _result(result: Result) -> dict[str, Any]:
    return {
        "case": result.case.id,
        "data": result.case.data,
        "subject": result.subject,
        "form": result.form,
        "status": result.status.value,
        "reason": result.reason,
        "ok": result.ok,
        "outcome": result.outcome,
        "known": result.known,
        "equal_if": list(result.equal_if),
        "output_shape": None if result.output_shape is None else list(result.output_shape),
        "seconds": round(result.seconds, 6),
        "checks": [_check(check) for check in result.checks],
        "beside": [_brief(check) for check in result.beside],
    }


def _brief(check: Check) -> dict[str, Any]:
    """Keep what says something: there is one of these for every pair of frameworks."""
    names = (
        "quantity",
        "against",
        "verdict",
        "differing",
        "max_eps",
        "of_bound",
        "index",
        "actual",
        "expected",
        "reason",
    )
    return {name: value for name, value in _check(check).items() if name in names and value not in (None, 0)}


def _check(check: Check) -> dict[str, Any]:
    fields = asdict(check.comparison)
    fields["verdict"] = check.comparison.verdict.value
    numbers = {
        name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
    return {"quantity": check.quantity, "against": check.against, **numbers}
