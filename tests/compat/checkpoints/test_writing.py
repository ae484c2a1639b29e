"""What is written is read back bit for bit, by our readers and by the formats' own libraries, and appears whole."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.checkpoints.frameworks import values

import fourfold
from fourfold import CheckpointError, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from fourfold.compat.literals import Format

FORMATS = [
    "paddle",
    "paddle-fluid",
    "paddle-persistables",
    "megengine",
    "oneflow",
    "torch",
    "torch-legacy",
    "safetensors",
]
TENSORS = {
    "float32": torch.arange(24.0).reshape(2, 3, 4).transpose(0, 2),
    "float64": torch.tensor([0.1, -0.0], dtype=torch.float64),
    "float16": torch.tensor([1.5], dtype=torch.float16),
    "int64": torch.arange(-3, 3),
    "uint8": torch.arange(256, dtype=torch.uint8),
    "bool": torch.tensor([True, False]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "large": torch.arange(40_000, dtype=torch.float32),
    "special": torch.tensor([float("nan"), float("inf"), -0.0]),
    "bfloat16": torch.tensor([1.5, -2.0], dtype=torch.bfloat16),
}
WITHOUT_BFLOAT16 = ["megengine", "oneflow"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", TENSORS)
def test_every_tensor_comes_back_bit_for_bit(tmp_path: Path, format: Format, name: str) -> None:
    tensor = TENSORS[name]
    if name == "bfloat16" and format in WITHOUT_BFLOAT16:
        with pytest.raises(CheckpointError, match=r"'bfloat16': .*bfloat16"):
            save_checkpoint({name: tensor}, tmp_path / "x", format=format)
        assert list(tmp_path.iterdir()) == []
        return
    save_checkpoint({name: tensor}, tmp_path / "x", format=format)
    bits = name == "bfloat16" and format in ("paddle", "paddle-fluid")
    found = load_checkpoint(tmp_path / "x", bfloat16=bits).tensors[name]
    assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape)
    assert found.numpy(force=True).tobytes() == tensor.numpy().tobytes() if name != "bfloat16" else found.equal(tensor)


@pytest.mark.parametrize("format", ["paddle", "paddle-fluid", "megengine"])
def test_pickles_are_what_python_s_own_unpickler_reads(tmp_path: Path, format: Format) -> None:
    save_checkpoint({"weight": values("weight"), "bias": values("bias")}, tmp_path / "x", format=format)
    found: dict[str, Any] = pickle.loads((tmp_path / "x").read_bytes(), encoding="latin1")
    assert type(found) is (OrderedDict if format == "megengine" else dict)
    assert np.array_equal(found["weight"], values("weight"))
    assert found["weight"].dtype == np.float32


def test_safetensors_files_are_read_by_their_own_library(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch")
    save_checkpoint(TENSORS, tmp_path / "x", format="safetensors")
    found = library.load_file(tmp_path / "x")
    assert set(found) == set(TENSORS)
    assert torch.equal(found["bfloat16"], TENSORS["bfloat16"])
    assert torch.equal(found["float32"], TENSORS["float32"])


def test_paddle_s_name_table_is_written(tmp_path: Path) -> None:
    save_checkpoint({"w": torch.ones(1)}, tmp_path / "x", format="paddle", name_table={"w": "conv_0.w_0"})
    assert load_checkpoint(tmp_path / "x").name_table == {"w": "conv_0.w_0"}


@pytest.mark.parametrize("name", ["\ud800", "layer\udcff.weight"], ids=ascii)
@pytest.mark.parametrize("format", [each for each in FORMATS if each not in ("safetensors", "paddle-persistables")])
def test_a_name_with_a_lone_surrogate_comes_back_from_a_pickle(tmp_path: Path, format: Format, name: str) -> None:
    save_checkpoint({name: torch.ones(2)}, tmp_path / "x", format=format)
    assert list(load_checkpoint(tmp_path / "x").tensors) == [name]


@pytest.mark.parametrize("format", ["paddle", "paddle-fluid", "megengine"])
def test_python_s_own_unpickler_reads_lone_surrogates_as_they_are(tmp_path: Path, format: Format) -> None:
    save_checkpoint({"\ud800": torch.ones(2)}, tmp_path / "x", format=format)
    assert "\ud800" in pickle.loads((tmp_path / "x").read_bytes(), encoding="latin1")


def test_a_file_of_a_tensor_is_named_with_up_to_255_bytes(tmp_path: Path) -> None:
    name = "層" * 85
    save_checkpoint({name: torch.ones(2)}, tmp_path / "x", format="paddle-persistables")
    assert list(load_checkpoint(tmp_path / "x").tensors) == [name]


WRONG = [
    pytest.param({"w": torch.ones(1)}, "onnx", r"format='onnx' is not known; .*paddle-persistables", id="format"),
    pytest.param({"w": 3}, "torch", r"'w': a state holds tensors, not int", id="value"),
    pytest.param({3: torch.ones(1)}, "torch", r"names are texts, not 3", id="name"),
    pytest.param({"w": np.array(["a"])}, "torch", r"'w': an array of dtype <U1 is no tensor", id="text"),
    pytest.param(
        {"../w": torch.ones(1)}, "paddle-persistables", r"'\.\./w' cannot be the name of a file", id="upwards"
    ),
    pytest.param({"/w": torch.ones(1)}, "paddle-persistables", r"'/w' cannot be the name of a file", id="absolute"),
    pytest.param(
        {"a/b": torch.ones(1), "a": torch.ones(1)}, "paddle-persistables", "'a' cannot be", id="file and folder"
    ),
    pytest.param(
        {"a/" + "層" * 86: torch.ones(1)}, "paddle-persistables", r"it takes 258 bytes, .* allow 255", id="long name"
    ),
    pytest.param({"\ud800": torch.ones(1)}, "paddle-persistables", r"'\\ud800' has a lone surrogate", id="surrogate"),
    pytest.param({"\ud800": torch.ones(1)}, "safetensors", r"'\\ud800' has a lone surrogate", id="surrogate in JSON"),
    pytest.param({"__metadata__": torch.ones(1)}, "safetensors", "'__metadata__' cannot be the name", id="metadata"),
    pytest.param({"w": torch.ones(1, device="meta")}, "torch", "'w': only dense tensors with data", id="meta"),
]


@pytest.mark.parametrize(("state", "format", "match"), WRONG)
def test_what_cannot_be_written_is_named(tmp_path: Path, state: dict[str, Any], format: Format, match: str) -> None:
    with pytest.raises(CheckpointError, match=match):
        save_checkpoint(state, tmp_path / "x", format=format)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_failure_halfway_leaves_the_old_checkpoint(
    tmp_path: Path, format: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint({"w": torch.ones(2)}, tmp_path / "x", format=format)

    def fail(*_: object) -> None:
        msg = "the disk is full"
        raise OSError(msg)

    monkeypatch.setattr("fourfold.compat.checkpoints.atomic.os.fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        save_checkpoint({"w": torch.zeros(2)}, tmp_path / "x", format=format)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert load_checkpoint(tmp_path / "x").tensors["w"].tolist() == [1, 1]


@pytest.mark.parametrize("exchange", [True, False], ids=["in one step", "by two renames"])
@pytest.mark.parametrize("format", ["oneflow", "paddle-persistables"])
def test_a_folder_takes_the_old_one_s_place_without_leftovers(
    tmp_path: Path, format: Format, exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchange:
        monkeypatch.setattr("fourfold.compat.checkpoints.atomic._exchange", lambda *_: False)
    save_checkpoint({"old": torch.ones(2)}, tmp_path / "x", format=format)
    save_checkpoint({"new": torch.zeros(2)}, tmp_path / "x", format=format)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert list(load_checkpoint(tmp_path / "x").tensors) == ["new"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(CheckpointError, match=r"is a file, and format 'oneflow' writes the other"):
        save_checkpoint({"w": torch.ones(1)}, tmp_path / "x", format="oneflow")


def test_the_facade_has_the_four_names() -> None:
    names = {"Checkpoint", "CheckpointError", "load_checkpoint", "save_checkpoint"}
    assert names <= set(fourfold.__all__)


@pytest.mark.parametrize("name", ["StructuredToParameterName@@", "UnpackBigParamInfor@@"])
@pytest.mark.parametrize("format", ["paddle", "paddle-fluid"])
def test_a_tensor_with_the_name_of_paddle_s_table_is_refused_and_not_lost(
    tmp_path: Path, format: Format, name: str
) -> None:
    with pytest.raises(CheckpointError, match=f"'{name}' cannot be the name of a tensor.*Rename"):
        save_checkpoint({name: torch.ones(1), "w": torch.ones(1)}, tmp_path / "x", format=format)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("format", [each for each in FORMATS if not each.startswith("torch")])
def test_a_number_that_is_expanded_to_millions_is_refused(tmp_path: Path, format: Format) -> None:
    state = {"x": torch.ones(1).expand(3_000, 3_000)}
    with pytest.raises(CheckpointError, match=r"expand 4 bytes, which would become 36000000.*clone\(\)"):
        save_checkpoint(state, tmp_path / "x", format=format)


@pytest.mark.skipif(not hasattr(torch, "float4_e2m1fn_x2"), reason="this torch has no float4")
def test_pairs_of_numbers_in_a_byte_need_an_axis(tmp_path: Path) -> None:
    state = {"x": torch.zeros((), dtype=torch.uint8).view(torch.float4_e2m1fn_x2)}
    with pytest.raises(CheckpointError, match="need an axis"):
        save_checkpoint(state, tmp_path / "x", format="safetensors")
