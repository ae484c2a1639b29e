"""Layers, schedulers, clips and optimizers give what the real Paddle gave, on the same script and numbers."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli
from fourfold.frontends.paddle import unique_name

SCRIPTS = Path(__file__).with_name("scripts")
RECORDED = Path(__file__).parents[2] / "data" / "neighbours"
PROVENANCE: dict[str, dict[str, Any]] = json.loads((RECORDED / "provenance.json").read_text(encoding="utf-8"))
OPTIONS = {"paddle": [], "fluid": ["--fluid", "1.8"]}
EPS = float(np.finfo(np.float32).eps)
# In eps of float32, of the greatest value: sums of up to 100 terms in another order, and what is below.
ROUNDING = 8
LOOSER = {
    "GroupNorm": 128,  # Paddle takes the variance as the mean of squares less the square of the mean
    "LayerNorm": 32,  # of two values only: they cancel in its gradient
    "Adam": 256,  # Paddle computes 1 - 0.999 in float32, which is 106 eps from 0.001
}


def recorded(name: str) -> dict[str, np.ndarray[Any, Any]]:
    with np.load(RECORDED / f"{name}.npz") as arrays:
        return dict(arrays)


REAL = {name: recorded(name) for name in OPTIONS}
CASES = [pytest.param(name, case, id=f"{name}: {case}") for name in OPTIONS for case in REAL[name]]


def run_here(name: str, folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    path = folder / f"{name}.npz"
    script = str(SCRIPTS / f"{name}_neighbours.py")
    # names count from zero, as in a process of its own
    with unique_name.guard():
        assert cli.main(["run", "--as", "paddle", *OPTIONS[name], script, str(path)]) == 0
    with np.load(path) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, np.ndarray[Any, Any]]]:
    return {name: run_here(name, tmp_path_factory.mktemp("here")) for name in OPTIONS}


def bound(case: str) -> float:
    return next((factor for layer, factor in LOOSER.items() if case.startswith(layer)), ROUNDING) * EPS


def assert_agree(ours: np.ndarray[Any, Any], real: np.ndarray[Any, Any], case: str) -> None:
    assert (ours.shape, ours.dtype.kind) == (real.shape, real.dtype.kind)
    if real.dtype.kind == "f":
        scale = float(np.abs(real).max(initial=0.0))
        np.testing.assert_allclose(ours, real, rtol=0, atol=bound(case) * scale)
    else:
        np.testing.assert_array_equal(ours, real)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_it_is_what_the_real_framework_gave(
    name: str, case: str, here: dict[str, dict[str, np.ndarray[Any, Any]]]
) -> None:
    assert_agree(here[name][case], REAL[name][case], case)


@pytest.mark.parametrize("name", OPTIONS)
def test_nothing_is_computed_that_was_not_recorded(name: str, here: dict[str, dict[str, np.ndarray[Any, Any]]]) -> None:
    assert set(here[name]) == set(REAL[name])


@pytest.mark.parametrize("name", OPTIONS)
def test_recorded_numbers_are_those_of_the_provenance(name: str) -> None:
    digest = hashlib.sha256((RECORDED / f"{name}.npz").read_bytes()).hexdigest()
    assert digest == PROVENANCE[name]["sha256"]


@pytest.mark.live
@pytest.mark.parametrize("name", OPTIONS)
def test_the_real_framework_gives_it_still(name: str, tmp_path: Path) -> None:
    path = tmp_path / "real.npz"
    command, variables = environment(name).command([str(SCRIPTS / f"{name}_neighbours.py"), str(path)])
    subprocess.run(command, env=variables, capture_output=True, check=True, timeout=300)
    with np.load(path) as arrays:
        assert set(arrays) == set(REAL[name])
        for case in arrays:
            assert_agree(arrays[case], REAL[name][case], case)
