from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from tests.compat.hostile_names import NAMES, harm

from fourfold.compat.agreement import Check, Comparison, Result, Status, Verdict
from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.html import MARKS, as_html, geometry_of, kind_of
from fourfold.compat.agreement.junit import as_junit
from fourfold.compat.agreement.picture import picture
from fourfold.compat.agreement.subjects.release import TITLES
from fourfold.compat.cli import main as cli

if TYPE_CHECKING:
    from pathlib import Path

(CASE,) = select(["option/stride-2"])
FIELDS = {"histogram": (5, 3, 1), "max_eps": 1.5, "of_bound": 0.25, "elements": 9}
GOOD = Result(
    CASE.replace(data="normal"),
    "engine",
    "layer",
    Status.RAN,
    checks=(Check("output", "definition", Comparison(Verdict.WITHIN_ROUNDING, **FIELDS)),),  # type: ignore[arg-type]
)
BAD = Result(
    CASE,
    "<own> & class",
    "layer",
    Status.RAN,
    checks=(Check("output", "definition", Comparison(Verdict.DIFFERENT, reason="a \x00 & b", index=(0, 1, 2))),),
    picture=picture("output", np.zeros((1, 3, 4)), np.ones((1, 3, 4)), (0, 1, 2)),
)
KNOWN = Result(CASE, TITLES["megengine"], "layer", Status.REFUSED, "it raised", known="groups: documentation wins")
UNSUPPORTED = Result(CASE, "fluid", "layer", Status.UNSUPPORTED, "no float16 in this API")
ALL = [GOOD, BAD, KNOWN, UNSUPPORTED]


def needs_report() -> None:
    if importlib.util.find_spec("jinja2") is None or importlib.util.find_spec("matplotlib") is None:
        pytest.skip("needs the extra `report`")


@pytest.fixture(scope="module")
def page() -> str:
    needs_report()
    return as_html(ALL, 1.0, "fourfold agree --cases '*'")


@pytest.mark.parametrize(
    ("result", "kind"), [(GOOD, "rounding"), (BAD, "different"), (KNOWN, "known"), (UNSUPPORTED, "unsupported")]
)
def test_results_have_a_sign_and_not_a_colour_alone(result: Result, kind: str, page: str) -> None:
    assert kind_of(result) == kind
    mark = MARKS[kind]
    assert f'<td class="mark {mark.style}">{mark.text}</td>' in page


def test_every_sign_is_another() -> None:
    assert len({mark.text for mark in MARKS.values()}) == len(MARKS)


def test_case_ids_and_geometry_are_text(page: str) -> None:
    assert "<summary>option/stride-2</summary>" in page
    cells = "".join(f"<td>{value}</td>" for value in geometry_of(CASE))
    assert cells in page
    assert "title=" not in page


@pytest.mark.parametrize(
    ("case", "geometry"),
    [
        ("stride-1-2-3", ("3", "1x2x3", "0", "1", "2 to 3 channels; input 3x4x5")),
        ("padding-asymmetric", ("3", "1", "(0,1)x(1,0)x1", "1", "2 to 3 channels; input 3x4x5")),
        ("same", ("3", "1", "SAME", "1", "2 to 3 channels; input 3x4x5")),
        ("unbatched", ("3", "1", "0", "1", "2 to 3 channels; input 3x4x5; unbatched")),
    ],
)
def test_geometry_is_told_as_short_as_it_is(case: str, geometry: tuple[str, ...]) -> None:
    (chosen,) = select([f"option/{case}"])
    assert geometry_of(chosen) == geometry


def test_pictures_of_what_differs_come_first(page: str) -> None:
    titles = re.findall(r"<h2>([^<]+)</h2>", page)
    assert titles[:3] == ["What differs, and what the differences have in common", "Differences", "Cases"]
    assert page.index('alt="output of') < page.index("<h2>Differences</h2>")


def test_the_page_says_when_by_which_command_and_with_what(page: str) -> None:
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))
    assert facts["command"] == "fourfold agree --cases &#39;*&#39;"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d", facts["date"])
    assert f"torch {torch.__version__} · numpy {np.__version__}" in page


def test_only_the_page_s_own_script_may_run(page: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_the_page_needs_no_other_file(page: str) -> None:
    targets = re.findall(r'(?:src|srcset|href)="([^"]{5})', page)
    assert set(targets) == {"data:"}


def test_pictures_are_png_for_light_and_dark_pages(page: str) -> None:
    sources = re.findall(r'(srcset|src)="data:image/png;base64,([^"]+)"', page)
    assert [name for name, _ in sources] == ["srcset", "src"] * 2  # slices, histograms
    assert {base64.b64decode(data)[:4] for _, data in sources} == {b"\x89PNG"}
    assert page.count("prefers-color-scheme: dark") == 3  # and the style sheet


def test_names_are_escaped(page: str) -> None:
    assert "&lt;own&gt; &amp; class" in page
    assert "<own>" not in page


def test_a_missing_extra_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert cli.main(["agree", "--html", "report.html"]) == 2
    assert "pip install jinja2 matplotlib" in capsys.readouterr().err


def test_junit_has_a_test_case_per_case_and_subject() -> None:
    suite = ElementTree.fromstring(as_junit([*ALL, replace(GOOD, form="functional")], 1.0)).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": "4", "failures": "1", "skipped": "2", "errors": "0",
    }  # fmt: skip
    assert [(test.get("name"), [child.tag for child in test]) for test in suite] == [
        ("option/stride-2", []),
        ("option/stride-2", ["failure"]),
        ("option/stride-2", ["skipped"]),
        ("option/stride-2", ["skipped"]),
    ]
    assert [skipped.get("message") for skipped in suite.iter("skipped")] == [
        "known: groups: documentation wins",
        "no float16 in this API",
    ]


def test_junit_holds_no_control_character() -> None:
    (failure,) = ElementTree.fromstring(as_junit([BAD], 1.0)).iter("failure")
    assert r"a \x00 & b" in str(failure.text)


def named(name: str) -> list[Result]:
    """Results whose every text is a name."""
    different = Check("output", "definition", Comparison(Verdict.DIFFERENT, reason=name))
    return [
        replace(BAD, subject=name, checks=(different,), case=CASE.replace(id=name)),
        replace(KNOWN, subject=name, known=name, reason=name),
        replace(UNSUPPORTED, subject=name, reason=name),
    ]


@pytest.mark.parametrize("name", [*NAMES.values(), "]]>\ufffe\uffff", "</script>"], ids=ascii)
def test_junit_holds_every_name_without_harm(name: str) -> None:
    written = as_junit(named(name), 1.0)
    assert harm(written) == []
    assert written.encode()
    tests = list(ElementTree.fromstring(written).iter("testcase"))
    assert [bool(test.get("classname")) for test in tests] == [True] * len(tests)


@pytest.mark.thorough
def test_the_page_holds_every_name_without_harm() -> None:
    needs_report()
    written = as_html([result for name in NAMES.values() for result in named(name)], 1.0)
    assert harm(written) == []
    assert written.encode()
    assert "[link=http://b]a[/link]" in written


def test_the_command_writes_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs_report()
    html, xml = tmp_path / "report.html", tmp_path / "report.xml"
    arguments = ["--cases", "option/kernel-2", "--subjects", "torch", "--quiet"]
    assert cli.main(["agree", *arguments, "--html", str(html), "--junit", str(xml)]) == 0
    assert "agreement: 1 case" in capsys.readouterr().out
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert ElementTree.parse(xml).getroot().tag == "testsuites"
