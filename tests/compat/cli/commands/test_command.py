"""What is said of a file that was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourfold.compat.cli.commands.command import announce, size_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_file_is_announced_on_stderr_with_its_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(bytes(1536))
    announce(path)
    assert capsys.readouterr() == ("", f"{path}: written, 1.5 KiB\n")


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "first").write_bytes(bytes(100))
    (tmp_path / "below" / "second").write_bytes(bytes(23))
    assert size_of(tmp_path) == "123 B"


def test_a_name_does_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a\x1b[2Jb"
    path.touch()
    announce(path)
    assert "\x1b" not in capsys.readouterr().err
