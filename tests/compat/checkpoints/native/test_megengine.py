"""What MegEngine's and OneFlow's `save` and `load` keep; that the real ones load it is in activation/test_unet.py."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from fourfold.compat.checkpoints import CheckpointError
from fourfold.compat.checkpoints.native.megengine import load as load_megengine
from fourfold.compat.checkpoints.native.megengine import save as save_megengine
from fourfold.compat.checkpoints.native.oneflow import load as load_oneflow
from fourfold.compat.checkpoints.native.oneflow import save as save_oneflow
from fourfold.frontends import megengine, oneflow

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = {"epoch": 3, "rate": np.float64(0.5), "notes": ["a", None, True], "betas": (0.9, 0.999), 7: {"deep": []}}


def test_a_pickle_of_megengine_s_comes_back_as_it_was(tmp_path: Path) -> None:
    model = megengine.module.Conv3d(2, 2, 1)
    optimizer = megengine.optimizer.Adam(model.parameters(), lr=0.5)
    states: dict[Any, Any] = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), **PLAIN}
    save_megengine(states, tmp_path / "new" / "all")
    loaded = load_megengine(tmp_path / "new" / "all")
    assert list(loaded) == ["model", "optimizer", "epoch", "rate", "notes", "betas", 7]
    assert type(loaded["model"]) is OrderedDict
    assert np.array_equal(loaded["model"]["weight"], states["model"]["weight"])
    assert loaded["optimizer"]["param_groups"] == states["optimizer"]["param_groups"]
    assert loaded["optimizer"]["state"][1]["step"].shape == ()
    assert {key: loaded[key] for key in PLAIN} == PLAIN


def test_a_folder_of_oneflow_s_comes_back_as_it_was(tmp_path: Path) -> None:
    model = oneflow.nn.BatchNorm3d(2)
    optimizer = oneflow.optim.SGD(model.parameters(), lr=0.5, momentum=0.5)
    model(oneflow.ones(1, 2, 2, 2, 2)).sum().backward()
    optimizer.step()
    states: dict[Any, Any] = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "array": np.arange(3),
        **PLAIN,
    }
    save_oneflow(states, tmp_path / "new" / "all")
    loaded = load_oneflow(tmp_path / "new" / "all")
    assert list(loaded["model"]) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    assert loaded["model"]["num_batches_tracked"].item() == 1
    assert type(loaded["model"]["weight"]) is oneflow.Tensor
    assert torch.equal(loaded["optimizer"]["state"][1]["momentum_buf"], torch.full((2,), 8.0))
    assert loaded["optimizer"]["param_groups"] == states["optimizer"]["param_groups"]
    assert loaded["array"].tolist() == [0, 1, 2]
    assert {key: loaded[key] for key in PLAIN} == PLAIN


@pytest.mark.parametrize("save", [save_megengine, save_oneflow])
@pytest.mark.parametrize("value", [object(), {"model": torch.nn.ReLU()}, [{1, 2}]], ids=["object", "module", "set"])
def test_what_is_no_state_is_refused_and_leaves_nothing(save: Any, value: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"can be saved here; given is a (object|ReLU|set)\. Save what its state_dict"):
        save(value, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_oneflow_has_no_bfloat16(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot load torch\.bfloat16 tensors"):
        save_oneflow({"weight": torch.ones(1, dtype=torch.bfloat16)}, tmp_path / "folder")


class Touch:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (self.path, "w")


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(pickle.dumps({"a": Touch(str(tmp_path / "touched"))}, 4))
    with pytest.raises(CheckpointError, match="open"):
        load_megengine(tmp_path / "file")
    assert not (tmp_path / "touched").exists()


def test_what_a_small_file_shares_is_read_once(tmp_path: Path) -> None:
    value: Any = []
    for _ in range(60):
        value = [value, value]  # 2 ** 60 leaves, were it a tree
    (tmp_path / "file").write_bytes(pickle.dumps({"a": value}, 4))
    loaded = load_megengine(tmp_path / "file")["a"]
    assert loaded[0] is loaded[1]


def test_what_holds_itself_is_refused(tmp_path: Path) -> None:
    value: Any = []
    value.append(value)
    (tmp_path / "file").write_bytes(pickle.dumps(value, 4))
    with pytest.raises(CheckpointError, match="file: damaged, or no checkpoint"):
        load_megengine(tmp_path / "file")


def test_oneflow_loads_torch_s_files_too(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(2)}, tmp_path / "file.pt")
    assert type(load_oneflow(tmp_path / "file.pt")["weight"]) is oneflow.Tensor
