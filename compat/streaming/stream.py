"""`upsample_stream`: a decoder over a volume that fits no memory."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...backend.arguments import integer
from ..cli.console import progress
from .cutting import shapes_of, slabs_of, steps, thickness
from .flow import Flow
from .journal import Journal, fingerprint
from .layers import stages_of
from .placing import placement
from .sources import open_source
from .targets import open_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from .sources import Source
    from .stages import Span, Stage

__all__ = ["Streamed", "upsample_stream"]

# Bytes and planes of a slab, where nobody says how large it may be
SLAB, PLANES = 64 << 20, 4
WRITTEN: dict[torch.dtype, np.dtype[Any]] = {
    torch.float16: np.dtype(np.float16),
    torch.float32: np.dtype(np.float32),
    torch.float64: np.dtype(np.float64),
    torch.complex64: np.dtype(np.complex64),
    torch.complex128: np.dtype(np.complex128),
}


@dataclass(frozen=True)
class Streamed:
    """What was written.

    Attributes:
        target: the file or folder.
        shape: of the array in it.
        dtype: of its numbers.
        slabs: how many it was made in.
        resumed: how many of them an earlier run had made.
    """

    target: Path
    shape: tuple[int, ...]
    dtype: str
    slabs: int
    resumed: int

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.shape))
        before = f", {self.resumed} of them by an earlier run" if self.resumed else ""
        return f"<Streamed: {size} {self.dtype} in {self.slabs} slabs{before}>"


def upsample_stream(
    layer: torch.nn.Module,
    source: str | os.PathLike[str] | npt.NDArray[Any],
    target: str | os.PathLike[str],
    *,
    slab_bytes: int | None = None,
    overwrite: bool = False,
    quiet: bool = False,
) -> Streamed:
    """Apply a transposed convolution, or a decoder of local layers, to a volume on disk in constant memory.

    Slabs of planes along depth are read, computed and written one after another; planes between two layers that two
    slabs take are kept, so that each is made once. Each voxel sums the same products as
    in `layer(volume)`: where arithmetic is exact, as on integers that are small enough, the result is equal to that bit
    for bit. Elsewhere it is equal within rounding, because the order of a sum may depend on the size of a slab.

    A run that was killed goes on where it was when it is called again with the same arguments. Until the target is
    whole, it is `TARGET.part`, with a journal `TARGET.part.json` beside it; then it takes its name.

    Args:
        layer: a transposed convolution of torch or of a front end, or a Sequential of layers: transposed and ordinary
            3-D convolutions, pointwise activations, nearest upsampling by whole factors, and in evaluation mode batch
            norm and dropout. It runs where its parameters are, without gradients.
        source: a path to `.npy`, `.zarr`, `.nii` or `.nii.gz`, or an array, such as a memory map. Its numbers are
            converted to the layer's dtype.
        target: a path that ends in `.npy`, `.zarr`, `.nii`, or for one channel `.nii.gz`. NIfTI's header has the
            source's affines and voxel sizes, so that the voxels lie where the layer puts them.
        slab_bytes: bytes that the input and the output of any one layer may take together, for one slab, 1 and above.
            A padded copy, the layer's intermediate results and the slab on its way to the disk come on top: about three
            times as much in all. A slab is never thinner than one plane. Default: 64 MiB, or what four planes of the
            output take where that is more: convolutions of single planes are several times as slow.
        overwrite: whether a target that is there is replaced, and an unfinished one of something else begun anew.
            Default: False.
        quiet: whether to show no progress on stderr. Default: False.

    Shape:
        - source: `(C_in, D, H, W)`, or `(D, H, W)` for one channel; in NIfTI `(W, H, D, C_in)` or `(W, H, D)`
        - target: `(C_out, D_out, H_out, W_out)`, or `(D_out, H_out, W_out)` for one channel of a source without an axis
          of channels, the reverse in NIfTI; the dtype is the layer's: float16 (not in NIfTI), float32, float64 or
          complex

    Returns:
        What was written, a `Streamed`.

    Raises:
        NotImplementedError: a layer needs the whole volume, or nobody knows what it needs; the message names it.
        ValueError: source, target and layer do not fit each other, or an unfinished target is of something else.
        TypeError: a dtype is not served.
        FileExistsError: the target is there, and may not be replaced.
        ModuleNotFoundError: zarr or nibabel is needed and not installed.

    Example:
        >>> import tempfile, numpy as np, torch, fourfold
        >>> layer = torch.nn.ConvTranspose3d(1, 1, kernel_size=4, stride=2, padding=1)
        >>> volume = np.zeros((8, 8, 8), np.int16)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     fourfold.upsample_stream(layer, volume, f"{folder}/large.npy", slab_bytes=8192)
        <Streamed: 16 x 16 x 16 float32 in 3 slabs>
    """
    if slab_bytes is not None and integer(slab_bytes, "slab_bytes", 2**63 - 1) < 1:
        msg = f"slab_bytes={slab_bytes} is not legal; it must be 1 and above. Give a number of bytes."
        raise ValueError(msg)
    stages, volume, final = stages_of(layer), open_source(source), Path(target)
    _check_place(source, final, overwrite=overwrite)
    dtype, device = _kind(stages, volume)
    shapes = shapes_of(stages, volume.shape)
    planes = thickness(stages, shapes, (slab_bytes or SLAB) // dtype.itemsize)
    if slab_bytes is None:
        planes = min(max(planes, PLANES), shapes[-1][1])
    shape = shapes[-1] if volume.has_channels or shapes[-1][0] > 1 else shapes[-1][1:]
    part = final.with_name(f"{final.name}.part")
    output = open_target(part, final, shape, WRITTEN[dtype], volume.header, placement(stages))
    what = {
        "layer": fingerprint(stages),
        "source": volume.identity,
        "shape": shape,
        "dtype": str(output.dtype),
        "slab_bytes": slab_bytes,
        "planes": planes,
    }
    journal = Journal(final.with_name(f"{part.name}.json"), what)
    done, size = journal.done(overwrite=overwrite)
    if not (done and output.resume(size)):
        done = 0
        journal.write(0, 0)
        output.create(planes)
    slabs = slabs_of(shapes[-1][1], planes)
    flow = Flow(stages, shapes, partial(_planes, volume, dtype, device), slab_bytes or SLAB)
    left = list(enumerate(zip(slabs[done:], steps(stages, shapes, slabs[done:]), strict=True), done + 1))
    for count, ((start, _), found) in progress(left, len(left), f"slabs of {final.name}", quiet=quiet):
        size = output.write(start, flow.slab(found)[0].cpu().numpy())
        journal.write(count, size)
    # in this order: a whole target without its journal is made anew, a journal without its target would be trusted
    journal.remove()
    _put(part, final)
    return Streamed(final, shape, str(output.dtype), len(slabs), done)


def _check_place(source: Any, final: Path, *, overwrite: bool) -> None:
    if isinstance(source, (str, os.PathLike)) and final.exists() and final.samefile(source):
        msg = f"target {final} is the source; give another path."
        raise ValueError(msg)
    if final.is_dir() and final.suffix != ".zarr":
        msg = f"target {final} is a folder; give another path."
        raise IsADirectoryError(msg)
    if final.exists() and not overwrite:
        msg = f"target {final} is there; give another path, or overwrite=True to replace it."
        raise FileExistsError(msg)
    if not final.absolute().parent.is_dir():
        msg = f"target {final} is in a folder that is not there; make it first."
        raise FileNotFoundError(msg)


def _kind(stages: Sequence[Stage], volume: Source) -> tuple[torch.dtype, torch.device]:
    """Return where and in which dtype the layers compute: theirs, or the source's where they have learned nothing."""
    learned = [each for stage in stages for each in stage.tensors() if each.is_floating_point() or each.is_complex()]
    kinds = sorted({(str(each.dtype), str(each.device)) for each in learned})
    if len(kinds) > 1:
        msg = f"the layers are of {' and '.join(map(' on '.join, kinds))}; move all to one dtype and one device."
        raise ValueError(msg)
    own = {kind: name for name, kind in WRITTEN.items()}.get(volume.dtype.newbyteorder("="), torch.float32)
    dtype = learned[0].dtype if learned else own
    if dtype not in WRITTEN:
        legal = ", ".join(map(str, WRITTEN))
        msg = f"the layers are of {dtype}, which files do not hold; legal are {legal}. Convert them with .to(dtype)."
        raise TypeError(msg)
    if volume.dtype.kind == "c" and not dtype.is_complex:
        msg = f"source holds {volume.dtype} and the layers are of {dtype}; give a real source, or complex layers."
        raise TypeError(msg)
    return dtype, learned[0].device if learned else torch.device("cpu")


def _planes(volume: Source, dtype: torch.dtype, device: torch.device, span: Span) -> torch.Tensor:
    """Return planes of the source, (1, C, planes, H, W): a copy, because layers may work in place."""
    return torch.from_numpy(np.array(volume.read(*span), dtype=WRITTEN[dtype], order="C")).unsqueeze(0).to(device)


def _put(part: Path, final: Path) -> None:
    """Let the whole target take its name, in place of an old one."""
    if final.is_dir():
        shutil.rmtree(final)
    part.replace(final)
