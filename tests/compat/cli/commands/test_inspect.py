"""`fourfold inspect` lists a checkpoint, and exits with 2 for a bad file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fourfold import save_checkpoint
from fourfold.compat.cli.main import main

DATA = Path(__file__).parents[3] / "data" / "checkpoints"


def test_it_lists_names_shapes_dtypes_sizes_format_and_producer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(DATA / "paddle-3.3-nested-p4.pdparams")]) == 0
    output = capsys.readouterr().out
    assert "paddle, pickle protocol 4" in output
    assert "written by Paddle 2.1 or later, NumPy 2" in output
    assert "weight  4 x 3 x 2 x 3 x 2  float32  576 B  (conv3d_transpose_0.w_0)" in output
    assert "2 tensors, 600 B" in output
    assert "3 other values: epoch = 3, history.0 = 0.5, history.1 = 0.25" in output


def test_without_rich_it_lists_the_same(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourfold.compat.cli.console.has_rich", lambda: False)
    assert main(["inspect", str(DATA / "megengine-1.13-sequential.pkl")]) == 0
    output = capsys.readouterr().out
    assert "  1.\n    weight  1 x 2 x 1 x 1  float32  8 B\n" in output


def test_json_has_every_tensor_in_file_order(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(DATA / "fluid-1.8.pdparams")
    assert main(["inspect", file, "--json"]) == 0
    weight = {"name": "weight", "shape": [4, 3, 2, 3, 2], "dtype": "float32", "bytes": 576}
    bias = {"name": "bias", "shape": [6], "dtype": "float32", "bytes": 24}
    assert json.loads(capsys.readouterr().out) == {
        "file": file,
        "format": "paddle",
        "producer": "Paddle (protocol 2: save_dygraph of 1.x and 2.0, or protocol=2)",
        "protocol": 2,
        "metadata": {},
        "tensors": [
            {**weight, "parameter": "conv3d_transpose_0.w_0"},
            {**bias, "parameter": "conv3d_transpose_0.b_0"},
        ],
        "bytes": 600,
        "others": {},
    }


def test_a_bad_file_exits_with_2_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad").write_bytes(b"\x80\x04cos\nsystem\n.")
    assert main(["inspect", str(tmp_path / "bad")]) == 2
    assert "refused: the file names os.system" in capsys.readouterr().err


def test_a_missing_file_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(tmp_path / "none")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_a_class_can_be_allowed_as_plain_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(b"\x80\x04cmine\nNet\n)\x81}X\x01\0\0\0aK\x01sb.")
    assert main(["inspect", str(tmp_path / "x")]) == 2
    assert main(["inspect", str(tmp_path / "x"), "--allow", "mine.Net"]) == 0
    assert "1 other value: a = 1" in capsys.readouterr().out


def test_the_flag_is_spelled_as_the_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(b"\x80\x04cmine\nNet\n)\x81}X\x01\0\0\0aK\x01sb.")
    assert main(["inspect", str(tmp_path / "x")]) == 2
    said = capsys.readouterr().err
    assert "--allow mine.Net reads what the model holds as plain data" in said
    assert "re-save its state_dict where the class is" in said
    assert "allow=[" not in said


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_of_a_whole_model_the_tensors_are_listed_and_its_state_is_asked_for(
    new: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = torch.nn.Sequential(torch.nn.Linear(2, 3))
    torch.save(model, tmp_path / "x", _use_new_zipfile_serialization=new)
    assert main(["inspect", str(tmp_path / "x")]) == 0
    output = capsys.readouterr().out
    assert "whole model: torch.nn.modules.container.Sequential" in output
    assert "weight  3 x 2  float32  24 B" in output
    assert "nothing was run. Re-save its state_dict where its class is: torch.save(model.state_dict(), ...)" in output


class Owned(torch.nn.Module):
    """A model whose class nobody but this file has; to make one is said aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.up = torch.nn.ConvTranspose3d(1, 1, 2)

    def __setstate__(self, state: object) -> None:
        raise AssertionError


def test_a_whole_model_of_ones_own_class_is_read_without_the_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(Owned(), tmp_path / "x")
    name = f"{Owned.__module__}.Owned"
    assert main(["inspect", str(tmp_path / "x")]) == 2
    assert f"--allow {name} " in capsys.readouterr().err
    assert main(["inspect", str(tmp_path / "x"), "--allow", name]) == 0
    assert "weight  1 x 1 x 2 x 2 x 2  float32  32 B" in capsys.readouterr().out


BUNDLE = DATA.parent / "bundles" / "megengine-unet.fourfold.zip"


def test_a_recording_of_fourfolds_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(BUNDLE)]) == 0
    output = capsys.readouterr().out
    assert "megengine-unet.fourfold.zip: fourfold-bundle\nwritten by megengine 1.13.0, recorded by fourfold\n" in output
    assert "model: megengine_models.UNet, in evaluation mode\n" in output
    assert "inputs: 0  1 x 2 x 8 x 12 x 8  float32\n" in output
    assert "weight  4 x 8 x 3 x 3 x 3  float32  3.4 KiB" in output
    assert "`fourfold verify` replays it" in output


def test_a_damaged_recording_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("manifest.json", "{}")
    assert main(["inspect", str(tmp_path / "x")]) == 2
    assert "is not a usable bundle: its format is None, not 'fourfold-bundle'" in capsys.readouterr().err


def test_a_folder_of_checkpoints_names_those_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(tmp_path)]) == 2
    assert "neither OneFlow's pickled_data nor Paddle's tensors are in it. It is empty." in capsys.readouterr().err
    (tmp_path / "notes.txt").write_text("of no use")
    assert main(["inspect", str(tmp_path)]) == 2
    assert "It holds no file that begins as one either." in capsys.readouterr().err
    formats: dict[str, Any] = {"a.pt": "torch", "b.pdparams": "paddle", "c": "oneflow", "d.st": "safetensors"}
    for name, format in formats.items():
        save_checkpoint({"weight": torch.ones(1)}, tmp_path / name, format=format)
    assert main(["inspect", str(tmp_path)]) == 2
    assert "Name one of those in it: c, a.pt, b.pdparams, d.st." in capsys.readouterr().err


def test_archives_of_others_say_what_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "x.npz", a=np.ones(3))
    assert main(["inspect", str(tmp_path / "x.npz")]) == 2
    assert "arrays of NumPy (.npz). Write dict(numpy.load(...))" in capsys.readouterr().err
    torch.export.save(torch.export.export(torch.nn.ReLU(), (torch.ones(2),)), tmp_path / "x.pt2")
    assert main(["inspect", str(tmp_path / "x.pt2")]) == 2
    assert "a program of torch.export. Save the state_dict()" in capsys.readouterr().err


def test_names_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_checkpoint({"[red]a\x1b[2J": torch.ones(1)}, tmp_path / "x", format="paddle")
    assert main(["inspect", str(tmp_path / "x")]) == 0
    output = capsys.readouterr().out
    assert "\x1b" not in output
    assert "[red]a\\x1b[2J" in output
