"""Results as a table: a line per case, or with `each` one per front end."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from ..cli.table import Row
from .cases import DATA
from .comparison import Verdict
from .run import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .cases import Data
    from .run import Result

HEADERS = ("case", "result", *DATA)
EACH_HEADERS = (*DATA, "ULP", "eps", "output")
AGREES, KNOWN, NOT_EXPRESSIBLE = "agrees", "known", "not expressible"
# What one subject did on one case, the worst first. The last two are no differences.
WORDS = ("crashed", "timed out", "raised", "differs", KNOWN, AGREES, NOT_EXPRESSIBLE)
STYLES = {
    **dict.fromkeys(("crashed", "timed out", "raised", "differs", "different"), "bad"),
    KNOWN: "known",
    NOT_EXPRESSIBLE: "dim",
    "-": "dim",
    "identical": "good",
    "within": "fair",
}
LEGEND = {
    "identical": "equal bit for bit",
    "within 0.38": "only rounding: the worst element is at 0.38 of its bound",
    "different": "beyond that bound, or not equal where it must be",
    "raised": "an exception, where the engine runs the case",
    "refused": "an exception, as the engine raises one too",
    "known": "differs for a reason that docs/deviations.md gives",
    "not expressible": "nothing in that API says this operator",
    "2 of 8 agree": "the APIs of the others cannot express the case",
}
# Of a name that stands for itself beside its outcome.
NAME = 16
WIDTH = 79
INDENT = "  "


class Cell(NamedTuple):
    """A text of the table, and how it looks."""

    text: str
    style: str = ""


def table(results: Sequence[Result], *, each: bool = False) -> tuple[tuple[str, ...], list[Row]]:
    """Return headers and rows: one per case, or with `each` one per case and subject.

    Under the kinds of data stand the verdicts; of rounding alone the largest error as a share of its bound. `ULP` is
    the largest distance from the definition, and `eps` the largest error on normal data in units of
    eps * (|x| * |w| + |b|).
    """
    grouped = [(first, _by_subject(list(of_case))) for first, of_case in groupby(results, lambda one: one.case.id)]
    if not each:
        rows = []
        for first, subjects in grouped:
            rows.append(_row(first, _together(subjects), [one for found in subjects.values() for one in found]))
        return HEADERS, rows
    if len({one.subject for one in results}) == 1 and all(len(subjects) == 1 for _, subjects in grouped):
        own = [_each_row(first, found) for first, subjects in grouped for found in subjects.values()]
        return ("case", *EACH_HEADERS), own
    rows = []
    for first, subjects in grouped:
        rows += [Row((first,), "head"), *(_each_row(INDENT + name, found) for name, found in subjects.items())]
    return ("front end", *EACH_HEADERS), rows


def legend(rows: Iterable[Row]) -> list[str]:
    """Return a line for each kind of word in a table that `table` made."""
    said = {cell for row in rows for cell in row.cells[1:]}

    def occurs(word: str) -> bool:
        if word.startswith("within"):
            return any(cell.startswith("within") for cell in said)
        if word.startswith("2 of"):
            return any(" of " in cell and cell.endswith("agree") for cell in said)
        return any(cell == word or cell.endswith(f" {word}") for cell in said)

    shown = {word: means for word, means in LEGEND.items() if occurs(word)}
    width = max(map(len, shown), default=0)
    return [f"{INDENT}{word.ljust(width)}  {means}" for word, means in shown.items()]


def not_expressible(results: Sequence[Result]) -> list[str]:
    """Return a paragraph per reason why an API cannot express cases: how many, and whose it is."""
    reasons: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in results:
        if one.status is Status.UNSUPPORTED:
            reasons[str(one.reason)][one.subject].add(one.case.id)
    several = len({one.subject for one in results}) > 1
    lines = ["not expressible:"] if reasons else []
    for reason, subjects in reasons.items():
        count = len(set.union(*subjects.values()))
        whose = f" ({', '.join(subjects)})" if several else ""
        text = f"{count} case{'s' * (count != 1)}: {reason}{whose}"
        lines += textwrap.wrap(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT * 2)
    return lines


def word(results: Iterable[Result]) -> str:
    """Return what a subject did, at its worst: one of `WORDS`."""
    return min(map(_word, results), key=WORDS.index)


def _word(result: Result) -> str:
    if result.known is not None:
        return KNOWN
    raised = {Status.REFUSED: "raised", Status.CRASHED: "crashed", Status.TIMEOUT: "timed out"}
    if result.status is Status.UNSUPPORTED:
        return NOT_EXPRESSIBLE
    if result.outcome == "agrees":
        return AGREES
    return "differs" if result.status is Status.RAN else raised[result.status]


def _by_subject(results: list[Result]) -> dict[str, list[Result]]:
    """Group by subject; by form as well where the forms of a subject came to different things."""
    subjects: dict[str, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        subjects[result.subject][result.form].append(result)
    groups: dict[str, list[Result]] = {}
    for name, forms in subjects.items():
        if len(set(map(word, forms.values()))) == 1:
            groups[name] = [result for of_form in forms.values() for result in of_form]
        else:
            groups.update({f"{name} {form}": of_form for form, of_form in forms.items()})
    return groups


def _together(subjects: dict[str, list[Result]]) -> Cell:
    """Say in two or three words what all subjects did with a case."""
    words = {name: word(found) for name, found in subjects.items()}
    worst = min(words.values(), key=WORDS.index)
    style = STYLES.get(worst, "")
    if len(words) == 1:
        return Cell(worst, style)
    if worst == NOT_EXPRESSIBLE:
        return Cell(worst, style)
    same = [name for name, said in words.items() if said == worst]
    if worst == AGREES:
        return Cell(f"all {len(words)} agree" if len(same) == len(words) else f"{len(same)} of {len(words)} agree")
    if len(same) == 1 and len(same[0]) <= NAME:
        return Cell(f"{same[0]} {worst}", style)
    verb = "differ" if worst == "differs" else worst
    return Cell(f"{len(same)} of {len(words)} {verb}", style)


def _row(first: str, told: Cell, results: list[Result]) -> Row:
    verdicts = [verdict(results, data) for data in DATA]
    style = "dim" if told.text == NOT_EXPRESSIBLE else ""
    return Row(
        (first, told.text, *(cell.text for cell in verdicts)), style, (style, told.style, *(c.style for c in verdicts))
    )


def _each_row(name: str, results: list[Result]) -> Row:
    said = word(results)
    if said == NOT_EXPRESSIBLE:
        return Row((f"{name}: {results[0].reason}",), "dim")
    if said == KNOWN:
        known = next(one for one in results if one.known is not None)
        return Row((f"{name}: known, {known.outcome}: {known.known}",), "known")
    verdicts = [verdict(results, data) for data in DATA]
    compared = [check.comparison for result in results for check in result.checks]
    eps = [comparison.max_eps for comparison in compared if comparison.max_eps is not None]
    shapes = {str(result.output_shape) for result in results if result.output_shape is not None}
    cells = (
        _number(max(comparison.max_ulp for comparison in compared), 0) if compared else "",
        _number(max(eps), 2) if eps else "",
        " or ".join(sorted(shapes)),
    )
    return Row(
        (name, *(cell.text for cell in verdicts), *cells), "", ("", *(cell.style for cell in verdicts), *[""] * 3)
    )


def _number(value: float, digits: int) -> str:
    """Cancellation makes distances of many digits, of which the first tell enough."""
    return f"{value:.{digits}f}" if value < 10**5 else f"{value:.1e}"


def verdict(results: list[Result], data: Data) -> Cell:
    """Return the worst verdict on a kind of data; '-' where there is none."""
    some = [one for one in results if one.case.data == data and one.status is not Status.UNSUPPORTED]
    some = [one for one in some if one.known is None] or some
    said = word(some) if some else NOT_EXPRESSIBLE
    if said == NOT_EXPRESSIBLE:
        return Cell("-", "dim")
    if said not in ("differs", AGREES):
        return Cell(said, STYLES[said])
    checks = [check.comparison for one in some for check in one.checks]
    order = list(Verdict)
    worst = max((check.verdict for check in checks), key=order.index, default=Verdict.REFUSED)
    if worst is Verdict.WITHIN_ROUNDING:
        share = max(check.of_bound or 0.0 for check in checks)
        return Cell(f"within {share:.2f}", STYLES["within"])
    return Cell(worst.value, STYLES.get(worst.value, ""))
