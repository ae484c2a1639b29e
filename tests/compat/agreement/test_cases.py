from __future__ import annotations

import json
from typing import Any

import pytest

from fourfold.compat.agreement.cases import Case, is_symmetric
from fourfold.compat.agreement.catalogue import WORKLOADS, SelectionError, catalogue, select

ARGUMENTS: dict[str, Any] = {"id": "", "source": "", "in_channels": 1, "out_channels": 1}


def test_cases_survive_json() -> None:
    cases = catalogue(full=True)
    assert [Case.from_json(json.loads(json.dumps(case.to_json()))) for case in cases] == list(cases)


def test_ids_are_unique() -> None:
    ids = [case.id for case in catalogue()]
    assert len(set(ids)) == len(ids)


def test_every_workload_of_the_list_is_there() -> None:
    families = {workload.id.split("/")[0] for workload in WORKLOADS}
    assert families == {f"W{number}" for number in range(1, 19)}


@pytest.mark.parametrize(
    ("kernel_size", "stride", "size", "low", "high", "output"),
    # measured in Paddle 3.3.1 and 2.6.2: conv3d_transpose(padding="SAME") on a volume of 3 per axis
    [(3, 2, 3, 1, 1, 5), (2, 2, 3, 0, 1, 5), (4, 3, 3, 0, 1, 9), (2, 4, 3, 0, 0, 10), (3, 1, 3, 1, 1, 3)],
)
def test_same_padding_gives_the_sizes_that_paddle_gives(
    kernel_size: int, stride: int, size: int, low: int, high: int, output: int
) -> None:
    case = Case(**ARGUMENTS, kernel_size=kernel_size, stride=stride, input_size=size, padding="SAME", dilation=2)
    geometry = case.geometry()
    assert geometry.output_size == (output,) * 3
    assert geometry.padding == ((low, high),) * 3
    assert geometry.dilation == (1, 1, 1)


def test_output_size_comes_to_an_output_padding() -> None:
    case = Case(**ARGUMENTS, kernel_size=3, stride=2, input_size=3, padding=1, output_size=(5, 6, 5))
    assert case.geometry().output_padding == (0, 1, 0)


@pytest.mark.parametrize(("batch", "shape"), [(2, (2, 1, 3, 4, 5)), (0, (0, 1, 3, 4, 5)), (None, (1, 3, 4, 5))])
def test_shapes_follow_the_batch(batch: int | None, shape: tuple[int, ...]) -> None:
    case = Case(**ARGUMENTS, kernel_size=1, input_size=(3, 4, 5), batch=batch)
    assert case.input_shape == shape
    assert case.output_shape == shape


@pytest.mark.parametrize(("padding", "symmetric"), [(1, True), (((0, 1), (0, 0), (0, 0)), False), ("VALID", True)])
def test_symmetry_is_judged_on_the_resolved_pads(padding: Any, symmetric: bool) -> None:
    assert is_symmetric(Case(**ARGUMENTS, kernel_size=3, input_size=3, padding=padding)) is symmetric


def test_default_selection_is_the_workloads_and_the_documented_examples() -> None:
    assert {case.id.split("/")[0].rstrip("0123456789") for case in select([])} == {"W", "documented"}


def test_full_selection_has_the_stated_volumes() -> None:
    (case,) = select(["W17/*"], full=True)
    assert (case.input_size, case.output_shape) == ((128, 512, 512), (1, 1, 256, 1024, 1024))


@pytest.mark.parametrize(
    ("name", "shape"),
    # what the four texts state, or in torch's case imply by its formula
    [
        ("fluid", (5, 12, 23, 43, 43)),
        ("megengine", (16, 64, 63, 63, 63)),
        ("oneflow", (20, 33, 21, 46, 97)),
        ("torch", (20, 33, 21, 101, 201)),
    ],
)
def test_documented_examples_have_the_documented_shapes(name: str, shape: tuple[int, ...]) -> None:
    (case,) = select([f"documented/{name}"], full=True)
    assert case.output_shape == shape


def test_pattern_without_a_match_is_an_error() -> None:
    with pytest.raises(SelectionError, match=r"no case matches 'W99/\*'; `fourfold agree --list`"):
        select(["W1/*", "W99/*"])
