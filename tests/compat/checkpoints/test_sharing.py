"""What a file holds once comes out once, however many names it has."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from tests.compat.checkpoints.hostile_folders import named_tensor
from tests.compat.checkpoints.hostile_pickles import HEAD, text

from fourfold import CheckpointError, load_checkpoint, save_checkpoint
from fourfold.compat.checkpoints import open_checkpoint
from fourfold.compat.checkpoints.native.megengine import load as load_megengine
from fourfold.compat.checkpoints.native.oneflow import load as load_oneflow
from fourfold.compat.checkpoints.native.paddle import load as load_paddle
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    from fourfold.compat.literals import Format

DATA = Path(__file__).parents[2] / "data" / "checkpoints"
NAMES = 2000


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A pickle of one array with 2000 names: 1 MB."""
    file = tmp_path / "shared.pkl"
    file.write_bytes(pickle.dumps({"l": [np.arange(250_000, dtype="f4")] * NAMES}, protocol=4))
    assert file.stat().st_size < 1_100_000
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of OneFlow's with one tensor of 20,000 names."""
    path = tmp_path / "folder"
    shutil.copytree(next((DATA / "oneflow-0.9-dtypes").glob("tensor_*")), path / "tensor_0")
    names = b"](" + named_tensor("tensor_0") * 20_000 + b"e"
    data = b"}(" + text("protocol_version") + b"K\x01" + text("data") + b"}" + text("l") + names + b"su."
    (path / "pickled_data").write_bytes(HEAD + data)
    return path


def places(tensors: list[torch.Tensor]) -> set[int]:
    return {tensor.data_ptr() for tensor in tensors}


@pytest.mark.parametrize("bfloat16", [False, True])
def test_an_array_of_many_names_is_one_tensor(shared: Path, bfloat16: bool) -> None:
    tensors = list(load_checkpoint(shared, bfloat16=bfloat16).tensors.values())
    assert (len(tensors), len(places(tensors))) == (NAMES, 1)
    assert torch.equal(tensors[-1], torch.arange(250_000, dtype=torch.float32))


def test_the_bits_of_bfloat16_stay_one_tensor(tmp_path: Path) -> None:
    bits = torch.arange(8).to(torch.bfloat16).view(torch.uint16).numpy()
    (tmp_path / "x").write_bytes(pickle.dumps([bits, bits], protocol=4))
    first, second = load_checkpoint(tmp_path / "x", bfloat16=True).tensors.values()
    assert first.data_ptr() == second.data_ptr()
    assert second.tolist() == list(range(8))


def test_names_of_one_tensor_have_one_entry(shared: Path) -> None:
    with open_checkpoint(shared) as listing:
        assert len(set(listing.tensors.values())) == 1


def test_a_folder_of_many_names_is_one_tensor(folder: Path) -> None:
    tensors = list(load_checkpoint(folder).tensors.values())
    assert (len(tensors), len(places(tensors))) == (20_000, 1)


def test_paddle_s_own_load_shares_it_too(shared: Path) -> None:
    assert len(places(load_paddle(shared)["l"])) == 1


def test_megengine_s_own_load_shares_it_too(shared: Path) -> None:
    assert len({array.ctypes.data for array in load_megengine(shared)["l"]}) == 1


def test_oneflow_s_own_load_shares_it_too(folder: Path) -> None:
    assert len(places(load_oneflow(folder)["l"])) == 1


def test_paddle_s_named_tensors_of_one_array_share_it(tmp_path: Path) -> None:
    array = np.ones(3, "f4")
    (tmp_path / "x").write_bytes(pickle.dumps({"a": ("a.w", array), "b": ("b.w", array)}, protocol=4))
    loaded = load_paddle(tmp_path / "x")
    assert loaded["a"].data_ptr() == loaded["b"].data_ptr()
    assert (loaded["a"].name, loaded["b"].name) == ("a.w", "b.w")


@pytest.mark.parametrize(
    "format", ["paddle", "paddle-fluid", "megengine", "safetensors", "oneflow", "paddle-persistables"]
)
def test_a_small_file_is_not_written_as_a_large_one(shared: Path, tmp_path: Path, format: Format) -> None:
    state = load_checkpoint(shared).tensors
    with pytest.raises(CheckpointError, match=r"share or expand 1000000 bytes, which would become 2000000000"):
        save_checkpoint(state, tmp_path / "out", format=format)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", ["torch", "torch-legacy"])
def test_torch_s_files_go_on_sharing(shared: Path, tmp_path: Path, format: Format) -> None:
    save_checkpoint(load_checkpoint(shared).tensors, tmp_path / "out", format=format)
    assert (tmp_path / "out").stat().st_size < 2_000_000
    assert len(places(list(load_checkpoint(tmp_path / "out").tensors.values()))) == 1


@pytest.mark.parametrize("format", ["paddle", "safetensors"])
def test_tied_layers_are_written_for_each_name(tmp_path: Path, format: Format) -> None:
    weight = torch.ones(1000)
    save_checkpoint({f"layer{index}": weight for index in range(12)}, tmp_path / "out", format=format)
    assert len(load_checkpoint(tmp_path / "out").tensors) == 12


def test_convert_refuses_before_it_copies(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--from", "megengine", "--to", "torch", "--passthrough", "*"]
    assert main(["convert", str(shared), "out.pt", *options]) == 2
    assert "share or expand 1000000 bytes" in capsys.readouterr().err
    assert not (tmp_path / "out.pt").exists()


def test_inspect_counts_shared_bytes_once(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(shared)]) == 0
    assert "2000 tensors, 976.6 KiB" in capsys.readouterr().out


def test_inspect_shows_sets_that_hold_much_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(pickle.dumps({"a": [set(range(100_000))] * 5000}, protocol=4))
    assert main(["inspect", str(tmp_path / "x")]) == 0
    assert len(capsys.readouterr().out) < 1000


def test_a_class_of_many_objects_is_one_text(tmp_path: Path) -> None:
    name = "megengine.module.x"
    one = b"c" + name.encode() + b"\nY\nq\x00"
    (tmp_path / "x").write_bytes(HEAD + b"](" + one + b"h\x00)\x81" * 5000 + b"e.")
    others = load_checkpoint(tmp_path / "x").others
    assert len({id(value) for value in others.values()}) == 1
    assert others["1"] == f"<{name}.Y>"


@pytest.mark.parametrize("kind", [list, tuple], ids=["list", "tuple"])
def test_a_long_history_of_numbers_is_one_value(tmp_path: Path, kind: type) -> None:
    losses = kind([0.5] * 2000)
    (tmp_path / "x").write_bytes(pickle.dumps({"losses": losses, "w": np.ones(1)}, protocol=4))
    checkpoint = load_checkpoint(tmp_path / "x")
    assert checkpoint.others == {"losses": losses}
    assert list(checkpoint.tensors) == ["w"]


def test_a_long_list_with_a_tensor_is_no_history(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(pickle.dumps({"mixed": [0.5] * 2000 + [np.ones(1)]}, protocol=4))
    checkpoint = load_checkpoint(tmp_path / "x")
    assert list(checkpoint.tensors) == ["mixed.2000"]
    assert len(checkpoint.others) == 2000
