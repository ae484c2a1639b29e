"""From file to file: what is written, what is left after a kill, what memory it takes, what is refused."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.streaming.test_stages import with_integers
from tests.operands import integers
from torch import nn

import fourfold

if TYPE_CHECKING:
    from pathlib import Path


def decoder(seed: int = 0, channels: int = 2) -> nn.Module:
    layers = nn.Sequential(
        nn.ConvTranspose3d(channels, 3, 4, stride=2, padding=1), nn.ReLU(), nn.Conv3d(3, channels, 3, padding=1)
    )
    return with_integers(layers, seed)


def volume(*shape: int) -> np.ndarray[Any, Any]:
    return integers(shape or (2, 6, 5, 4), 5).numpy().astype(np.int16)


def whole(layer: nn.Module, source: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with torch.no_grad():
        made: np.ndarray[Any, Any] = layer(torch.from_numpy(source.astype(np.float32))[None])[0].numpy()
    return made


def voxels_of(path: Path) -> np.ndarray[Any, Any]:
    """Return the array in a file, of shape (C, D, H, W) or (D, H, W)."""
    if path.suffix == ".npy":
        return np.asarray(np.load(path))
    if path.suffix == ".zarr":
        return np.asarray(pytest.importorskip("zarr").open_array(store=str(path), mode="r")[...])
    return np.asarray(pytest.importorskip("nibabel").load(path).dataobj).T


def stream(layer: nn.Module, source: Any, target: Path, **options: Any) -> Any:
    return fourfold.upsample_stream(layer, source, target, **{"slab_bytes": 4000, "quiet": True, **options})


@pytest.mark.parametrize("kind", ["<i2", ">i2", "<f8"])
def test_npy_to_npy(kind: str, tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", volume().astype(kind))
    done = stream(decoder(), tmp_path / "in.npy", tmp_path / "out.npy")
    assert done.slabs > 2
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), whole(decoder(), volume()), strict=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.npy", "out.npy"]


def test_fortran_order_and_a_memory_map(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", np.asfortranarray(volume()))
    stream(decoder(), np.load(tmp_path / "in.npy", mmap_mode="r"), tmp_path / "out.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), whole(decoder(), volume()), strict=True)


def test_one_channel_needs_no_axis(tmp_path: Path) -> None:
    layer = with_integers(nn.ConvTranspose3d(1, 1, 3, 2), 0)
    source = volume(4, 4, 4)
    assert stream(layer, source, tmp_path / "out.npy").shape == (9, 9, 9)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), whole(layer, source[None])[0], strict=True)


def test_zarr_to_zarr(tmp_path: Path) -> None:
    zarr = pytest.importorskip("zarr")
    array = zarr.open_array(
        store=str(tmp_path / "in.zarr"), mode="w", shape=(2, 6, 5, 4), chunks=(1, 2, 5, 4), dtype="i2"
    )
    array[...] = volume()
    done = stream(decoder(), tmp_path / "in.zarr", tmp_path / "out.zarr")
    assert done.slabs > 2
    np.testing.assert_array_equal(voxels_of(tmp_path / "out.zarr"), whole(decoder(), volume()), strict=True)


def test_zarr_that_asks_for_pickle_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "in.zarr").mkdir()
    (tmp_path / "in.zarr" / ".zarray").write_text('{"filters": [{"id": "\\u0070ickle"}]}')
    with pytest.raises(ValueError, match="asks for pickle"):
        stream(decoder(), tmp_path / "in.zarr", tmp_path / "out.npy")


@pytest.mark.parametrize(("suffix", "package"), [("zarr", "zarr"), ("nii", "nibabel")])
def test_a_package_that_is_missing_is_named(
    suffix: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / f"in.{suffix}").touch()
    with pytest.raises(ModuleNotFoundError, match=rf"{package}, of the extra `stream`.*pip install {package}"):
        stream(decoder(), tmp_path / f"in.{suffix}", tmp_path / "out.npy")


KILLED = """
import os, signal, sys
from fourfold.compat.streaming import flow, journal, stream
from tests.compat.streaming.test_stream import decoder, volume
owner, name, last = {"compute": (flow.Flow, "slab", 3), "written": (journal.Journal, "write", 4)}[sys.argv[3]]
real, calls = getattr(owner, name), []
def killed(*arguments):
    calls.append(0)
    if len(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
setattr(owner, name, killed)
target, channels = sys.argv[1], int(sys.argv[2])
layer, source = decoder(0, channels), volume(channels, 6, 5, 4)
stream.upsample_stream(layer, source, target, slab_bytes=2000 * channels, quiet=True)
"""


@pytest.mark.parametrize(
    ("name", "channels", "moment"),
    [
        pytest.param("out.npy", 2, "compute", id="npy"),
        pytest.param("out.npy", 2, "written", marks=pytest.mark.thorough, id="npy, slab written"),
        pytest.param("out.nii.gz", 1, "written", id="nii.gz, slab written"),
        pytest.param("out.nii", 2, "compute", marks=pytest.mark.thorough, id="nii"),
        pytest.param("out.zarr", 2, "written", marks=pytest.mark.thorough, id="zarr, slab written"),
    ],
)
def test_a_killed_run_goes_on_where_it_was(name: str, channels: int, moment: str, tmp_path: Path) -> None:
    pytest.importorskip({".npy": "numpy", ".zarr": "zarr"}.get(name[3:], "nibabel"))
    target = tmp_path / name
    child = subprocess.run(
        [sys.executable, "-c", KILLED, target, str(channels), moment], check=False, capture_output=True
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert sorted(each.name for each in tmp_path.iterdir()) == [f"{name}.part", f"{name}.part.json"]
    layer, source = decoder(0, channels), volume(channels, 6, 5, 4)
    done = stream(layer, source, target, slab_bytes=2000 * channels)
    assert done.resumed == 2
    assert done.slabs > 3
    np.testing.assert_array_equal(voxels_of(target), whole(layer, source), strict=True)


@pytest.fixture
def unfinished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the target of a run that ended with an error after two slabs."""
    from fourfold.compat.streaming.flow import Flow

    real, calls = Flow.slab, []

    def fails(*arguments: Any) -> Any:
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(Flow, "slab", fails)
    with pytest.raises(KeyboardInterrupt):
        stream(decoder(), volume(), tmp_path / "out.npy")
    monkeypatch.undo()
    return tmp_path / "out.npy"


@pytest.mark.parametrize(
    ("layer", "source", "options", "match"),
    [
        pytest.param(decoder(1), volume(), {}, "another layer", id="weights"),
        pytest.param(decoder(), volume(2, 7, 5, 4), {}, "another .*source", id="shape"),
        pytest.param(decoder(), volume().astype(np.int32), {}, "another source", id="dtype"),
        pytest.param(decoder(), volume(), {"slab_bytes": 5000}, "slab_bytes", id="slabs"),
    ],
)
def test_another_run_does_not_go_on(
    layer: nn.Module, source: Any, options: dict[str, Any], match: str, unfinished: Path
) -> None:
    before = unfinished.with_name("out.npy.part").read_bytes()
    with pytest.raises(ValueError, match=match):
        stream(layer, source, unfinished, **options)
    assert unfinished.with_name("out.npy.part").read_bytes() == before
    stream(layer, source, unfinished, overwrite=True, **options)
    np.testing.assert_array_equal(np.load(unfinished), whole(layer, source), strict=True)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"what": {}, "done": 2}', '{"what": {}, "done": "2", "size": 0}', "[" * 100_000]
)
def test_a_damaged_journal_is_said_to_be(text: str, unfinished: Path) -> None:
    unfinished.with_name("out.npy.part.json").write_text(text)
    with pytest.raises(ValueError, match="or it is damaged"):
        stream(decoder(), volume(), unfinished)


def test_without_the_target_the_journal_counts_for_nothing(unfinished: Path) -> None:
    unfinished.with_name("out.npy.part").unlink()
    assert stream(decoder(), volume(), unfinished).resumed == 0
    np.testing.assert_array_equal(np.load(unfinished), whole(decoder(), volume()), strict=True)


def test_a_source_that_was_written_anew_is_another(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", volume())
    first = fourfold.compat.streaming.sources.open_source(tmp_path / "in.npy").identity
    os.utime(tmp_path / "in.npy", ns=(0, 0))
    assert fourfold.compat.streaming.sources.open_source(tmp_path / "in.npy").identity != first


MEMORY = """
import pathlib, sys
import numpy as np, torch, fourfold
layer = torch.nn.ConvTranspose3d(1, 1, 2, stride=2)
def stream(source, name):
    return fourfold.upsample_stream(layer, source, f"{sys.argv[1]}/{name}.npy", slab_bytes=4 << 20, quiet=True)
def peak():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10
for name in ("first", "second"):  # what torch and the allocator take once
    stream(f"{sys.argv[1]}/small.npy", name)
before = peak()
done = stream(f"{sys.argv[1]}/large.npy", "third")
print(done.slabs, peak() - before)
"""


@pytest.mark.thorough
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_with_the_volume(tmp_path: Path) -> None:
    for name, depth in (("small", 64), ("large", 256)):
        np.lib.format.open_memmap(tmp_path / f"{name}.npy", mode="w+", dtype=np.float32, shape=(1, depth, 128, 128))
    child = subprocess.run([sys.executable, "-c", MEMORY, tmp_path], check=True, capture_output=True, text=True)
    slabs, mebibytes = map(int, child.stdout.split())
    assert os.path.getsize(tmp_path / "third.npy") >> 20 == 128  # noqa: PTH202
    assert slabs > 32
    assert mebibytes < 64  # half of the output


def broken(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_pickle_by_the_name_of_an_array_is_not_read(tmp_path: Path) -> None:
    path = broken(tmp_path / "in.npy", pickle.dumps([1]))
    with pytest.raises(ValueError, match=r"no whole \.npy file"):
        stream(decoder(), path, tmp_path / "out.npy")


def test_half_a_file_is_not_read(tmp_path: Path) -> None:
    np.save(tmp_path / "whole.npy", volume())
    path = broken(tmp_path / "in.npy", (tmp_path / "whole.npy").read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"no whole \.npy file"):
        stream(decoder(), path, tmp_path / "out.npy")


@pytest.mark.parametrize(
    ("layer", "source", "name", "error", "match"),
    [
        pytest.param(decoder(), volume(3, 4, 4, 4), "o.npy", ValueError, "gets 3 channels and has 2", id="channels"),
        pytest.param(decoder(), volume(4, 4), "o.npy", ValueError, r"legal is \(D, H, W\)", id="axes"),
        pytest.param(decoder(), volume(2, 0, 4, 4), "o.npy", ValueError, "1 and above along", id="empty"),
        pytest.param(decoder(), np.full((2, 2, 2), "a"), "o.npy", TypeError, "holds <U1", id="text"),
        pytest.param(decoder(), volume() + 0j, "o.npy", TypeError, "give a real source", id="complex"),
        pytest.param(decoder(), [[[1]]], "o.npy", TypeError, "source is a list", id="list"),
        pytest.param(decoder(), "no.npy", "o.npy", FileNotFoundError, "no.npy is not there", id="missing"),
        pytest.param(decoder(), volume(), "o.tif", ValueError, r"legal are \.npy, \.zarr", id="target"),
        pytest.param(decoder(), volume(), "no/o.npy", FileNotFoundError, "make it first", id="folder"),
        pytest.param(decoder().bfloat16(), volume(), "o.npy", TypeError, "which files do not hold", id="bfloat16"),
        pytest.param(nn.Conv3d(2, 1, 7), volume(), "o.npy", ValueError, "makes .* voxels of", id="too small"),
        pytest.param(nn.BatchNorm3d(3).eval(), volume(), "o.npy", ValueError, "not take 2 channels", id="norm"),
        pytest.param(nn.GroupNorm(1, 2), volume(), "o.npy", NotImplementedError, "GroupNorm", id="layer"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    layer: nn.Module, source: Any, name: str, error: type[Exception], match: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=match):
        stream(layer, source, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_target_is_replaced_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "out.npy").write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        stream(decoder(), volume(), tmp_path / "out.npy")
    assert (tmp_path / "out.npy").read_text() == "mine"
    stream(decoder(), volume(), tmp_path / "out.npy", overwrite=True)
    assert np.load(tmp_path / "out.npy").shape == (2, 12, 10, 8)


def test_the_source_is_no_target(tmp_path: Path) -> None:
    np.save(tmp_path / "in.npy", volume())
    with pytest.raises(ValueError, match="is the source"):
        stream(decoder(), tmp_path / "in.npy", tmp_path / "in.npy", overwrite=True)


def test_slabs_have_four_planes_where_nobody_says_how_large_they_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fourfold.compat.streaming.stream.SLAB", 1)
    layer, source = decoder(), volume()
    done = stream(layer, source, tmp_path / "out.npy", slab_bytes=None)
    assert done.slabs == -(-done.shape[-3] // 4)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), whole(layer, source), strict=True)


@pytest.mark.parametrize("slab_bytes", [0, -1])
def test_slabs_have_bytes(slab_bytes: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be 1 and above"):
        stream(decoder(), volume(), tmp_path / "out.npy", slab_bytes=slab_bytes)
