"""What stands around the operator in a decoder, on volumes that processes share, equals one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.backend.distributed.decoders import LAYERS, LOSSES, NETWORKS
from tests.thorough import some_by_default

if TYPE_CHECKING:
    from pathlib import Path

    from tests.backend.distributed.group import Group

CALLS = "tests.backend.distributed.decoders"
FEW = {"conv-stride", "max-overlap", "trilinear-factor", "group-norm"}


@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_a_sharded_depth(two: Group, name: str) -> None:
    assert two.call(f"{CALLS}:layer", name, (2,), "2", (7, 5, 6)) == [[], []]


@pytest.mark.parametrize("name", some_by_default(dict(zip(LAYERS, LAYERS, strict=True)), FEW))
def test_layers_of_a_sharded_depth_and_width(four: Group, name: str) -> None:
    assert four.call(f"{CALLS}:layer", name, (2, 2), "24", (7, 5, 6)) == [[]] * 4


@pytest.mark.parametrize("name", some_by_default(dict(zip(LAYERS, LAYERS, strict=True)), FEW))
def test_layers_where_a_process_has_nothing(four: Group, name: str) -> None:
    assert four.call(f"{CALLS}:layer", name, (4,), "2", (5, 5, 6)) == [[]] * 4


@pytest.mark.parametrize("target_is_plain", [True, False], ids=["plain", "sharded"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses(two: Group, name: str, target_is_plain: bool) -> None:
    assert two.call(f"{CALLS}:loss", name, (2,), "2", target_is_plain) == [[], []]


@pytest.mark.parametrize("name", some_by_default(dict(zip(NETWORKS, NETWORKS, strict=True)), {"unet"}))
def test_networks_train_to_the_losses_of_one_process(four: Group, name: str, tmp_path: Path) -> None:
    assert four.call(f"{CALLS}:training", name, (2, 2), ("depth", "width"), str(tmp_path)) == [[]] * 4


@pytest.mark.parametrize("dims", ["depth", pytest.param("batch", marks=pytest.mark.thorough)])
def test_networks_train_on_two(two: Group, dims: str, tmp_path: Path) -> None:
    assert two.call(f"{CALLS}:training", "unet", (2,), (dims,), str(tmp_path)) == [[], []]
