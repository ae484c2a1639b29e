"""Volumes on disk, read and written a few planes at a time: .npy, zarr, NIfTI.

They may be strangers': nothing is unpickled, and dtype and shape are checked before a voxel is read.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from .stages import Shape

__all__ = ["NpyTarget", "Source", "Target", "ZarrTarget", "open_source", "open_target"]

# voxels along height and width of a chunk
CHUNK = 256


class Source:
    """A volume of shape (C, D, H, W), whatever its file calls the axes.

    Args:
        name: for messages.
        array: what can be sliced.
        reverse: whether its axes are (W, H, D) or (W, H, D, C), as NIfTI's are.
        identity: what tells it from another source, ready for JSON.
    """

    def __init__(self, name: str, array: Any, *, reverse: bool = False, identity: dict[str, Any] | None = None) -> None:
        self._array, self._reverse = array, reverse
        shape = tuple(int(size) for size in array.shape)
        self.dtype = np.dtype(array.dtype)
        if self.dtype.kind not in "biufc":
            msg = f"{name} holds {self.dtype}; legal are integers, booleans, floating-point and complex numbers."
            raise TypeError(msg)
        if len(shape) not in (3, 4) or min(shape) < 1:
            axes = "(W, H, D) or (W, H, D, C)" if reverse else "(D, H, W) or (C, D, H, W)"
            msg = f"{name} has shape {shape}; legal is {axes}, of 1 and above along each axis. Reshape it."
            raise ValueError(msg)
        self.has_channels = len(shape) == 4
        ordered = shape[::-1] if reverse else shape
        channels, depth, height, width = ordered if self.has_channels else (1, *ordered)
        self.shape: Shape = (channels, depth, height, width)
        self.identity = {"shape": shape, "dtype": str(self.dtype), **(identity or {})}

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Return planes [start, stop), of shape (C, stop - start, H, W)."""
        if self._reverse:
            planes = np.asarray(self._array[:, :, start:stop]).T
        else:
            planes = np.asarray(self._array[..., start:stop, :, :])
        return planes if self.has_channels else planes[None]


class _Mapped:
    """An .npy file, mapped anew for each slab: pages of a mapping that stays would count as this process's memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        array = self._open()
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, where: Any) -> npt.NDArray[Any]:
        return np.array(self._open()[where])

    def _open(self) -> npt.NDArray[Any]:
        try:
            # not np.load, which takes archives and pickles too
            array: npt.NDArray[Any] = np.lib.format.open_memmap(self._path, mode="r")
        except (ValueError, EOFError) as error:
            msg = f"{self._path} is no whole .npy file of numbers: {error}"
            raise ValueError(msg) from error
        return array


def open_source(source: str | os.PathLike[str] | npt.NDArray[Any]) -> Source:
    """Open a volume: a path to .npy, .zarr or .nii, or an array, which may be a memory map.

    Raises:
        ValueError: a file of another kind, a broken one, or a shape that no volume has.
        TypeError: a dtype that no volume has.
        ModuleNotFoundError: the package that reads it is not installed.
        FileNotFoundError: it is not there.
    """
    if isinstance(source, np.ndarray):
        return Source("source", source)
    if not isinstance(source, (str, os.PathLike)):
        msg = f"source is a {type(source).__name__}; it must be a path or a NumPy array."
        raise TypeError(msg)
    path = Path(source)
    if not path.exists():
        msg = f"source {path} is not there."
        raise FileNotFoundError(msg)
    if path.suffix == ".npy":
        return Source(str(path), _Mapped(path), identity=_state(path))
    if path.suffix == ".zarr":
        _check_codecs(path)
        return Source(str(path), _opened(path, "zarr", lambda zarr: zarr.open_array(store=str(path), mode="r")))
    if path.suffix == ".nii":
        array = _opened(path, "nibabel", lambda nibabel: nibabel.load(path, mmap=False).dataobj)
        return Source(str(path), array, reverse=True, identity=_state(path))
    remedy = "Decompress it first" if path.name.endswith(".nii.gz") else "Convert it"
    msg = (
        f"source {path} ends in {path.suffix!r}; legal are .npy, .zarr and .nii, which can be read in slabs. {remedy}."
    )
    raise ValueError(msg)


def _check_codecs(path: Path) -> None:
    """Raise where chunks are pickled, which a zarr array of plain numbers can ask for too.

    Raises:
        ValueError: they are, or the description of the array cannot be read.
    """
    for name in (".zarray", ".zmetadata", "zarr.json"):
        try:
            # written anew, because JSON has several spellings of a letter
            described = json.dumps(json.loads((path / name).read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (ValueError, RecursionError) as error:
            msg = f"{path / name} is no JSON: {error}"
            raise ValueError(msg) from error
        if "pickle" in described.lower():
            msg = f"{path} asks for pickle, which can run code and is never read. Store the array with another codec."
            raise ValueError(msg)


def _state(path: Path) -> dict[str, Any]:
    """Return what changes when a file does."""
    status = path.stat()
    return {"bytes": status.st_size, "modified": status.st_mtime_ns}


def _opened(path: Path, package: str, read: Any) -> Any:
    module = _package(path, package)
    try:
        return read(module)
    except OSError:
        raise
    except Exception as error:  # each package has errors of its own
        msg = f"{path} cannot be read as an array: {error}"
        raise ValueError(msg) from error


def _package(path: Path, package: str) -> Any:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        msg = f"{path} needs {package}, of the extra `stream`, which is not installed: pip install {package}"
        raise ModuleNotFoundError(msg, name=package) from error


class Target:
    """A file or folder that is filled in slabs, and has another name until it is whole."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.path, self.shape, self.dtype = path, shape, dtype

    def create(self, planes: int) -> None:
        """Begin anew, over whatever is there; slabs will have so many planes."""
        raise NotImplementedError

    def is_begun(self) -> bool:
        """Whether what is there is this target, begun before."""
        raise NotImplementedError

    def write(self, start: int, slab: npt.NDArray[Any]) -> None:
        """Write planes (C, planes, H, W) from `start` on; they are in the file when it returns."""
        raise NotImplementedError


class NpyTarget(Target):
    """An .npy file; written, not mapped, so that a full disk is an error and not the end of the process."""

    def create(self, planes: int) -> None:
        header = {"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False, "shape": self.shape}
        with self.path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + self._bytes())

    def is_begun(self) -> bool:
        try:
            found = np.lib.format.open_memmap(self.path, mode="r")
        except (OSError, ValueError):
            return False
        return found.shape == self.shape and found.dtype == self.dtype and bool(found.flags.c_contiguous)

    def write(self, start: int, slab: npt.NDArray[Any]) -> None:
        depth, height, width = self.shape[-3:]
        plane = height * width * self.dtype.itemsize
        with self.path.open("r+b") as file:
            first = file.seek(0, os.SEEK_END) - self._bytes()
            for channel, planes in enumerate(slab):
                file.seek(first + (channel * depth + start) * plane)
                file.write(np.ascontiguousarray(planes, self.dtype).data)
            file.flush()
            os.fsync(file.fileno())

    def _bytes(self) -> int:
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size


class ZarrTarget(Target):
    """A zarr array whose chunks are as thick as a slab: none is written twice."""

    def create(self, planes: int) -> None:
        zarr = _package(self.path, "zarr")
        height, width = (min(size, CHUNK) for size in self.shape[-2:])
        chunks = (*self.shape[:-3], planes, height, width)
        zarr.open_array(store=str(self.path), mode="w", shape=self.shape, chunks=chunks, dtype=self.dtype)

    def is_begun(self) -> bool:
        if not self.path.is_dir():
            return False
        found = _opened(self.path, "zarr", lambda zarr: zarr.open_array(store=str(self.path), mode="r"))
        return tuple(found.shape) == self.shape and np.dtype(found.dtype) == self.dtype

    def write(self, start: int, slab: npt.NDArray[Any]) -> None:
        zarr = _package(self.path, "zarr")
        array = zarr.open_array(store=str(self.path), mode="r+")
        stop = start + slab.shape[1]
        array[..., start:stop, :, :] = slab if len(self.shape) == 4 else slab[0]


def open_target(path: Path, final: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Target:
    """Return the target that will be `final`, and is at `path` until it is whole; nothing is written yet.

    Raises:
        ValueError: `final` is of no kind that can be written in slabs.
        ModuleNotFoundError: the package that writes it is not installed.
    """
    if final.suffix == ".npy":
        return NpyTarget(path, shape, dtype)
    if final.suffix == ".zarr":
        _package(final, "zarr")
        return ZarrTarget(path, shape, dtype)
    msg = f"target {final} ends in {final.suffix!r}; legal are .npy and .zarr. Give one of these."
    raise ValueError(msg)
