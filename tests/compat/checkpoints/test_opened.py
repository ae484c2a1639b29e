"""A checkpoint that is replaced while it is read is the old one, or an error; nothing that is read makes it wait."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold import CheckpointError, load_checkpoint, save_checkpoint
from fourfold.compat.checkpoints import open_checkpoint
from fourfold.compat.checkpoints.native.paddle import load as load_paddle

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.compat.literals import Format

FOLDERS = ["oneflow", "paddle-persistables"]
FILES = ["paddle", "megengine", "torch", "safetensors"]
OLD, NEW = {"a": torch.zeros(3), "b": torch.zeros(3)}, {"a": torch.ones(3), "b": torch.ones(3)}


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    save_checkpoint(OLD, tmp_path / "x", format=request.param)
    save_checkpoint(NEW, tmp_path / "new", format=request.param)
    return tmp_path / "x"


def replace(folder: Path, *, keep: bool) -> None:
    folder.rename(folder.with_name("old"))
    folder.with_name("new").rename(folder)
    if not keep:
        shutil.rmtree(folder.with_name("old"))


def test_a_folder_that_is_replaced_while_it_is_read_is_the_old_one(folder: Path) -> None:
    with open_checkpoint(folder) as listing:
        first = listing.tensors["a"].load()
        replace(folder, keep=True)
        assert torch.equal(first, listing.tensors["b"].load())


def test_a_folder_whose_old_files_are_gone_is_an_error_that_says_so(folder: Path) -> None:
    with open_checkpoint(folder) as listing:
        replace(folder, keep=False)
        with pytest.raises(CheckpointError, match=r"replaced while it was read: read it again"):
            listing.tensors["b"].load()


def test_a_folder_with_a_file_missing_is_not_called_replaced(folder: Path) -> None:
    with open_checkpoint(folder) as listing:
        for file in [*folder.glob("b"), *folder.glob("tensor_1/out")]:
            file.unlink()
        with pytest.raises(CheckpointError, match=r"missing\. The folder is not complete; copy all of it"):
            listing.tensors["b"].load()


def test_a_link_in_a_folder_is_refused_with_what_to_do(folder: Path) -> None:
    for file in [*folder.glob("b"), *folder.glob("tensor_1/out")]:
        file.rename(folder.with_name("elsewhere"))
        file.symlink_to(folder.with_name("elsewhere"))
    with pytest.raises(CheckpointError, match=r"refused: it is a link.* what its links lead to \(cp -rL\)"):
        load_checkpoint(folder)


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    folder.with_name("link").symlink_to(folder)
    assert load_checkpoint(folder.with_name("link")).tensors["a"].sum() == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists what a process has open")
def test_what_was_opened_is_closed_again(folder: Path) -> None:
    load_checkpoint(folder)
    before = list(Path("/proc/self/fd").iterdir())
    load_checkpoint(folder)
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


@pytest.mark.parametrize("format", FILES)
def test_a_file_that_is_replaced_while_it_is_opened_is_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Format
) -> None:
    file, new = tmp_path / "x", tmp_path / "new"
    save_checkpoint(OLD, file, format=format)
    save_checkpoint({**NEW, "c": torch.ones(10_000)}, new, format=format)
    opened = os.open

    def open_and_replace(path: Any, *options: Any, **more: Any) -> int:
        number = opened(path, *options, **more)
        if new.exists():
            new.replace(file)
        return number

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", open_and_replace)
        assert list(load_checkpoint(file).tensors) == ["a", "b"]
    assert list(load_checkpoint(file).tensors) == ["a", "b", "c"]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes with paths")
@pytest.mark.parametrize("load", [load_checkpoint, load_paddle])
@pytest.mark.parametrize("make", [pipe, device])
def test_pipes_and_devices_are_refused_and_not_waited_for(
    tmp_path: Path, make: Callable[[Path], None], load: Callable[[Path], Any]
) -> None:
    make(tmp_path / "x")
    with pytest.raises(CheckpointError, match="not a regular file"):
        load(tmp_path / "x")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no sockets with paths")
def test_a_socket_is_the_system_s_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("x")
        with pytest.raises(OSError, match="x"):
            load_checkpoint("x")


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="there is no /dev/stdin")
def test_a_file_by_another_name_of_the_system_is_read(tmp_path: Path) -> None:
    save_checkpoint(OLD, tmp_path / "x", format="safetensors")
    with (tmp_path / "x").open("rb") as file:
        assert list(load_checkpoint(f"/dev/fd/{file.fileno()}").tensors) == ["a", "b"]
