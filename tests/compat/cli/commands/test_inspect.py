"""`fourfold inspect` lists a checkpoint, and exits with 2 for a bad file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from fourfold import save_checkpoint
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    import pytest

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


def test_names_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_checkpoint({"[red]a\x1b[2J": torch.ones(1)}, tmp_path / "x", format="paddle")
    assert main(["inspect", str(tmp_path / "x")]) == 0
    output = capsys.readouterr().out
    assert "\x1b" not in output
    assert "[red]a\\x1b[2J" in output
