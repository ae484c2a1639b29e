"""Recording times: every case has a key, a file that is cut off goes on, other machines stay in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given as drawing
from tests.strategies import cases as specs
from tests.strategies import effort

from fourfold.backend.planning.case import Case
from fourfold.backend.planning.rates import Rates
from fourfold.compat.bench import record
from fourfold.compat.bench.cost import BACKWARD
from fourfold.compat.bench.record import DRAWN, drawn, given, key_of, lacking, machine, parsed

if TYPE_CHECKING:
    from pathlib import Path

    from fourfold.backend import ConvTranspose3dSpec

TINY = next(key for key in given() if '"channels":[1,1]' in key)
BACK = next(key for key in given() if '"channels":[1,1]' in key and BACKWARD in key)


@drawing(specs())
@effort
def test_a_key_is_read_as_the_case_it_was_made_of(drawn: tuple[ConvTranspose3dSpec, tuple[int, int, int]]) -> None:
    spec, size = drawn
    case = Case(spec, 3, size, torch.float64, "cpu", channels_last=spec.in_channels > 1, threads=5)
    assert parsed(key_of(case, BACKWARD)) == (case, BACKWARD)


def test_layers_are_drawn_alike_and_bounded() -> None:
    once, again = list(drawn(DRAWN)), list(drawn(DRAWN))
    assert once == again
    assert len(set(once)) > DRAWN // 2
    assert max(case.products for case in once) < 4e9


@pytest.mark.parametrize("key", [TINY, BACK])
def test_everybody_who_can_compute_a_case_is_timed(key: str, tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    record.record(path, key)
    content = json.loads(path.read_text(encoding="utf-8"))
    times = content[machine()]["cases"][key]
    assert "native" in times
    assert len(times) > 1
    assert all(0 < seconds < 60 for seconds in times.values())
    assert set(content[machine()]["rates"]) == set(Rates._fields)


def test_a_run_goes_on_where_it_was_and_keeps_other_machines(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    other = {"torch": "2.13.0", "rates": {"product": 1.0}, "cases": {"key": {"native": 1.0}}}
    path.write_text(json.dumps({"another": other}), encoding="utf-8")
    assert set(lacking(path)) == set(given())
    record.record(path, TINY)
    assert set(lacking(path)) == set(given()) - {TINY}
    assert json.loads(path.read_text(encoding="utf-8"))["another"] == other
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
