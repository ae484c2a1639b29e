from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.cli import main as cli

if TYPE_CHECKING:
    from pathlib import Path


def script(folder: Path, text: str) -> str:
    path = folder / "script.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_script_is_main_with_its_own_arguments_and_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "beside.py").write_text("import oneflow.nn as nn\nLAYER = nn.ConvTranspose3d\n", encoding="utf-8")
    text = "import sys, beside\nprint(__name__, sys.argv[1:], beside.LAYER.__name__, __file__ == sys.argv[0])\n"
    before = list(sys.argv), list(sys.path), sys.modules["__main__"]
    try:
        assert cli.main(["run", "--as", "oneflow", script(tmp_path, text), "--as", "-m", "x"]) == 0
    finally:
        sys.modules.pop("beside", None)
    assert capsys.readouterr().out == "__main__ ['--as', '-m', 'x'] ConvTranspose3d True\n"
    assert (list(sys.argv), list(sys.path), sys.modules["__main__"]) == before
    assert "oneflow" not in sys.modules


def test_a_module_is_found_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("", encoding="utf-8")
    text = "import sys, megengine\nprint(__name__, __package__, sys.argv[1:], megengine.__version__)\n"
    (tmp_path / "pack" / "train.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    try:
        assert cli.main(["run", "--as", "megengine", "-m", "pack.train", "--lr", "1"]) == 0
    finally:
        sys.modules.pop("pack", None)
    assert capsys.readouterr().out == "__main__ pack ['--lr', '1'] 1.13.0\n"


def test_a_script_s_own_classes_can_be_pickled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "import pickle, paddle\n"
        "class Net(paddle.nn.Layer):\n    pass\n"
        "print(type(pickle.loads(pickle.dumps(Net()))) is Net)\n"
    )
    assert cli.main(["run", "--as", "paddle", script(tmp_path, text)]) == 0
    assert capsys.readouterr().out == "True\n"


@pytest.mark.parametrize(
    ("text", "code", "stderr"),
    [
        pytest.param("raise SystemExit", 0, "", id="exit"),
        pytest.param("raise SystemExit(3)", 3, "", id="number"),
        pytest.param("raise SystemExit('no data')", 1, "no data\n", id="message"),
    ],
)
def test_the_exit_code_is_the_script_s(
    text: str, code: int, stderr: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["run", "--as", "paddle", script(tmp_path, text)]) == code
    assert capsys.readouterr().err == stderr


def test_a_traceback_begins_in_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = script(tmp_path, "import paddle\npaddle.nn.Conv3DTransposed\n")
    assert cli.main(["run", "--as", "paddle", path]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Traceback (most recent call last):", f'  File "{path}", line 2, in <module>']
    assert "nearest are: Conv3DTranspose" in lines[-2]
    assert lines[-1] == f"All that is missing: fourfold run --check --as paddle {path}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("import paddle.never", True, id="import"),
        pytest.param("import paddle.fluid as f\nf.DistributeTranspiler()", True, id="call"),
        pytest.param("import paddle.fluid as f\nf.layers.relu()", False, id="another error"),
    ],
)
def test_an_error_about_what_is_missing_says_how_to_learn_all_of_it(
    text: str, told: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = script(tmp_path, text)
    assert cli.main(["run", "--as", "fluid", path]) == 1
    hint = f"All that is missing: fourfold run --check --as fluid {path}"
    assert (capsys.readouterr().err.splitlines()[-1] == hint) == told


LATE = """
import atexit, sys, threading
class Mine: pass
def late():
    import pickle, paddle.nn.functional, beside
    print(paddle.__version__, sys.argv[1:], beside.NAME, type(pickle.loads(pickle.dumps(Mine()))) is Mine)
def wait():
    threading.main_thread().join()
    late()
atexit.register(late)
threading.Thread(target=wait).start()
"""


# a process each, which takes seconds: what differs is tried together
@pytest.mark.parametrize(
    ("how", "end", "code"),
    [
        pytest.param(["script.py"], "raise ValueError", 1, id="of a file, after an error"),
        pytest.param(["-m", "script"], "sys.exit(3)", 3, id="of a module, after an exit", marks=pytest.mark.thorough),
    ],
)
def test_threads_and_atexit_functions_after_the_end_find_what_the_script_found(
    how: list[str], end: str, code: int, tmp_path: Path
) -> None:
    (tmp_path / "beside.py").write_text("NAME = 'beside'\n", encoding="utf-8")
    script(tmp_path, LATE + end)
    command = [sys.executable, "-m", "fourfold", "run", "--as", "paddle", *how, "x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.splitlines() == ["3.3.1 ['x'] beside True"] * 2, done.stderr
    assert done.returncode == code


def test_a_zip_of_a_script_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "app", "w") as archive:
        archive.writestr("__main__.py", "import paddle, inside\nprint(__name__, paddle.__version__, inside.NAME)\n")
        archive.writestr("inside.py", "NAME = 'inside'\n")
    try:
        assert cli.main(["run", "--as", "paddle", str(tmp_path / "app")]) == 0
    finally:
        sys.modules.pop("inside", None)
    assert capsys.readouterr().out == "__main__ 3.3.1 inside\n"


def test_a_missing_module_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--as", "paddle", "-m", "no_such_module"]) == 1
    assert "No module named 'no_such_module'" in capsys.readouterr().err


def test_a_traceback_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--as", "paddle", script(tmp_path, r"raise ValueError('a\x1b[2Jb')")]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == r"ValueError: a\x1b[2Jb"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--as", "paddle", "/nowhere.py"], "/nowhere.py: there is no such file", id="no file"),
        pytest.param(["--as", "caffe", "x.py"], "invalid choice: 'caffe'", id="framework"),
        pytest.param(["x.py"], "required: --as", id="no framework"),
        pytest.param(["--as", "oneflow", "--fluid", "1.8", __file__], "'oneflow' has no fluid", id="fluid"),
    ],
)
def test_wrong_usage_exits_with_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", *arguments]) == 2
    assert message in capsys.readouterr().err
