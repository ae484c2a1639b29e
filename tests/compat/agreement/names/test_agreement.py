"""Generated calls that differ are known by patterns, and a pattern that explains none is said to be idle."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from fourfold.compat.agreement.names import agreement
from fourfold.compat.agreement.names.agreement import GENERATED, KNOWN, agree_on_names, summary
from fourfold.compat.agreement.names.here import front_end
from fourfold.compat.agreement.names.sweep import generated
from fourfold.frontends.names import Reasons

if TYPE_CHECKING:
    from pathlib import Path

ONE: dict[str, Any] = {"result": {"value": "1", "type": "int"}}
TWO: dict[str, Any] = {"result": {"value": "2", "type": "int"}}
REFUSED: dict[str, Any] = {"raised": ["RuntimeError"]}
NO_GRADIENT: dict[str, Any] = {**ONE, "gradients": REFUSED}


@pytest.mark.parametrize(
    ("there", "here", "what"),
    [
        pytest.param(ONE, TWO, "differs", id="values"),
        pytest.param(ONE, REFUSED, "refused", id="refused-here"),
        pytest.param(REFUSED, ONE, "answered", id="refused-there"),
        pytest.param(NO_GRADIENT, ONE, "answered", id="no-gradient-there"),
        pytest.param(ONE, NO_GRADIENT, "refused", id="no-gradient-here"),
        pytest.param(REFUSED, NO_GRADIENT, "answered", id="refused-there-no-gradient-here"),
    ],
)
def test_a_summary_says_what_happens_and_where(there: dict[str, Any], here: dict[str, Any], what: str) -> None:
    assert summary("T(2, 3).exp()", there, here) == f"{what}:T(2,3).exp()"


def test_known_differences_are_told_from_others_and_idle_patterns_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "oneflow.txt").write_text("why\n    differs:b(*) refused:a(*)\n", encoding="utf-8")
    monkeypatch.setattr(agreement, "KNOWN", tmp_path)
    monkeypatch.setattr(agreement, "environment", lambda name: name)
    monkeypatch.setattr(agreement, "generated", lambda framework, here: iter(["a(1)", "b(1, 2)", "c()"]))
    monkeypatch.setattr(agreement, "answers", lambda *_, **__: iter([ONE, ONE, ONE]))
    monkeypatch.setattr(agreement, "answers_here", lambda *_, **__: iter([TWO, TWO, ONE]))
    (found,) = agree_on_names("oneflow", area=GENERATED)
    assert (list(found.differences), list(found.known), found.idle) == (["a(1)"], ["b(1, 2)"], ("refused:a(*)",))


@pytest.mark.parametrize("framework", [path.stem for path in sorted(KNOWN.glob("*.txt"))])
def test_every_known_difference_is_of_a_call_that_is_generated(framework: str) -> None:
    with front_end(framework) as here:
        calls = {line.replace(" ", "") for line in generated(framework, here)}
    patterns = [each.partition(":") for each in Reasons(KNOWN / f"{framework}.txt").patterns]
    assert {what for what, _, _ in patterns} <= {"differs", "refused", "answered"}
    assert [call for _, _, call in patterns if not any(fnmatchcase(each, call) for each in calls)] == []
