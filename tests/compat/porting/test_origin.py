"""Whose a checkpoint is, as far as its file says: of what the real releases wrote, and of what is written here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold import load_checkpoint, save_checkpoint
from fourfold.compat.porting.kinds import APIS
from fourfold.compat.porting.origin import Origin, origin_of
from fourfold.frontends import oneflow, paddle
from fourfold.frontends.paddle import fluid

if TYPE_CHECKING:
    from fourfold.compat.literals import Format

DATA = Path(__file__).parents[2] / "data" / "checkpoints"
EITHER = Origin(None, ("paddle", "fluid"))


@pytest.mark.parametrize(
    ("file", "origin"),
    [
        ("fluid-1.8.pdparams", EITHER),
        ("fluid-1.8-persistables", EITHER),
        ("paddle-3.3-jit.pdiparams", EITHER),
        ("paddle-3.3-flat-p4.pdparams", Origin("paddle", ("paddle", "fluid"))),
        ("megengine-1.13-state-p4.pkl", Origin("megengine", ("megengine",))),
        ("megengine-1.13-module.pkl", Origin("megengine", ("megengine",))),
        ("oneflow-0.9-state", Origin("oneflow", ("oneflow",))),
    ],
)
def test_what_a_release_wrote_says_whose_it_is(file: str, origin: Origin) -> None:
    assert origin_of(load_checkpoint(DATA / file)) == origin


@pytest.mark.parametrize("format", ["torch", "torch-legacy"])
def test_a_file_of_torch_save_is_torchs(format: Format, tmp_path: Path) -> None:
    save_checkpoint({"weight": torch.ones(1)}, tmp_path / "x", format=format)
    assert origin_of(load_checkpoint(tmp_path / "x")) == Origin("torch", ("torch",))


@pytest.mark.parametrize(
    ("layer", "api"),
    [
        pytest.param(paddle.nn.Linear(2, 3), "paddle", id="paddle"),
        pytest.param(oneflow.nn.Linear(2, 3), "oneflow", id="oneflow"),
        pytest.param(fluid.dygraph.Linear(2, 3), "fluid", id="fluid"),
    ],
)
def test_the_parameters_of_a_front_end_are_read_and_say_whose_they_are(
    layer: torch.nn.Module, api: str, tmp_path: Path
) -> None:
    torch.save(layer.state_dict(), tmp_path / "x")
    found = load_checkpoint(tmp_path / "x")
    assert list(found.tensors) == ["weight", "bias"]
    assert type(found.tensors["weight"]) is torch.Tensor
    assert origin_of(found).likely == api


@pytest.mark.parametrize(
    ("metadata", "origin"), [(None, Origin(None, APIS)), ({"format": "pt"}, Origin("torch", ("torch",)))]
)
def test_safetensors_say_it_in_their_metadata_or_not_at_all(
    metadata: dict[str, str] | None, origin: Origin, tmp_path: Path
) -> None:
    torch_files = pytest.importorskip("safetensors.torch")
    torch_files.save_file({"weight": torch.ones(1)}, tmp_path / "x", metadata=metadata)
    assert origin_of(load_checkpoint(tmp_path / "x")) == origin
