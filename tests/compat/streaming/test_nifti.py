"""NIfTI: voxels, where in space they lie, and compressed files, read in order and written in members."""

from __future__ import annotations

import gzip
import io
import os
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.streaming.test_stages import with_integers
from tests.compat.streaming.test_stream import decoder, stream, volume, voxels_of, whole
from torch import nn

from fourfold.compat.streaming.layers import stages_of
from fourfold.compat.streaming.nifti import header_of
from fourfold.compat.streaming.placing import placement
from fourfold.frontends import paddle

if TYPE_CHECKING:
    import numpy.typing as npt

nibabel = pytest.importorskip("nibabel")

# oblique, with voxels of 1, 2 and 4 mm, and a corner that is not at 0; all numbers have an exact float32
AFFINE = np.array([[0.0, -2.0, 0.0, 16.0], [1.0, 0.0, 0.0, -8.0], [0.0, 0.0, 4.0, 32.0], [0.0, 0.0, 0.0, 1.0]])


def saved(path: Path, voxels: npt.NDArray[Any], affine: npt.NDArray[Any] = AFFINE) -> Path:
    """Save (C, D, H, W) or (D, H, W)."""
    nibabel.save(nibabel.Nifti1Image(voxels.T, affine), path)
    return path


@pytest.mark.parametrize("source", ["in.nii", "in.nii.gz"])
@pytest.mark.parametrize("target", ["out.nii", "out.npy"])
def test_channels_are_the_last_axis(source: str, target: str, tmp_path: Path) -> None:
    done = stream(decoder(), saved(tmp_path / source, volume()), tmp_path / target)
    assert done.slabs > 2
    np.testing.assert_array_equal(voxels_of(tmp_path / target), whole(decoder(), volume()), strict=True)


@pytest.mark.parametrize("source", ["in.nii", "in.nii.gz"])
@pytest.mark.parametrize("target", ["out.nii", "out.nii.gz"])
def test_one_channel_needs_no_axis(source: str, target: str, tmp_path: Path) -> None:
    layer = with_integers(nn.Sequential(nn.ConvTranspose3d(1, 2, 3, 2), nn.Conv3d(2, 1, 3, padding=1)), 0)
    done = stream(layer, saved(tmp_path / source, volume(6, 5, 4)), tmp_path / target, slab_bytes=5000)
    assert done.slabs > 2
    np.testing.assert_array_equal(voxels_of(tmp_path / target), whole(layer, volume(6, 5, 4)[None])[0], strict=True)


def test_a_slope_and_an_intercept_are_applied(tmp_path: Path) -> None:
    content = bytearray(gzip.decompress(saved(tmp_path / "in.nii.gz", volume()).read_bytes()))
    struct.pack_into("<2f", content, 112, 0.5, 3)  # where NIfTI-1 has them
    (tmp_path / "in.nii.gz").write_bytes(gzip.compress(content))
    layer = decoder().double()
    stream(layer, tmp_path / "in.nii.gz", tmp_path / "out.npy")
    with torch.no_grad():
        expected = layer(torch.from_numpy(volume() * 0.5 + 3)[None])[0].numpy()
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), expected, strict=True)


def interpolating(kernel: list[float], **arguments: Any) -> nn.Module:
    """Return a transposed convolution of stride 2 that interpolates linearly."""
    layer = nn.ConvTranspose3d(1, 1, len(kernel), 2, bias=False, **arguments)
    one = torch.tensor(kernel)
    with torch.no_grad():
        layer.weight.copy_(one[:, None, None] * one[:, None] * one)
    return layer


def averaging(kernel: int, **arguments: Any) -> nn.Module:
    layer = nn.Conv3d(1, 1, kernel, bias=False, **arguments)
    nn.init.constant_(layer.weight, 1 / kernel**3)
    return layer


def unequally_padded() -> nn.Module:
    layer: nn.Module = paddle.nn.Conv3D(1, 1, 2, padding=[1, 0, 0, 2, 0, 0], bias_attr=False)
    nn.init.constant_(layer.get_parameter("weight"), 1 / 8)
    return layer


# each makes of a linear function the same one on its own lattice, away from the edges
LINEAR = {
    "k4s2p1": lambda: interpolating([0.25, 0.75, 0.75, 0.25], padding=1),
    "k3s2p1": lambda: interpolating([0.5, 1, 0.5], padding=1, output_padding=1),
    "k3s2p0": lambda: interpolating([0.5, 1, 0.5]),
    "k2, dilated": lambda: nn.Sequential(averaging(2, dilation=2, padding=1), nn.Identity()),
    "average": lambda: averaging(4, stride=2, padding=1),
    "pads of each side": unequally_padded,
    "nearest, averaged": lambda: nn.Sequential(nn.Upsample(scale_factor=2), averaging(2)),
    "there and back": lambda: nn.Sequential(
        interpolating([0.25, 0.75, 0.75, 0.25], padding=1), averaging(2, stride=2), interpolating([0.5, 1, 0.5])
    ),
}


@pytest.mark.parametrize("make", LINEAR.values(), ids=LINEAR)
@pytest.mark.parametrize("axis", range(3), ids="xyz")
def test_voxels_lie_where_the_header_says(make: Any, axis: int, tmp_path: Path) -> None:
    shape = (16, 14, 12)
    where = nibabel.affines.apply_affine(AFFINE, np.moveaxis(np.indices(shape), 0, -1))[..., axis]
    nibabel.save(nibabel.Nifti1Image(where.astype(np.float32), AFFINE), tmp_path / "in.nii")
    stream(make().eval(), tmp_path / "in.nii", tmp_path / "out.nii")
    made = nibabel.load(tmp_path / "out.nii")
    expected = nibabel.affines.apply_affine(made.affine, np.moveaxis(np.indices(made.shape), 0, -1))[..., axis]
    edge = 4 if min(made.shape) > 8 else 2
    inside = (slice(edge, -edge),) * 3
    np.testing.assert_array_equal(np.asarray(made.dataobj)[inside], expected[inside])
    np.testing.assert_allclose(made.header.get_zooms(), nibabel.affines.voxel_sizes(made.affine), rtol=1e-6)


def test_both_affines_their_codes_and_the_units_are_the_source_s(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(volume(6, 5, 4).T, None)
    image.header.set_qform(AFFINE, "scanner")
    image.header.set_sform(AFFINE @ np.diag([1.0, 1.0, -1.0, 1.0]), "mni")
    image.header.set_xyzt_units("micron")
    nibabel.save(image, tmp_path / "in.nii")
    layer = with_integers(nn.ConvTranspose3d(1, 1, 2, stride=2), 0)
    stream(layer, tmp_path / "in.nii", tmp_path / "out.nii.gz")
    header = nibabel.load(tmp_path / "out.nii.gz").header
    # of 2 x 2 x 2 voxels the middle is where the one was: a quarter of its size back
    half = np.array([[0.5, 0, 0, -0.25], [0, 0.5, 0, -0.25], [0, 0, 0.5, -0.25], [0, 0, 0, 1]])
    np.testing.assert_array_equal(header.get_sform(), AFFINE @ np.diag([1.0, 1.0, -1.0, 1.0]) @ half)
    np.testing.assert_allclose(header.get_qform(), AFFINE @ half, atol=1e-5)
    assert (int(header["sform_code"]), int(header["qform_code"])) == (4, 1)
    assert header.get_xyzt_units()[0] == "micron"
    assert header.get_zooms() == (0.5, 1.0, 2.0)


def test_of_a_source_without_a_header_a_voxel_is_a_millimetre(tmp_path: Path) -> None:
    layer = with_integers(nn.ConvTranspose3d(1, 1, (4, 2, 1), stride=(4, 2, 1)), 0)
    stream(layer, volume(3, 3, 3), tmp_path / "out.nii")
    made = nibabel.load(tmp_path / "out.nii")
    assert made.header.get_zooms() == (1.0, 0.5, 0.25)
    np.testing.assert_array_equal(made.affine[:3, 3], [0, -0.25, -0.375])


def test_an_axis_that_is_too_long_for_nifti_1_makes_it_nifti_2() -> None:
    header = header_of(Path("out.nii"), (2, 40_000, 3), np.dtype("f4"), None, placement(stages_of(nn.ReLU())))
    assert nibabel.Nifti2Header.from_fileobj(io.BytesIO(header)).get_data_shape() == (3, 40_000, 2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_compressed_source_is_decompressed_once_for_each_channel(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-100, 100, (2, 64, 64, 64), dtype=np.int8)
    source = saved(tmp_path / "in.nii.gz", noise)
    layer = with_integers(nn.Conv3d(2, 1, (3, 1, 1), stride=(1, 16, 16), padding=(1, 0, 0)), 0)

    def bytes_read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    before = bytes_read()
    done = stream(layer, source, tmp_path / "out.npy", slab_bytes=200_000)
    assert done.slabs > 10
    # twice in full, and the header a few times
    assert bytes_read() - before < 3 * source.stat().st_size
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), whole(layer, noise), strict=True)


@pytest.mark.parametrize("change", [lambda file: file[:-300], lambda file: file[:-8] + bytes(8)], ids=["short", "sum"])
def test_a_damaged_compressed_source_is_said_to_be(change: Any, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-100, 100, (64, 16, 16), dtype=np.int8)
    source = saved(tmp_path / "in.nii.gz", noise)
    source.write_bytes(change(source.read_bytes()))
    with pytest.raises(ValueError, match="is damaged"):
        stream(with_integers(nn.Conv3d(1, 1, 1), 0), source, tmp_path / "out.npy")


@pytest.mark.parametrize(
    ("layer", "name", "error", "match"),
    [
        pytest.param(decoder(), "o.nii.gz", ValueError, r"2 channels .*target that ends in \.nii", id="channels"),
        pytest.param(decoder().half(), "o.nii", TypeError, r"holds no float16; convert .*\.float\(\)", id="half"),
    ],
)
def test_what_nifti_cannot_hold_is_refused_and_nothing_written(
    layer: nn.Module, name: str, error: type[Exception], match: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=match):
        stream(layer, volume(), tmp_path / name)
    assert os.listdir(tmp_path) == []  # noqa: PTH208
