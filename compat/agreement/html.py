"""Results as one HTML file with pictures that needs no other."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from ..pages.page import across, render, require
from .cases import Case
from .comparison import Verdict
from .diagnosis.findings import diagnose, telling_first
from .figures import Drawn, slices, ulp_histograms
from .report import differences, frameworks_beside, largest_rounding, largest_share, summary
from .table import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .diagnosis.findings import Finding
    from .run import Result

NEEDED = ("jinja2", "matplotlib")

# Pictures of differences, and those told in full; the table of cases has all of them.
PICTURES, TOLD = 12, 60


class Mark(NamedTuple):
    """What a subject did with a case: a sign that is told by its shape and not by colour alone."""

    text: str
    style: str
    means: str


# Worst last: the mark of a case is the worst of its forms and kinds of data.
MARKS = {
    "unsupported": Mark("·", "none", "not expressible"),
    "refused": Mark("!", "none", "both refuse"),
    "identical": Mark("=", "good", "identical"),
    "rounding": Mark("\N{ALMOST EQUAL TO}", "fair", "within rounding"),
    "known": Mark("k", "known", "known deviation"),
    "different": Mark("\N{BALLOT X}", "bad", "different"),
}
ABSENT = Mark("", "none", "not run")
PLAIN = Case(id="", source="", in_channels=1, out_channels=1, kernel_size=1, input_size=1)


class CaseRow(NamedTuple):
    """One case of the table.

    Attributes:
        id: of the case.
        geometry: kernel, stride, padding, groups, and what else is off its default.
        marks: of each subject.
        state: the worst of them in words, and its look.
        style: the look.
        lines: what each subject did.
    """

    id: str
    geometry: tuple[str, ...]
    marks: tuple[Mark, ...]
    state: str
    style: str
    lines: tuple[str, ...]


def as_html(results: Sequence[Result], seconds: float, command: str = "") -> str:
    """Return the report.

    Args:
        results: of a run.
        seconds: that it took.
        command: the command line that was given.

    Raises:
        PageUnavailableError: Jinja2 or matplotlib is not installed.
    """
    require(*NEEDED)
    histograms = _histograms(results)
    findings = diagnose(results)
    ordered = telling_first(results, findings)
    shown = sorted((result for result in ordered if result.picture is not None), key=lambda result: result.ok)
    first = [_first(finding, shown) for finding in findings]
    shown = [result for result in shown if result not in first]
    differing = [result for result in ordered if not result.ok]
    subjects = list(dict.fromkeys(result.subject for result in results))
    # an author's class by its own name alone: its module and its API are in the lines of each case
    names = [name.partition(" (")[0].rpartition(":")[2] for name in subjects]
    rows = _rows(results, subjects)
    return render(
        "agreement.html",
        title="Agreement",
        verdict=summary(results, seconds),
        ok=not differing,
        command=command,
        findings=[(each, None if one is None else _pictured(one)) for each, one in zip(findings, first, strict=True)],
        pictures=[_pictured(result) for result in shown[:PICTURES]],
        left_out=max(len(shown) - PICTURES, 0),
        differences=[_difference(result) for result in differing[:TOLD]],
        untold=max(len(differing) - TOLD, 0),
        marks=MARKS.values(),
        subjects=names,
        # what browsers make of upright text on paper depends on a height that is given
        tall=f"{0.64 * max(map(len, names), default=1):.1f}",
        rows=rows,
        states=[mark.means for mark in reversed(MARKS.values()) if any(row.state == mark.means for row in rows)],
        known=_known(results),
        beside=list(frameworks_beside(results)),
        histograms=ulp_histograms(histograms) if histograms else None,
        largest=largest_rounding(results),
        shares=largest_share(results),
    )


def kind_of(result: Result) -> str:
    """Return what a result is: a key of `MARKS`."""
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


def _rows(results: Sequence[Result], subjects: Sequence[str]) -> list[CaseRow]:
    cases: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        cases[result.case.id].append(result)
    return [_row(id, found, subjects) for id, found in cases.items()]


def _row(id: str, results: list[Result], subjects: Sequence[str]) -> CaseRow:
    order = list(MARKS)
    by_subject = {name: [result for result in results if result.subject == name] for name in subjects}
    kinds = {name: max(map(kind_of, found), key=order.index) for name, found in by_subject.items() if found}
    worst = MARKS[max(kinds.values(), key=order.index)]
    marks = tuple(MARKS[kinds[name]] if name in kinds else ABSENT for name in subjects)
    lines = tuple(line for found in by_subject.values() for line in _said(found))
    return CaseRow(id, geometry_of(results[0].case), marks, worst.means, worst.style, lines)


def geometry_of(case: Case) -> tuple[str, str, str, str, str]:
    """Return kernel, stride, padding and groups of a case as text, and what else is off its default.

    >>> from fourfold.compat.agreement.catalogue import select
    >>> geometry_of(select(["option/output-padding-groups"])[0])
    ('3', '2', '1', '2', 'output_padding 1; 4 to 4 channels; input 3x4x5')
    """
    padding = (
        case.padding
        if isinstance(case.padding, str)
        else across([low if low == high else (low, high) for low, high in case.padding])
    )
    besides = [
        f"{name} {across(getattr(case, name))}"
        for name in ("output_padding", "dilation", "output_size")
        if getattr(case, name) != getattr(PLAIN, name)
    ]
    besides += [f"{case.in_channels} to {case.out_channels} channels", f"input {across(case.input_size)}"]
    besides += [
        f"{name} {getattr(case, name)}"
        for name in ("dtype", "data_format")
        if getattr(case, name) != getattr(PLAIN, name)
    ]
    besides += [] if case.bias else ["no bias"]
    besides += ["unbatched"] if case.batch is None else [] if case.batch == PLAIN.batch else [f"batch {case.batch}"]
    return across(case.kernel_size), across(case.stride), padding, str(case.groups), "; ".join(besides)


def _said(results: Sequence[Result]) -> list[str]:
    """Return a line per form of a subject that agrees, and one per run that does not."""
    lines = []
    for form in dict.fromkeys(result.form for result in results):
        runs = [result for result in results if result.form == form]
        name = f"{runs[0].subject}, {form}"
        if all(result.ok and result.known is None and result.checks for result in runs):
            told = ", ".join(
                f"{data} {verdict(runs, data).text}" for data in dict.fromkeys(run.case.data for run in runs)
            )
            lines.append(f"{name}: {told}")
            continue
        for result in runs:
            why = result.known or result.reason or ("" if result.worst is None else str(result.worst.comparison))
            means = MARKS[kind_of(result)].means
            lines.append(f"{name}, {result.case.data}: {why if why.startswith(means) else f'{means}: {why}'}")
    return lines


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


def _first(finding: Finding, pictured: Sequence[Result]) -> Result | None:
    """Return the result whose picture shows a finding."""
    case = (finding.subject, finding.cases[0])
    return next((result for result in pictured if (result.subject, result.case.id) == case), None)


def _known(results: Sequence[Result]) -> list[tuple[str, str, int, str]]:
    """Return subject, reason, count and an example of every known deviation that was met."""
    met: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        if result.known is not None:
            met[result.subject, result.known].append(result)
    return [(name, why, len(found), f"{found[0].case.id} ({found[0].form})") for (name, why), found in met.items()]
