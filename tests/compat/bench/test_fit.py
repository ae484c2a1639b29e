"""The fit finds what times were made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold.backend.planning import costs, rates
from fourfold.compat.bench.fit import LEAST, counted, fit
from fourfold.compat.bench.record import drawn, key_of

if TYPE_CHECKING:
    from fourfold.backend.planning.case import Case

RATES = rates.Rates(product=5e10, onednn=4e10, double=2e10, bfloat16=5e10, bfloat16_sums=5e10, write=8e9, call=3e-6)
CASES = [case for case in drawn(50) if case.dtype is torch.float64]


def recorded(of: list[Case], passes: float, products: float) -> dict[str, Any]:
    """Make up times of torch's own operator: so many passes, and products so much longer than at full rate."""
    with rates.assumed(RATES):
        times = {key_of(case, "forward"): passes * costs.passes(case) + products * costs.products(case) for case in of}
    rows = {key: {"native": seconds} for key, seconds in times.items()}
    return {"made up": {"torch": "", "rates": RATES._asdict(), "cases": rows}}


def test_coefficients_are_found_again() -> None:
    found = fit(recorded(CASES, passes=4.0, products=1.5))["native"]
    assert found["cases"] == len(CASES)
    assert found["residual"] < 0.01
    assert found["coefficients"]["passes"] == pytest.approx(4.0, rel=0.05)
    assert found["coefficients"]["products"] == pytest.approx(1.5, rel=0.05)


def test_one_disturbed_time_changes_little() -> None:
    made = recorded(CASES, passes=4.0, products=1.5)
    rows = made["made up"]["cases"]
    rows[next(iter(rows))]["native"] *= 20
    found = fit(made)["native"]["coefficients"]
    assert found["passes"] == pytest.approx(4.0, rel=0.15)


def test_regimes_of_few_cases_have_none_of_their_own() -> None:
    few = recorded(CASES[: LEAST - 1], passes=4.0, products=1.5)
    assert {regime for regime in fit(few) if regime.startswith("native")} == {"native"}


def test_counts_are_made_at_the_rates_of_the_machine_that_took_the_times() -> None:
    made = recorded(CASES[:1], passes=1.0, products=0.0)
    (((_, parts), seconds),) = counted(made)
    assert parts["passes"] == pytest.approx(seconds)
