"""The search for wrong gradients: it knows a right result from a wrong one, and finds no wrong one in some layers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
import torch
from tests.fuzz.fuzz_gradients import BATCH, DTYPES, PATHS, Layer, alone, draw, ours, search, torchs, wrong

if TYPE_CHECKING:
    from tests.fuzz.fuzz_gradients import Function

BOTH = (True, False)


def layer(seed: int) -> Layer:
    return draw(seed, DTYPES, BOTH, PATHS)


@pytest.mark.parametrize("seed", range(0, 1000, 50))
def test_no_result_of_these_layers_is_wrong(seed: int) -> None:
    assert wrong(layer(seed), ours(layer(seed))) == []


@pytest.mark.parametrize("algorithm", ["native", "deconvolution", "taps", "fold"])
@pytest.mark.parametrize("seed", range(0, 1000, 50))
def test_no_output_in_bfloat16_is_wrong(seed: int, algorithm: str) -> None:
    one = draw(seed, ("bfloat16",), (True,), ("inference",))
    function = alone(one, algorithm)
    assert function is not None
    assert wrong(one, function) == []


def test_layers_of_every_kind_are_drawn() -> None:
    drawn = [layer(seed) for seed in range(300)]
    assert {each.path for each in drawn} == set(PATHS)
    assert {each.dtype for each in drawn} == set(DTYPES)
    assert {each.transposed for each in drawn} == {True, False}


def test_a_layer_is_the_same_for_the_same_seed() -> None:
    assert layer(7) == layer(7)


def off_by_one(layer: Layer) -> Function:
    function = torchs(layer)

    def shifted(input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        output = function(input, weight)
        return torch.cat([output.flatten()[:1] + 1, output.flatten()[1:]]).view_as(output)

    return shifted


def doubled(layer: Layer) -> Function:
    return lambda volume, weight: torchs(layer)(2 * volume - volume.detach(), weight)


@pytest.mark.parametrize(
    ("subject", "found"),
    [(torchs, []), (off_by_one, ["output"]), (doubled, ["input"])],
    ids=["right", "output", "input"],
)
def test_what_is_wrong_is_named(subject: type, found: list[str]) -> None:
    plain = layer(0)._replace(dtype="complex64", path="backward", stored=["contiguous"] * 3)
    assert wrong(plain, subject(plain)) == found


FINISHES = "import json; print(json.dumps([{0}, None])); print(json.dumps([{0}, ['weight']]))"
DIES = "import os; print('[7, null]', flush=True); print('[7, []]'); print('[8, null]', flush=True); os.abort()"
FAILS = "print('[0, null]'); raise RuntimeError('no such operator')"


def test_the_search_yields_what_its_workers_find() -> None:
    worker = [sys.executable, "-c", "import sys; first = int(sys.argv[1]); " + FINISHES.format("first")]
    found = search(worker, 0, 60)
    assert next(found) == (0, ["weight"])
    assert next(found) == (BATCH, ["weight"])


def test_the_layer_at_which_a_worker_died_is_named() -> None:
    found = search([sys.executable, "-c", DIES], 7, 60)
    assert [next(found), next(found)] == [(7, []), (8, ["the process died"])]


def test_an_error_of_the_search_itself_ends_it() -> None:
    with pytest.raises(SystemExit, match="no such operator"):
        next(search([sys.executable, "-c", FAILS], 0, 60))
