"""The file that records a model is the one of this package, and works where nothing of this package is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fourfold.compat.agreement import recorder
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    import pytest

OURS = Path(recorder.__file__)


def test_it_is_written_beside_what_runs_it_and_says_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["recorder"]) == 0
    assert Path("recorder.py").read_bytes() == OURS.read_bytes()
    said = capsys.readouterr()
    assert said.err.startswith("recorder.py: written, ")
    assert "from recorder import record" in said.out
    assert "fourfold verify model.fourfold.zip" in said.out


def test_python_imports_it_alone(tmp_path: Path) -> None:
    assert main(["recorder", str(tmp_path)]) == 0
    script = "import sys; import recorder; print(recorder.__file__, 'torch' in sys.modules, 'fourfold' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path, env={}
    )
    assert done.stdout.split() == [str(tmp_path / "recorder.py"), "False", "False"], done.stderr


def test_stdout_is_the_file_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recorder", "-"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == (OURS.read_text(encoding="utf-8"), "")


def test_a_file_that_is_there_stays_without_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.py"
    path.write_text("mine")
    assert main(["recorder", str(path)]) == 2
    assert "mine.py is there already. Give --force" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert main(["recorder", str(path), "--force"]) == 0
    assert path.read_bytes() == OURS.read_bytes()


def test_a_place_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recorder", str(tmp_path / "none" / "recorder.py")]) == 2
    assert "cannot write there" in capsys.readouterr().err
