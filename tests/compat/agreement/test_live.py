"""The whole catalogue in the real frameworks: `fourfold env create --all`, then `pytest -m live`.

All of them run together, case by case, so that each case is evaluated once and they are compared with one another.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import torch
from tests.environments import ready

from fourfold.compat.agreement import Case, Result, agree
from fourfold.compat.agreement.cases import DATA
from fourfold.compat.agreement.catalogue import catalogue, in_dtypes, select
from fourfold.compat.agreement.edges import agree_on_edges
from fourfold.compat.agreement.environments import SPECIFICATIONS, environment
from fourfold.compat.agreement.known import claims, explain, idle
from fourfold.compat.agreement.repeat import script
from fourfold.compat.agreement.report import differences
from fourfold.compat.agreement.subjects.release import TITLES, release
from fourfold.compat.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.live

READY = [name for name in SPECIFICATIONS if environment(name).state == "ready"]
# Every operator in every dtype that its CPU kernels have: all of `option/` once more.
OTHER_DTYPES = {"paddle": "float64", "paddle-2.6": "float64", "fluid": "float64", "oneflow": "float64"}


def cases() -> list[Case]:
    return [case.replace(data=data) for case in catalogue() for data in DATA]


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """Everything, from every environment that is there."""
    torch.set_num_threads(1)
    with contextlib.ExitStack() as stack:
        subjects = [stack.enter_context(release(name)) for name in READY]
        found = list(explain(agree(cases(), subjects)))
    return found + list(explain(agree_on_edges(READY)))


@pytest.fixture(scope="module")
def of(results: list[Result]) -> Callable[[str], list[Result]]:
    return lambda name: [result for result in results if result.subject == TITLES[ready(name).name]]


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_no_difference_is_unexplained(name: str, of: Callable[[str], list[Result]]) -> None:
    assert list(differences(of(name))) == []


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_at_least_400_cases_are_asked(name: str, of: Callable[[str], list[Result]]) -> None:
    asked = {result.case.id for result in of(name) if result.outcome != "unsupported"}
    agreeing = {result.case.id for result in of(name) if result.outcome == "agrees"}
    assert len(asked) >= 400
    # MegEngine refuses most cases with groups
    assert len(agreeing) >= (300 if name == "megengine" else 400)


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_both_forms_run(name: str, of: Callable[[str], list[Result]]) -> None:
    forms = Counter(result.form for result in of(name) if result.outcome == "agrees")
    assert min(forms["layer"], forms["functional"]) > 400


def test_every_known_deviation_shows(results: list[Result]) -> None:
    for claim in claims():
        ready(claim.glob.partition("/")[0].rstrip("*"))
    assert idle(results) == []


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_the_bound_is_no_larger_than_it_need_be(name: str, of: Callable[[str], list[Result]]) -> None:
    checks = [check for result in of(name) if result.known is None for check in result.checks]
    shares = [check.comparison.of_bound or 0.0 for check in checks]
    # sums of few terms come close to it
    assert 0.5 < max(shares) <= 1.0


@pytest.mark.parametrize("name", OTHER_DTYPES)
def test_options_agree_in_float64(name: str) -> None:
    chosen = [case for case in select(["option/*"]) if case.dtype == "float32"]
    with release(ready(name).name) as subject:
        found = list(explain(agree(in_dtypes(chosen, [OTHER_DTYPES[name]]), [subject])))
    assert {result.case.dtype for result in found if result.outcome == "agrees"} == {"float64"}
    assert [result.case.id for result in found if result.outcome == "different"] == []


def test_paddle_and_fluid_give_the_same_bits_nearly_always(of: Callable[[str], list[Result]]) -> None:
    first = TITLES[ready("paddle").name]
    checks = [check for result in of("fluid") for check in result.beside if check.against == first]
    verdicts = Counter(check.comparison.verdict.value for check in checks)
    # which kernels a processor has decides about the order of some sums
    assert set(verdicts) <= {"identical", "within rounding", "refused"}
    assert verdicts["identical"] > 5000


@pytest.mark.parametrize("form", ["layer", "functional"])
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_the_printed_script_gives_the_same_numbers_here_and_there(name: str, form: str, tmp_path: Path) -> None:
    (case,) = select(["option/output-padding-usual" if form == "functional" else "option/dilation-stride"])
    with release(ready(name).name) as subject:
        (result,) = agree([case], [subject], form=form)
    text = script(result)
    assert text is not None
    (tmp_path / "repeat.py").write_text(text, encoding="utf-8")
    argv, variables = environment(name).command(["repeat.py"])
    here = subprocess.run([sys.executable, "repeat.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert here.stdout.strip()
    if "release(" in text:  # the script runs both itself
        assert f"{subject.name}\n  functional\n  agrees" in here.stdout
        return
    there = subprocess.run(argv, env=variables, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert there.stdout.splitlines()[-1] == here.stdout.splitlines()[-1]


def test_the_command_runs_a_framework_beside_its_front_end(capsys: pytest.CaptureFixture[str]) -> None:
    name = ready("megengine").name
    assert cli.main(["agree", "--with", name, "--cases", "option/groups-2", "--cases", "edge/stride-0"]) == 0
    output = capsys.readouterr().out
    assert "option/groups-2  megengine 1.13.0 known" in output
    assert "2 known to differ" in output
