"""What is replaced keeps its mode, what links lead to is written, what cannot be replaced is written to or refused."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold import load_checkpoint, save_checkpoint
from fourfold.compat.agreement.recorder import record
from fourfold.compat.agreement.vectors.store import Recording
from fourfold.compat.agreement.vectors.store import write as write_vectors
from fourfold.compat.checkpoints.atomic import new_file, new_folder
from fourfold.compat.checkpoints.native.megengine import save as save_megengine
from fourfold.compat.checkpoints.native.paddle import save as save_paddle
from fourfold.compat.cli.commands.command import write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fourfold.compat.literals import Format

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and pipes are those of POSIX")

STATE = {"w": torch.ones(2)}
FILES = ["paddle", "paddle-fluid", "megengine", "torch", "torch-legacy", "safetensors"]
FOLDERS = ["oneflow", "paddle-persistables"]


def _save(format: Any) -> Callable[[Path], object]:
    return lambda path: save_checkpoint(STATE, path, format=format)


# Whatever writes a file, by name: the function takes where.
WRITERS: dict[str, Callable[[Path], object]] = {
    **{format: _save(format) for format in FILES},
    "paddle.save": lambda path: save_paddle({"a": [torch.ones(2)]}, path),
    "megengine.save": lambda path: save_megengine({"a": [torch.ones(2)]}, path),
    "a report": lambda path: write_json({"a": 1}, str(path)),
    "vectors": lambda path: write_vectors(Recording({}, ()), path.parent, path.stem),
    "a bundle": lambda path: record(torch.nn.Linear(2, 1), torch.ones(1, 2).numpy(), path),
}
# Both files of vectors have their ends.
NAME = "x.json"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o022, 0o077, 0o002], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("writer", WRITERS)
def test_a_new_file_has_the_mode_that_the_umask_gives(writer: str, tmp_path: Path, umask: int) -> None:
    WRITERS[writer](tmp_path / NAME)
    assert mode_of(tmp_path / NAME) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664], ids=oct)
@pytest.mark.parametrize("writer", WRITERS)
def test_a_replaced_file_keeps_its_mode(writer: str, mode: int, tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    (tmp_path / NAME).chmod(mode)
    WRITERS[writer](tmp_path / NAME)
    assert (tmp_path / NAME).stat().st_size > 0
    assert mode_of(tmp_path / NAME) == mode


@pytest.mark.parametrize("format", FOLDERS)
def test_a_replaced_folder_and_its_files_keep_their_modes(format: Format, tmp_path: Path) -> None:
    save_checkpoint(STATE, tmp_path / "x", format=format)
    (file,) = [path for path in (tmp_path / "x").rglob("*") if path.name in ("w", "out")]
    file.chmod(0o600)
    (tmp_path / "x").chmod(0o700)
    save_checkpoint({"w": torch.zeros(2)}, tmp_path / "x", format=format)
    assert (mode_of(tmp_path / "x"), mode_of(file)) == (0o700, 0o600)


@pytest.mark.parametrize("format", FOLDERS)
def test_a_new_folder_has_the_mode_that_the_umask_gives(format: Format, tmp_path: Path, umask: int) -> None:
    save_checkpoint(STATE, tmp_path / "x", format=format)
    assert mode_of(tmp_path / "x") == 0o777 & ~umask


def test_while_it_is_written_a_private_file_s_successor_is_private(tmp_path: Path) -> None:
    (tmp_path / "x").touch(0o600)
    with new_file(tmp_path / "x"):
        assert {mode_of(path) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("format", ["torch", "oneflow"])
def test_root_leaves_a_replaced_file_to_its_owner(format: Format, tmp_path: Path) -> None:
    save_checkpoint(STATE, tmp_path / "x", format=format)
    os.chown(tmp_path / "x", 12345, 23456)
    save_checkpoint(STATE, tmp_path / "x", format=format)
    assert ((tmp_path / "x").stat().st_uid, (tmp_path / "x").stat().st_gid) == (12345, 23456)


def test_a_group_that_cannot_be_given_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    (tmp_path / "x").touch()
    (tmp_path / "x").chmod(0o664)
    monkeypatch.setattr("fourfold.compat.checkpoints.atomic.os.chown", refuse)
    save_checkpoint(STATE, tmp_path / "x", format="torch")
    assert mode_of(tmp_path / "x") == 0o604


@pytest.mark.parametrize("writer", WRITERS)
def test_the_umask_is_never_touched(writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> int:
        msg = "other threads' files would be open to everybody"
        raise AssertionError(msg)

    monkeypatch.setattr(os, "umask", refuse)
    WRITERS[writer](tmp_path / NAME)


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing yet"])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_link_is_followed(writer: str, there: bool, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere"
    place.mkdir()
    if there:
        (place / "real").touch(0o600)
    (tmp_path / NAME).symlink_to("elsewhere/real")
    WRITERS[writer](tmp_path / NAME)
    assert (tmp_path / NAME).is_symlink()
    assert (place / "real").stat().st_size > 0
    assert [path.name for path in place.iterdir()] == ["real"]


@pytest.mark.parametrize("format", FOLDERS)
def test_a_link_to_a_folder_is_followed(format: Format, tmp_path: Path) -> None:
    save_checkpoint({"old": torch.ones(1)}, tmp_path / "real", format=format)
    (tmp_path / "x").symlink_to("real")
    save_checkpoint(STATE, tmp_path / "x", format=format)
    assert (tmp_path / "x").is_symlink()
    assert list(load_checkpoint(tmp_path / "real").tensors) == ["w"]


@pytest.mark.parametrize("writer", sorted(set(WRITERS) - {"a bundle"}))
def test_a_pipe_is_written_to(writer: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / NAME).read_bytes()))
    reader.start()
    WRITERS[writer](tmp_path / NAME)
    reader.join()
    assert len(found[0]) > 0
    assert stat.S_ISFIFO((tmp_path / NAME).stat().st_mode)


def test_a_checkpoint_through_a_pipe_is_whole(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    command = f"cat '{tmp_path}/pipe' > '{tmp_path}/x'"
    with subprocess.Popen(["sh", "-c", command]):
        save_checkpoint(STATE, tmp_path / "pipe", format="torch")
    assert load_checkpoint(tmp_path / "x").tensors["w"].tolist() == [1, 1]


@pytest.mark.parametrize("writer", sorted(set(WRITERS) - {"a bundle", "vectors"}))
def test_a_device_is_written_to(writer: str) -> None:
    WRITERS[writer](Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("format", FOLDERS)
def test_a_device_is_no_folder(format: Format) -> None:
    with pytest.raises(ValueError, match=r"is a file, and format"):
        save_checkpoint(STATE, os.devnull, format=format)


def test_a_bundle_is_no_device() -> None:
    with pytest.raises(OSError, match=r"/dev/null is no file"):
        record(torch.nn.Linear(2, 1), torch.ones(1, 2).numpy(), os.devnull)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path may be short only
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("x")
        with pytest.raises(OSError, match=r"a socket, which is not written to; name a file: 'x'"):
            save_checkpoint(STATE, "x", format="torch")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), new_file(tmp_path):
        pass


@pytest.mark.parametrize("writer", WRITERS)
def test_a_name_of_84_letters_of_three_bytes_can_be_written(writer: str, tmp_path: Path) -> None:
    path = tmp_path / ("層" * 83 + ".json" if writer == "vectors" else "層" * 84)
    WRITERS[writer](path)
    assert path.stat().st_size > 0


@pytest.mark.parametrize("format", FOLDERS)
def test_a_folder_s_name_of_84_letters_of_three_bytes_can_be_written(format: Format, tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        save_checkpoint({"w": torch.tensor([value])}, tmp_path / ("層" * 84), format=format)
    assert load_checkpoint(tmp_path / ("層" * 84)).tensors["w"].tolist() == [2]


def test_an_error_names_the_file_and_not_the_temporary(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, new_file(tmp_path / "none" / "x"):
        pass
    assert caught.value.filename == str(tmp_path / "none" / "x")


def test_an_error_in_a_new_folder_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, new_folder(tmp_path / "x") as folder:
        (folder / "none" / "y").touch()
    assert caught.value.filename == str(tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("format", FILES)
def test_a_full_device_is_an_error_that_names_it(format: Format) -> None:
    with pytest.raises(OSError, match=r"No space left on device: '/dev/full'"):
        save_checkpoint(STATE, "/dev/full", format=format)


FULL = """
import resource, sys, torch
from fourfold import save_checkpoint
folder, *formats = sys.argv[1:]
for format in formats:
    save_checkpoint({"w": torch.ones(2)}, f"{folder}/{format}", format=format)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for format in formats:
    try:
        save_checkpoint({"v": torch.zeros(100_000), "w": torch.zeros(50_000)}, f"{folder}/{format}", format=format)
    except OSError as error:
        print(error.strerror, error.filename)
"""


def test_where_no_more_fits_the_old_checkpoint_stays_and_the_error_is_one(tmp_path: Path) -> None:
    formats = [*FILES, *FOLDERS]
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), *formats], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [f"File too large {tmp_path}/{format}" for format in formats]
    assert done.stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(formats)
    assert [load_checkpoint(tmp_path / each).tensors["w"].tolist() for each in formats] == [[1, 1]] * len(formats)
