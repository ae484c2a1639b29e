"""What NIfTI needs of its own: the header of a target, and compressed sources, which are read in order."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from .packages import imported

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["Compressed", "header_of"]

# Longer axes have no place in a header of NIfTI-1.
LONGEST = np.iinfo(np.int16).max


class Compressed:
    """The voxels of a .nii.gz, (W, H, D) or (W, H, D, C), for slices along D that never begin before the last one.

    Each channel has a stream of its own, which is decompressed once; planes that two slabs share are kept.
    """

    def __init__(self, path: Path, array: Any) -> None:
        """Take nibabel's array proxy of the file, which itself would begin anew for each slice."""
        self._path, self._proxy, self._files = path, array, list[gzip.GzipFile]()
        self.shape: tuple[int, ...] = array.shape
        self.dtype = array.dtype
        self._start, self._kept = 0, np.empty((*self.shape[:2], 0, *self.shape[3:]), self.dtype)

    def __getitem__(self, where: tuple[slice, slice, slice]) -> npt.NDArray[Any]:
        start, stop = where[2].start, where[2].stop
        end = self._start + self._kept.shape[2]
        if self._start <= start <= end:
            kept = self._kept[:, :, start - self._start :]
        else:
            kept, end = self._kept[:, :, :0], start
        if stop > end:
            kept = np.concatenate([kept, self._read(end, stop)], axis=2)
        self._start, self._kept = start, kept
        return kept[:, :, : stop - start]

    def _read(self, start: int, stop: int) -> npt.NDArray[Any]:
        channels = range(*self.shape[3:]) if self.shape[3:] else [...]
        self._files = self._files or [gzip.open(self._path) for _ in channels]  # noqa: SIM115 - they go on with the next slab
        form = (self.shape, self.dtype, self._proxy.offset, self._proxy.slope, self._proxy.inter)
        try:
            planes = [
                type(self._proxy)(file, form)[:, :, start:stop, channel]
                for file, channel in zip(self._files, channels, strict=True)
            ]
            while stop == self.shape[2] and self._files[-1].read(1 << 20):
                pass  # the checksum stands at the end
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            msg = f"{self._path} is damaged: {error}. Fetch it anew."
            raise ValueError(msg) from error
        return np.stack(planes, axis=3) if self.shape[3:] else planes[0]


def header_of(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], source: Any, placement: npt.NDArray[np.float64]
) -> bytes:
    """Return what stands before the voxels of a .nii.

    Args:
        path: of the file, for messages.
        shape: (C, D, H, W) or (D, H, W), the reverse of NIfTI's order.
        dtype: of the voxels.
        source: nibabel's header of the source, for its units and its affines with their codes. None: a voxel of the
            source is 1 mm, and its indices are the coordinates.
        placement: which point (depth, height, width, 1) of the source each voxel of the target is at, 4 x 4.

    Raises:
        TypeError: NIfTI has no such dtype.
        ModuleNotFoundError: nibabel is not installed.
    """
    nibabel = imported(path, "nibabel")
    made = (nibabel.Nifti2Header if max(shape) > LONGEST else nibabel.Nifti1Header)()
    try:
        made.set_data_dtype(dtype)
    except nibabel.spatialimages.HeaderDataError as error:
        msg = f"target {path} is NIfTI, which holds no {dtype}; convert the layer with .float(), or give .npy or .zarr."
        raise TypeError(msg) from error
    made.set_data_shape(shape[::-1])
    order = [2, 1, 0, 3]
    placement = placement[np.ix_(order, order)]
    zooms = np.ones(3)
    if source is None:
        made.set_xyzt_units("mm")
        made.set_sform(placement, "aligned")
    else:
        made.set_xyzt_units(*source.get_xyzt_units())
        zooms = np.abs(source.get_zooms()[:3])
        for read, write in ((source.get_sform, made.set_sform), (source.get_qform, made.set_qform)):
            affine, code = read(coded=True)
            if affine is not None:
                write(affine @ placement, code)
    made.set_zooms([*(zooms * placement.diagonal()[:3]), *[1.0] * (len(shape) - 3)])
    content = io.BytesIO()
    made.write_to(content)
    return content.getvalue()
