"""The table has a line per case, of 80 letters, and names what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fourfold.compat.agreement import Check, Comparison, Result, Status, Verdict
from fourfold.compat.agreement.catalogue import catalogue, select
from fourfold.compat.agreement.table import legend, not_expressible, table
from fourfold.compat.cli.table import lay

(CASE,) = select(["option/stride-2"])
NAMES = ["engine", "torch", "paddle", "fluid", "fluid_1_8", "megengine", "oneflow", "PyTorch"]
EXACT = Check("output", "definition", Comparison(Verdict.IDENTICAL))
NEAR = Check("output", "definition", Comparison(Verdict.WITHIN_ROUNDING, max_ulp=61978, max_eps=2.345, of_bound=0.381))
FAR = Check("output", "definition", Comparison(Verdict.DIFFERENT, max_ulp=2.3e9))
GOOD = Result(CASE, "engine", "layer", Status.RAN, output_shape=(2, 3, 7, 9, 11), checks=(EXACT,))
WRONG = replace(GOOD, checks=(FAR,))
RAISED = replace(GOOD, status=Status.REFUSED, reason="KeyError: 'x'", checks=(), output_shape=None)
REFUSED = replace(RAISED, checks=(Check("output", "engine", Comparison(Verdict.REFUSED)),))
SILENT = replace(RAISED, status=Status.UNSUPPORTED, reason="padding is symmetric in this API")
KNOWN = replace(RAISED, known="groups: documentation wins")


def both(result: Result) -> list[Result]:
    """The result on both kinds of data; what agrees is within rounding on the second."""
    normal = replace(result, case=result.case.replace(data="normal"))
    return [result, replace(normal, checks=(NEAR,)) if result.checks == (EXACT,) else normal]


def by(*results: Result) -> list[Result]:
    """The results of the first subjects, in order."""
    return [one for name, result in zip(NAMES, results, strict=False) for one in both(replace(result, subject=name))]


def test_every_case_of_the_catalogue_has_one_line_of_80_letters() -> None:
    cases = catalogue()
    results = [one for case in cases for result in by(*[GOOD] * 8) for one in [replace(result, case=case)]]
    headers, rows = table([replace(one, checks=(EXACT, NEAR)) for one in results])
    lines = ["".join(piece.text for piece in line) for line in lay(headers, rows, 80, whole=True).lines]
    assert [line.split()[0] for line in lines[1:]] == [case.id for case in cases]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("results", "said"),
    [
        pytest.param([GOOD], "agrees", id="one"),
        pytest.param([GOOD] * 8, "all 8 agree", id="all"),
        pytest.param([GOOD, SILENT, GOOD], "2 of 3 agree", id="some"),
        pytest.param([SILENT] * 2, "not expressible", id="none"),
        pytest.param([GOOD, WRONG], "torch differs", id="one differs"),
        pytest.param([WRONG, WRONG, GOOD], "2 of 3 differ", id="two differ"),
        pytest.param([GOOD, RAISED], "torch raised", id="one raised"),
        pytest.param([REFUSED, REFUSED], "all 2 agree", id="all refuse"),
        pytest.param([GOOD, KNOWN], "torch known", id="known"),
        pytest.param([GOOD, KNOWN, WRONG], "paddle differs", id="worst first"),
    ],
)
def test_a_case_says_in_words_what_became_of_it(results: list[Result], said: str) -> None:
    _, rows = table(by(*results))
    assert [row.cells[:2] for row in rows] == [("option/stride-2", said)]


@pytest.mark.parametrize(
    ("result", "verdicts", "styles"),
    [
        pytest.param(GOOD, ("identical", "within 0.38"), ("good", "fair"), id="agrees"),
        pytest.param(WRONG, ("different", "different"), ("bad", "bad"), id="differs"),
        pytest.param(RAISED, ("raised", "raised"), ("bad", "bad"), id="raised"),
        pytest.param(REFUSED, ("refused", "refused"), ("", ""), id="refused as by the engine"),
        pytest.param(SILENT, ("-", "-"), ("dim", "dim"), id="not expressible"),
        pytest.param(KNOWN, ("known", "known"), ("known", "known"), id="known"),
    ],
)
def test_verdicts_have_words_and_colours(result: Result, verdicts: tuple[str, str], styles: tuple[str, str]) -> None:
    _, (row,) = table(by(result))
    assert (row.cells[2:], row.styles[2:]) == (verdicts, styles)


def test_forms_with_other_outcomes_are_told_apart() -> None:
    results = [*both(GOOD), *both(replace(RAISED, form="functional"))]
    _, rows = table(results, each=True)
    assert [row.cells[0].strip() for row in rows] == ["option/stride-2", "engine layer", "engine functional"]


def test_one_line_each_has_ulp_eps_and_shape() -> None:
    headers, rows = table(by(GOOD, GOOD), each=True)
    assert headers == ("front end", "integers", "normal", "ULP", "eps", "output")
    assert rows[0].cells == ("option/stride-2",)
    assert rows[1].cells == ("  engine", "identical", "within 0.38", "61978", "2.35", "(2, 3, 7, 9, 11)")


def test_the_only_subject_needs_no_line_above_it() -> None:
    headers, rows = table(by(GOOD), each=True)
    assert (headers[0], rows[0].cells[0]) == ("case", "option/stride-2")


def test_why_a_case_is_not_expressible_is_said_once_with_whose_api_it_is() -> None:
    assert not_expressible(by(GOOD, SILENT, SILENT)) == [
        "not expressible:",
        "  1 case: padding is symmetric in this API (torch, paddle)",
    ]


def test_the_legend_explains_the_words_that_occur() -> None:
    lines = legend(table(by(GOOD, SILENT))[1])
    assert [line.split("  ")[1] for line in lines] == ["identical", "within 0.38", "2 of 8 agree"]
    assert max(map(len, lines)) <= 80
