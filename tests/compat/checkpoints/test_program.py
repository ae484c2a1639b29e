"""Exports of Paddle: programs of any name, beside one file of all parameters or a file for each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from tests.compat.checkpoints.frameworks import values

from fourfold import CheckpointError, load_checkpoint

DATA = Path(__file__).parents[2] / "data" / "checkpoints"
NAMES = ("conv3d_transpose_0.w_0", "conv3d_transpose_0.b_0")


def check(found: torch.Tensor, name: str) -> None:
    assert torch.equal(found, torch.from_numpy(values(name)))


COMBINED = [
    pytest.param("fluid-1.8-inference", "__model__", "weight", "bias", id="1.8-folder"),
    pytest.param("fluid-1.8-inference/__params__", "__model__", "weight", "bias", id="1.8-file"),
    pytest.param("fluid-1.8-inference-named", "model", "weight", "bias", id="1.8-named-folder"),
    pytest.param("fluid-1.8-inference-named/params", "model", "weight", "bias", id="1.8-named-file"),
    pytest.param("fluid-1.8-inference-pd", "model.pdmodel", "weight", "bias", id="1.8-pd-folder"),
    pytest.param("paddle-2.6-jit", "net.pdmodel", *NAMES, id="2.6-jit-folder"),
    pytest.param("paddle-3.3-inference", "model.json", *NAMES, id="3.3-folder"),
    pytest.param("paddle-3.3-old-jit.pdiparams", "paddle-3.3-old-jit.pdmodel", *NAMES, id="pdmodel"),
    pytest.param("paddle-3.3-jit.pdiparams", "paddle-3.3-jit.json", *NAMES, id="json"),
]


@pytest.mark.parametrize(("file", "program", "weight", "bias"), COMBINED)
def test_a_combined_file_is_named_by_the_program_beside_it(file: str, program: str, weight: str, bias: str) -> None:
    checkpoint = load_checkpoint(DATA / file)
    assert checkpoint.metadata["names"] == f"of the program {program} beside the file"
    check(checkpoint.tensors[weight], "weight")
    check(checkpoint.tensors[bias], "bias")


@pytest.mark.parametrize("program", ["model", "__model__", "model.pdmodel", "weights"])
def test_a_program_of_any_name_stands_beside_one_tensor_per_file(tmp_path: Path, program: str) -> None:
    shutil.copytree(DATA / "fluid-1.8-inference-files", tmp_path / "x")
    (tmp_path / "x" / "model").rename(tmp_path / "x" / program)
    checkpoint = load_checkpoint(tmp_path / "x")
    assert (checkpoint.format, list(checkpoint.tensors)) == ("paddle-persistables", ["bias", "weight"])
    check(checkpoint.tensors["weight"], "weight")
    check(checkpoint.tensors["bias"], "bias")


@pytest.mark.parametrize("folder", ["fluid-1.8-inference-files", "fluid-1.8-inference-named", "paddle-3.3-inference"])
def test_what_stands_beside_a_program_and_is_no_tensor_is_left_aside(tmp_path: Path, folder: str) -> None:
    shutil.copytree(DATA / folder, tmp_path / "x")
    (tmp_path / "x" / "infer_cfg.yml").write_text("mode: paddle\n")
    (tmp_path / "x" / "notes").mkdir()
    (tmp_path / "x" / "notes" / "empty").touch()
    assert list(load_checkpoint(tmp_path / "x").tensors) == list(load_checkpoint(DATA / folder).tensors)


@pytest.mark.parametrize("damage", [b"", b"\0", b"not a tensor"], ids=["empty", "cut", "other"])
def test_what_a_program_names_has_to_be_a_tensor(tmp_path: Path, damage: bytes) -> None:
    shutil.copytree(DATA / "fluid-1.8-inference-files", tmp_path / "x")
    (tmp_path / "x" / "weight").write_bytes(damage)
    with pytest.raises(CheckpointError, match="x/weight: no tensor of Paddle, as each file of such a folder is"):
        load_checkpoint(tmp_path / "x")


def test_programs_and_parameters_of_several_models_are_named_by_their_files(tmp_path: Path) -> None:
    folder = DATA / "fluid-1.8-inference-named"
    for name in "ab":
        shutil.copy(folder / "model", tmp_path / f"{name}.pdmodel")
        shutil.copy(folder / "params", tmp_path / f"{name}.pdiparams")
    check(load_checkpoint(tmp_path / "a.pdiparams").tensors["weight"], "weight")
    with pytest.raises(CheckpointError, match=r"a\.pdiparams: .* A file of several tensors is read by itself"):
        load_checkpoint(tmp_path)


def test_a_program_that_may_be_another_file_s_names_nothing(tmp_path: Path) -> None:
    folder = DATA / "fluid-1.8-inference-named"
    for name in ("params", "model"):
        shutil.copy(folder / name, tmp_path / name)
    shutil.copy(folder / "params", tmp_path / "others")
    assert list(load_checkpoint(tmp_path / "params").tensors) == ["0", "1"]


@pytest.mark.parametrize(
    "file",
    [
        "fluid-1.8-inference/__model__",
        "fluid-1.8-inference-named/model",
        "paddle-2.6-jit/net.pdmodel",
        "paddle-3.3-old-jit.pdmodel",
        "paddle-3.3-jit.json",
        "paddle-3.3-inference/model.json",
    ],
)
def test_a_program_alone_is_named_as_what_it_is(tmp_path: Path, file: str) -> None:
    with pytest.raises(CheckpointError, match=r"a program of Paddle: .* Name the file of these \(\.pdiparams"):
        load_checkpoint(DATA / file)
    shutil.copy(DATA / file, tmp_path / "net")
    (tmp_path / "net.pdparams").write_bytes((DATA / "fluid-1.8.pdparams").read_bytes())
    message = r"net is a program of Paddle; beside it stand no tensors, but net\.pdparams\. Name the file"
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(tmp_path)


def test_a_combined_file_in_a_folder_that_may_not_be_listed_is_named_by_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(DATA / "fluid-1.8-inference-named", tmp_path / "x")

    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refused)
    assert list(load_checkpoint(tmp_path / "x" / "params").tensors) == ["0", "1"]


def test_a_program_that_is_written_to_be_read_is_one_too(tmp_path: Path) -> None:
    program = json.loads((DATA / "paddle-3.3-jit.json").read_text())
    shutil.copy(DATA / "paddle-3.3-jit.pdiparams", tmp_path / "parameters")
    (tmp_path / "program").write_text(json.dumps(program, indent=4))
    assert list(load_checkpoint(tmp_path).tensors) == sorted(NAMES)


def test_a_file_that_is_no_tensor_in_a_folder_of_tensors_says_what_to_do(tmp_path: Path) -> None:
    shutil.copy(DATA / "fluid-1.8.pdparams", tmp_path)
    message = (
        r"no checkpoint: neither .* nor Paddle's tensors are in it\. Name one of those in it: fluid-1\.8\.pdparams\."
    )
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(tmp_path)
