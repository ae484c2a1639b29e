"""Every recorded name is served or has a reason, and every pattern of a reason is one of a name that is not."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, cast

import pytest

from fourfold.frontends import paddle
from fourfold.frontends.names import Names, Reasons, unserved

if TYPE_CHECKING:
    from pathlib import Path

FRONT_ENDS = ("paddle", "paddle.fluid", "paddle.fluid_1_8", "megengine", "oneflow")


@pytest.fixture(params=FRONT_ENDS)
def names(request: pytest.FixtureRequest) -> Names:
    """The names of a front end whose modules are filled."""
    importlib.import_module(f"fourfold.frontends.{request.param}")
    return cast("Names", importlib.import_module(f"fourfold.frontends.{request.param}.names").NAMES)


def test_every_recorded_name_is_served_or_has_a_reason(names: Names) -> None:
    assert [name for name in unserved(names) if not names.signatures.reason(name)] == []


def test_no_pattern_is_idle(names: Names) -> None:
    # `python -m fourfold.compat.agreement.names` takes out those that are
    assert names.signatures.reasons.idle(unserved(names)) == set()


def test_the_first_pattern_that_fits_gives_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "1.unserved.txt"
    file.write_text("many\n    a.* b\nfew\n    a.c d?\n", encoding="utf-8")
    assert [Reasons(file).of(name) for name in ("a.c", "b", "de", "e")] == ["many", "many", "few", ""]


def test_a_release_without_a_table_has_no_reasons(tmp_path: Path) -> None:
    assert Reasons(tmp_path / "none.txt").of("a") == ""


def test_pruning_drops_idle_patterns_and_reasons_without_any(tmp_path: Path) -> None:
    file = tmp_path / "1.unserved.txt"
    file.write_text("first\n    x\n    y z\nsecond\n    w\nthird\n    v u\n", encoding="utf-8")
    Reasons(file).prune("zu")
    assert file.read_text(encoding="utf-8") == "first\n    z\nthird\n    u\n"


@pytest.mark.parametrize(
    ("module", "name", "reason"),
    [
        pytest.param(paddle.nn.functional, "rnnt_loss", "transducers of speech", id="pattern"),
        pytest.param(paddle.static, "ExecutionStrategy", "2.6.2 has it, 3.3.1 does not", id="before"),
    ],
)
def test_what_stands_for_a_name_says_the_reason(module: Any, name: str, reason: str) -> None:
    standing = getattr(module, name)
    with pytest.raises(NotImplementedError, match=f"has no '{name}'; reason: {reason}"):
        standing()
