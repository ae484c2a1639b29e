"""`fourfold run --check` tells what stops a script, and exits with 1 where something does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fourfold.compat.cli.main import main

TEXT = """\
import paddle
import toolkit
from paddle.nn import RNNTLoss, Conv3D

class Net(paddle.nn.Layer):
    def __init__(self):
        self.convolution = Conv3D(1, 2, 3, strides=2)
        self.kinds = (Conv3D, RNNTLoss)

    def forward(self, x):
        return paddle.sparse.nn.functional.softmax(paddle.nn.functional.conv3D(x))
"""
PRINTED = """\
served by  names, with their uses
paddle.nn  Conv3D 3, Layer

not served, only mentioned: it raises when it is called  uses
paddle.nn.RNNTLoss                                          2  transducers of speech
  script.py:3
  script.py:8

raises where it is reached           uses
paddle.nn.functional.conv3D             1  no public name of the release;
  script.py:11                             nearest: conv3d, conv2d, conv1d
paddle.sparse.nn.functional.softmax     1  sparse tensors
  script.py:11

arguments that are refused  uses
paddle.nn.Conv3D               1  no parameter 'strides'; nearest: stride
  script.py:7

script.py:2: module toolkit is neither beside the script nor installed, and was not read

script.py, 1 file, on paddle 3.3.1: 2 names served, 1 only mentioned; 3 stop it
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(TEXT, encoding="utf-8")
    (tmp_path / "flow.py").write_text("import oneflow", encoding="utf-8")


@pytest.mark.parametrize("rich", [True, False], ids=["rich", "plain"])
def test_what_stops_a_script_is_printed_in_eighty_columns(
    rich: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if rich:
        pytest.importorskip("rich")
    monkeypatch.setattr("fourfold.compat.cli.console.has_rich", lambda: rich)
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["run", "--check", "script.py"]) == 1
    assert "".join(f"{line.rstrip()}\n" for line in capsys.readouterr().out.splitlines()) == PRINTED


def test_the_page_shows_what_is_printed() -> None:
    page = (Path(__file__).parents[4] / "docs" / "activation.md").read_text(encoding="utf-8")
    lines = [*TEXT.splitlines(), "$ fourfold run --check script.py", *PRINTED.splitlines()]
    assert "\n".join(f"    {line}" if line else "" for line in lines) in page


def test_json_has_every_use_and_a_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--check", "script.py", "--as", "paddle", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    names = {each.pop("name"): each for each in found.pop("names")}
    assert names["paddle.nn.RNNTLoss"] == {
        "status": "not served",
        "called": False,
        "effect": "only mentioned",
        "why": "transducers of speech",
        "nearest": [],
        "uses": ["script.py:3", "script.py:8"],
        "stops_at": [],
    }
    assert found.pop("arguments")[0]["stops_at"] == ["script.py:7"]
    assert found == {
        "format": 1,
        "script": "script.py",
        "framework": "paddle",
        "release": "3.3.1",
        "stops": True,
        "files": ["script.py"],
        "perhaps": [],
        "unread": [],
        "dynamic": [],
        "not_found": [{"module": "toolkit", "first": "script.py:2"}],
    }


@pytest.mark.parametrize(
    ("text", "arguments", "release"),
    [
        pytest.param("import megengine", [], "megengine 1.13.0", id="what it imports"),
        pytest.param("import paddle.fluid", ["--as", "fluid"], "paddle 1.8.5", id="fluid"),
        pytest.param("import paddle", ["--fluid", "1.8", "--lr", "3"], "paddle 1.8.5", id="arguments of the script"),
    ],
)
def test_where_nothing_stops_it_the_code_is_0(
    text: str, arguments: list[str], release: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    assert main(["run", "--check", "script.py", *arguments]) == 0
    assert f"on {release}: 0 names served; 0 stop it" in capsys.readouterr().out


def test_a_name_that_is_only_mentioned_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "script.py").write_text("from paddle.nn import RNNTLoss\nprint(RNNTLoss.__name__)\n", encoding="utf-8")
    assert main(["run", "--check", "script.py"]) == 0
    assert main(["run", "--as", "paddle", "script.py"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "RNNTLoss"


def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "toolkit.py").write_text("x = 1\ndef f(:\n", encoding="utf-8")
    assert main(["run", "--check", "script.py"]) == 1
    assert "\ntoolkit.py:2: SyntaxError: invalid syntax\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--check", "nowhere.py"], "there is no such file", id="no file"),
        pytest.param(["--check", "-m", "nowhere"], "there is no module 'nowhere' in the working", id="no module"),
        pytest.param(["--check", "script.py", "--as", "caffe"], "invalid choice: 'caffe'", id="framework"),
        pytest.param(["--as", "paddle", "--json", "script.py"], "--json goes with --check", id="JSON of a run"),
        pytest.param(["--check", "--as", "oneflow", "--fluid", "1.8", "flow.py"], "has no fluid", id="fluid"),
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *arguments]) == 2
    assert message in capsys.readouterr().err
