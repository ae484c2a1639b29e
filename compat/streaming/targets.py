"""Volumes on disk, written a few planes at a time: .npy, zarr, NIfTI."""

from __future__ import annotations

import gzip
import io
import math
import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from .nifti import header_of
from .packages import imported, opened

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["Target", "open_target"]

# voxels along height and width of a chunk
CHUNK = 256
# what nibabel writes with; above it a quarter of the bytes at best is saved, for several times the time
LEVEL = 1


class Target(ABC):
    """A file or folder that is filled in slabs, and has another name until it is whole.

    Args:
        path: where it is until then.
        shape: of the array, (C, D, H, W) or (D, H, W).
        dtype: of its numbers.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.path, self.shape, self.dtype = path, shape, dtype

    @abstractmethod
    def create(self, planes: int) -> None:
        """Begin anew, over whatever is there; slabs will have so many planes."""

    @abstractmethod
    def resume(self, size: int) -> bool:
        """Go on behind the slab for which `write` returned `size`; False where what is there is not this target."""

    @abstractmethod
    def write(self, start: int, slab: npt.NDArray[Any]) -> int:
        """Write planes (C, planes, H, W) from `start` on; return the bytes of the file that count from now on."""


class PlainFile(Target):
    """A header, and behind it the voxels; written, not mapped, so that a full disk is an error and not the end."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], header: bytes) -> None:
        super().__init__(path, shape, dtype)
        self._header = header
        self._size = len(header) + math.prod(shape) * dtype.itemsize

    def create(self, planes: int) -> None:
        with self.path.open("wb") as file:
            file.write(self._header)
            file.truncate(self._size)

    def resume(self, size: int) -> bool:
        try:
            with self.path.open("rb") as file:
                return file.read(len(self._header)) == self._header and file.seek(0, os.SEEK_END) == self._size == size
        except OSError:
            return False

    def write(self, start: int, slab: npt.NDArray[Any]) -> int:
        depth, height, width = self.shape[-3:]
        plane = height * width * self.dtype.itemsize
        with self.path.open("r+b") as file:
            for channel, planes in enumerate(slab):
                file.seek(len(self._header) + (channel * depth + start) * plane)
                file.write(np.ascontiguousarray(planes, self.dtype).data)
            file.flush()
            os.fsync(file.fileno())
        return self._size


class GzipFile(Target):
    """A header and the voxels of one channel, in members of gzip: the header's, then one for each slab."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], header: bytes) -> None:
        super().__init__(path, shape, dtype)
        self._header, self._size = header, 0

    def create(self, planes: int) -> None:
        self.path.write_bytes(b"")
        self._append(self._header)

    def resume(self, size: int) -> bool:
        try:
            with gzip.open(self.path) as file:
                if file.read(len(self._header)) != self._header or self.path.stat().st_size < size:
                    return False
            # a slab that was being written
            os.truncate(self.path, size)
        except (OSError, EOFError):
            return False
        self._size = size
        return True

    def write(self, start: int, slab: npt.NDArray[Any]) -> int:
        return self._append(np.ascontiguousarray(slab, self.dtype).data)

    def _append(self, content: bytes | memoryview) -> int:
        with self.path.open("r+b") as file:
            file.seek(self._size)
            file.write(gzip.compress(content, LEVEL, mtime=0))
            file.flush()
            os.fsync(file.fileno())
            self._size = file.tell()
        return self._size


class ZarrArray(Target):
    """A zarr array whose chunks are as thick as a slab: none is written twice."""

    def create(self, planes: int) -> None:
        zarr = imported(self.path, "zarr")
        height, width = (min(size, CHUNK) for size in self.shape[-2:])
        chunks = (*self.shape[:-3], planes, height, width)
        zarr.open_array(store=str(self.path), mode="w", shape=self.shape, chunks=chunks, dtype=self.dtype)

    def resume(self, size: int) -> bool:
        if not self.path.is_dir():
            return False
        found = opened(self.path, "zarr", lambda zarr: zarr.open_array(store=str(self.path), mode="r"))
        return tuple(found.shape) == self.shape and np.dtype(found.dtype) == self.dtype

    def write(self, start: int, slab: npt.NDArray[Any]) -> int:
        zarr = imported(self.path, "zarr")
        array = zarr.open_array(store=str(self.path), mode="r+")
        stop = start + slab.shape[1]
        array[..., start:stop, :, :] = slab if len(self.shape) == 4 else slab[0]
        return 0


def open_target(
    path: Path,
    final: Path,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    header: Any,
    placement: npt.NDArray[np.float64],
) -> Target:
    """Return the target that will be `final`, and is at `path` until it is whole; nothing is written yet.

    Args:
        path: where it is until then.
        final: says by its suffix what it is.
        shape: of the array.
        dtype: of its numbers.
        header: the source's, for NIfTI: see `header_of`.
        placement: likewise.

    Raises:
        ValueError: `final` is of no kind that can be written in slabs.
        TypeError: its kind does not hold the dtype.
        ModuleNotFoundError: the package that writes it is not installed.
    """
    if final.suffix == ".npy":
        return PlainFile(path, shape, dtype, _npy_header(shape, dtype))
    if final.suffix == ".zarr":
        imported(final, "zarr")
        return ZarrArray(path, shape, dtype)
    if final.suffix == ".nii":
        return PlainFile(path, shape, dtype, header_of(final, shape, dtype, header, placement))
    if final.name.endswith(".nii.gz"):
        if math.prod(shape[:-3]) > 1:
            msg = (
                f"target {final} would hold {shape[0]} channels one behind the other, and gzip can be written in order "
                f"only, not in slabs of all channels. Give a target that ends in .nii, and compress that."
            )
            raise ValueError(msg)
        return GzipFile(path, shape, dtype, header_of(final, shape, dtype, header, placement))
    msg = f"target {final} ends in {final.suffix!r}; legal are .npy, .zarr, .nii and .nii.gz. Give one of these."
    raise ValueError(msg)


def _npy_header(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    content = io.BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, described)
    return content.getvalue()
