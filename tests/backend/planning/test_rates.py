"""Rates of the machine: measured once for large calls, kept, and left out where the choice must stay the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from fourfold.backend import ConvTranspose3dSpec, OperatorTypeError, measure_rates
from fourfold.backend.planning import costs, files, rates
from fourfold.backend.planning.case import Case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAST = rates.Rates(product=1e12, onednn=2e12, double=5e11, bfloat16=1e12, bfloat16_sums=1e12, write=1e11, call=1e-7)
SPEC = ConvTranspose3dSpec(in_channels=64, out_channels=64, kernel_size=3)
SMALL = Case(SPEC, 1, (2, 2, 2), torch.float32, "cpu", channels_last=False, threads=2)
LARGE = SMALL._replace(size=(64, 64, 64))


MEASURED = rates.measured


@pytest.fixture(autouse=True)
def measurements(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """A machine of which nothing is known, and how often it was measured."""
    counted: list[int] = []

    def measured() -> rates.Rates:
        counted.append(1)
        return FAST

    monkeypatch.setattr(rates, "_state", rates._State())
    monkeypatch.setattr(rates._state, "enabled", True)
    monkeypatch.setattr(rates, "measured", measured)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return counted


def test_the_first_large_call_measures_and_the_file_keeps_it(measurements: list[int]) -> None:
    assert costs.rates_of(SMALL) == rates.shipped()
    assert measurements == []
    assert costs.rates_of(LARGE) == costs.rates_of(LARGE) == FAST
    assert len(measurements) == 1
    rates._state.found = None  # another process
    assert costs.rates_of(LARGE) == FAST
    assert len(measurements) == 1


def test_small_calls_are_planned_alike_before_and_after(measurements: list[int]) -> None:
    before = costs.rates_of(SMALL)
    assert costs.rates_of(LARGE) != before
    assert costs.rates_of(SMALL) == before
    assert measurements == [1]


def test_deterministic_mode_and_the_switch_take_the_shipped_ones(measurements: list[int]) -> None:
    measure_rates(False)
    assert costs.rates_of(LARGE) == rates.shipped()
    measure_rates()
    torch.use_deterministic_algorithms(True)
    try:
        assert costs.rates_of(LARGE) == rates.shipped()
    finally:
        torch.use_deterministic_algorithms(False)
    assert measurements == []
    with pytest.raises(OperatorTypeError, match=r"enabled='no' is a str; it must be a bool"):
        measure_rates("no")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"version": 1}',
        '{"version": 0, "machines": {}}',
        json.dumps({"version": 1, "machines": {"x": {"product": -1.0}}}),
        json.dumps({"version": 1, "machines": {"x": {**FAST._asdict(), "call": "soon"}}}),
    ],
)
def test_a_damaged_file_counts_as_empty(content: str, measurements: list[int]) -> None:
    path = files.cache("rates.json")
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    assert costs.rates_of(LARGE) == FAST
    assert measurements == [1]
    assert rates._machine() in json.loads(path.read_text(encoding="utf-8"))["machines"]


def test_rates_of_other_machines_stay_in_the_file(measurements: list[int]) -> None:
    path = files.cache("rates.json")
    files.write(path, {"version": rates.VERSION, "machines": {"another": FAST._asdict()}})
    costs.rates_of(LARGE)
    assert set(json.loads(path.read_text(encoding="utf-8"))["machines"]) == {"another", rates._machine()}


def test_a_cache_that_cannot_be_written_costs_a_measurement_per_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, measurements: list[int]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert costs.rates_of(LARGE) == FAST
    assert costs.rates_of(LARGE) == FAST
    assert measurements == [1]


def test_assumed_rates_hold_for_small_calls_too_and_end() -> None:
    with rates.assumed(FAST):
        assert costs.rates_of(SMALL) == FAST
    assert costs.rates_of(SMALL) == rates.shipped()


class Products(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes in what dtype and where matrices are multiplied."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[tuple[torch.dtype, str]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func.overloadpacket is torch.ops.aten.mm:
            self.seen.append((result.dtype, result.device.type))
        return result


def test_what_the_caller_has_set_does_not_change_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    outside, inside = Products(), Products()

    def once(call: Callable[[], object]) -> float:
        with inside:
            call()
        return 1.0

    monkeypatch.setattr(rates, "_fastest", once)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.device("meta"), outside:
            MEASURED()
    finally:
        torch.set_default_dtype(torch.float32)
    assert outside.seen == []
    assert inside.seen[:2] == [(torch.float32, "cpu"), (torch.float64, "cpu")]
