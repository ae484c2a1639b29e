"""Volumes on disk, read a few planes at a time: .npy, zarr, NIfTI.

They may be strangers': nothing is unpickled, and dtype and shape are checked before a voxel is read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .nifti import Compressed
from .packages import opened

if TYPE_CHECKING:
    import numpy.typing as npt

    from .stages import Shape

__all__ = ["Source", "open_source"]


class Source:
    """A volume of shape (C, D, H, W), whatever its file calls the axes.

    Args:
        name: for messages.
        array: what can be sliced.
        reverse: whether its axes are (W, H, D) or (W, H, D, C), as NIfTI's are.
        identity: what tells it from another source, ready for JSON.
        header: of a NIfTI file, nibabel's.
    """

    def __init__(
        self,
        name: str,
        array: Any,
        *,
        reverse: bool = False,
        identity: dict[str, Any] | None = None,
        header: Any = None,
    ) -> None:
        self._array, self._reverse, self.header = array, reverse, header
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
    """Open a volume: a path to .npy, .zarr, .nii or .nii.gz, or an array, which may be a memory map.

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
        return Source(str(path), opened(path, "zarr", lambda zarr: zarr.open_array(store=str(path), mode="r")))
    if path.name.endswith((".nii", ".nii.gz")):
        image = opened(path, "nibabel", lambda nibabel: nibabel.load(path, mmap=False))
        array = Compressed(path, image.dataobj) if path.suffix == ".gz" else image.dataobj
        return Source(str(path), array, reverse=True, identity=_state(path), header=image.header)
    msg = f"source {path} ends in {path.suffix!r}; legal are .npy, .zarr, .nii and .nii.gz. Convert it."
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
