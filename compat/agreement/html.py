"""Results as one HTML file with pictures that needs no other file."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from ..checkpoints.shown import visible
from ..cli.environment import environment
from .comparison import Verdict
from .figures import Drawn, slices, ulp_histograms
from .report import differences, frameworks_beside, largest_rounding, largest_share, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Result

NEEDED = ("jinja2", "matplotlib")

# Squares in one row of the matrix.
ACROSS = 76
# Pictures of differences; text describes all of them.
PICTURES = 12

# Worst last: the colour of a square is the worst of its forms and kinds of data.
KINDS = {
    "unsupported": "not expressible",
    "refused": "both refuse",
    "identical": "identical",
    "rounding": "within rounding",
    "known": "known deviation",
    "different": "different",
}


class HtmlUnavailableError(RuntimeError):
    """The report needs packages that are not installed."""


class Square(NamedTuple):
    """One subject on one case."""

    kind: str
    words: str


class Block(NamedTuple):
    """Some cases of one family, by all subjects."""

    title: str
    cases: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Square | None, ...]], ...]


def as_html(results: Sequence[Result], seconds: float) -> str:
    """Return the report.

    Raises:
        HtmlUnavailableError: Jinja2 or matplotlib is not installed.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        msg = f"{' and '.join(missing)} cannot be imported. Install both: pip install jinja2 matplotlib"
        raise HtmlUnavailableError(msg)
    import jinja2

    source = resources.files(__package__).joinpath("templates/report.html").read_text(encoding="utf-8")
    template = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined, finalize=_finalized
    ).from_string(source)
    histograms = _histograms(results)
    shown = sorted((result for result in results if result.picture is not None), key=lambda result: result.ok)
    return template.render(
        summary=summary(results, seconds),
        ok=all(result.ok for result in results),
        environment=environment(),
        kinds=KINDS,
        blocks=_blocks(results),
        largest=largest_rounding(results),
        shares=largest_share(results),
        histograms=ulp_histograms(histograms) if histograms else None,
        differences=[_difference(result) for result in results if not result.ok],
        pictures=[_pictured(result) for result in shown[:PICTURES]],
        left_out=max(len(shown) - PICTURES, 0),
        known=_known(results),
        beside=list(frameworks_beside(results)),
    )


def _finalized(value: object) -> object:
    return visible(value) if isinstance(value, str) else value


def kind_of(result: Result) -> str:
    """Return the colour of a result: a key of `KINDS`."""
    if result.known is not None:
        return "known"
    if not result.ok:
        return "different"
    if result.outcome == "unsupported":
        return "unsupported"
    verdicts = {check.comparison.verdict for check in result.checks if check.against in ("definition", "front end")}
    if Verdict.WITHIN_ROUNDING in verdicts:
        return "rounding"
    return "identical" if Verdict.IDENTICAL in verdicts else "refused"


def _blocks(results: Sequence[Result]) -> list[Block]:
    families: dict[str, dict[str, dict[str, list[Result]]]] = {}
    for result in results:
        family = result.case.id.partition("/")[0]
        family = "workloads" if family[0] == "W" and family[1:].isdigit() else family
        families.setdefault(family, {}).setdefault(result.subject, defaultdict(list))[result.case.id].append(result)
    blocks = []
    for family, subjects in families.items():
        cases = list(dict.fromkeys(case for of_subject in subjects.values() for case in of_subject))
        for start in range(0, len(cases), ACROSS):
            some = tuple(cases[start : start + ACROSS])
            rows = tuple((name, tuple(_square(found.get(case)) for case in some)) for name, found in subjects.items())
            blocks.append(Block(family if start == 0 else f"{family}, continued", some, rows))
    return blocks


def _square(results: list[Result] | None) -> Square | None:
    if not results:
        return None
    order = list(KINDS)
    worst = max(results, key=lambda result: order.index(kind_of(result)))
    kind = kind_of(worst)
    why = worst.known or worst.reason or ("" if worst.worst is None else str(worst.worst.comparison))
    return Square(kind, f"{worst.case.id} on {worst.subject} ({worst.form}): {KINDS[kind]}{f': {why}' if why else ''}")


def _histograms(results: Sequence[Result]) -> dict[str, list[int]]:
    totals: dict[str, list[int]] = {}
    for result in results:
        for check in result.checks:
            if check.against == "definition" and result.case.data == "normal":
                counts = totals.setdefault(result.subject, [])
                found = check.comparison.histogram
                counts.extend([0] * (len(found) - len(counts)))
                for place, count in enumerate(found):
                    counts[place] += count
    return {name: counts for name, counts in totals.items() if counts}


def _difference(result: Result) -> dict[str, Any]:
    first, *lines = differences([result])
    return {"title": first.rstrip(":"), "lines": lines}


def _pictured(result: Result) -> dict[str, Any]:
    assert result.picture is not None  # chosen for having one
    worst = result.worst
    drawn: Drawn = slices(result.picture, result.subject, "engine" if worst is None else f"the {worst.against}")
    return {"title": f"{result.case.key} on {result.subject} ({result.form})", "drawn": drawn, "known": result.known}


def _known(results: Sequence[Result]) -> list[tuple[str, str, int, str]]:
    """Return subject, reason, count and an example of every known deviation that was met."""
    met: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        if result.known is not None:
            met[result.subject, result.known].append(result)
    return [(name, why, len(found), f"{found[0].case.id} ({found[0].form})") for (name, why), found in met.items()]
