"""`fourfold run --shard`: a script in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fourfold.compat.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCRIPT = """
import os, signal, torch
model = torch.nn.Conv3d(1, 1, 3, padding=1, bias=False)
torch.nn.init.ones_(model.weight)
for step in range(2):
    output = model(torch.ones(1, 1, 4, 3, 3))
    output.sum().backward()
    if os.environ["RANK"] == os.environ.get("KILLED"):
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ["RANK"] == os.environ.get("HANGS"):
        os.kill(os.getpid(), signal.SIGSTOP)
    print(step, int(output.sum()), int(model.weight.grad.sum()), type(output).__name__)
raise SystemExit(3 * torch.distributed.get_rank() if "FAILS" in os.environ else 0)
"""
ONCE = "0 490 490 Tensor\n1 490 980 Tensor\n"


def run(
    folder: Path, *launcher: str, shard: Sequence[str] = ("2",), **variables: str
) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, *launcher, "-m", "fourfold", "run", "--shard", *shard, str(folder / "script.py")]
    environment = os.environ | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_a_script_prints_once_and_a_killed_process_ends_the_other(tmp_path: Path) -> None:
    result = run(tmp_path, KILLED="1")
    assert result.returncode == 128 + 9
    assert result.stdout in ("", ONCE[: len(ONCE) // 2])
    assert "process 1 of 2 was ended by signal 9, and with it the others" in result.stderr


@pytest.mark.thorough
def test_the_exit_code_is_that_of_the_process_that_failed(tmp_path: Path) -> None:
    result = run(tmp_path, FAILS="")
    assert (result.returncode, result.stdout) == (3, ONCE)


@pytest.mark.thorough
def test_depth_and_height_are_sharded_over_two_by_two(tmp_path: Path) -> None:
    result = run(tmp_path, shard=["2x2"])
    assert (result.returncode, result.stdout) == (0, ONCE), result.stderr


@pytest.mark.thorough
def test_a_process_that_hangs_ends_the_others_after_the_time_that_is_given(tmp_path: Path) -> None:
    result = run(tmp_path, shard=["2", "--timeout", "8"], HANGS="1")
    assert result.returncode == 1
    assert "process 0 of 2 ended with exit code 1, and with it the others" in result.stderr


@pytest.mark.thorough
def test_the_processes_of_torchrun_are_used(tmp_path: Path) -> None:
    result = run(tmp_path, "-m", "torch.distributed.run", "--nproc-per-node=2")
    assert (result.returncode, result.stdout) == (0, ONCE), result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--shard", "1"], "'1' is no number of processes; legal are 2 and above", id="one"),
        pytest.param(["--shard", "2x2x2"], "'2x2x2' is no number of processes", id="three-axes"),
        pytest.param(["--shard", "2", "--timeout", "-1"], "'-1' is no time to wait", id="timeout"),
        pytest.param(["--check", "--shard", "2"], "--shard runs the script, and --check does not", id="check"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "script.py").write_text("", encoding="utf-8")
    assert cli.main(["run", *options, str(tmp_path / "script.py")]) == 2
    assert words in capsys.readouterr().err


def test_another_number_of_processes_than_torchrun_s_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "4")
    (tmp_path / "script.py").write_text("", encoding="utf-8")
    assert cli.main(["run", "--shard", "2", str(tmp_path / "script.py")]) == 2
    assert "--shard 2 in one of 4 processes" in capsys.readouterr().err
