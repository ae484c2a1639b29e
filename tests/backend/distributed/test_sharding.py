"""What `shard` refuses, and the layers of every front end on DTensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.distributed.group import Group

CALLS = "tests.backend.distributed.frontends"


@pytest.mark.parametrize("name", ["torch", "paddle", "fluid", "megengine", "oneflow"])
def test_layers_of_front_ends_take_dtensors(two: Group, name: str) -> None:
    assert two.call(f"{CALLS}:layer", name) == [[], []]


def test_slabs_of_any_thickness_become_a_volume(two: Group) -> None:
    assert two.call(f"{CALLS}:slabs", [1, 4]) == [[3, True], [2, True]]


@pytest.mark.parametrize(
    ("dims", "words"),
    [
        pytest.param(("depth", "height"), "names 2 axes and the mesh has 1 dimensions", id="too-many"),
        pytest.param("channels", "'channels'; legal are", id="unknown"),
    ],
)
def test_dims_that_do_not_fit_are_refused(two: Group, dims: str | tuple[str, ...], words: str) -> None:
    answers = two.answers(f"{CALLS}:sharded", dims)
    assert [(succeeded, words in answer) for succeeded, answer in answers] == [(False, True)] * 2


def test_parallelize_module_takes_it_as_a_plan(two: Group) -> None:
    assert two.call(f"{CALLS}:parallelized") == [True, True]


def test_places_of_the_greatest_values_are_refused(two: Group) -> None:
    answers = two.answers(f"{CALLS}:places")
    assert [(succeeded, "return_indices=True is not supported" in answer) for succeeded, answer in answers] == [
        (False, True)
    ] * 2


@pytest.mark.parametrize("fullgraph", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_compilation_is_refused_with_the_reason(two: Group, fullgraph: bool) -> None:
    answers = two.answers(f"{CALLS}:compiled", fullgraph)
    words = "volumes that processes share are not compiled"
    assert [(succeeded, words in answer) for succeeded, answer in answers] == [(False, True)] * 2, answers


@pytest.mark.parametrize("name", ["unet", "vnet"])
def test_networks_whose_channels_are_shared_equal_one_process(two: Group, name: str, tmp_path: Path) -> None:
    assert two.call(f"{CALLS}:channels", name, str(tmp_path)) == [[], []]
