"""A brain at twice its resolution, by the same kernel through five APIs: `python examples/brain.py`.

The MNI152 template (head, grey matter, white matter) comes with nilearn: `pip install '.[examples]'`. A transposed
convolution with kernel 4, stride 2, padding 1 and the weights 1/4, 3/4, 3/4, 1/4 along each axis doubles a volume by
trilinear interpolation. Each front end says so in its framework's words and holds the weights in its layout.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import fourfold
from fourfold.compat.agreement.comparison import Comparison, compare
from fourfold.compat.agreement.formats import FORMATS
from fourfold.compat.agreement.rounding import Sums, limit
from fourfold.compat.cli.console import Row, print_table, progress
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends import torch as front_torch
from fourfold.frontends.paddle import fluid

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.compat.literals import Api

Array = Any  # a NumPy array; volumes are float32 (1, channels, D, H, W)
MISSING = "{} needs {}, which is not installed: pip install '.[examples]'"


def trilinear(channels: int) -> Array:
    """Return the kernel in torch's layout, one per channel: (channels, 1, 4, 4, 4)."""
    line = np.array([1, 3, 3, 1], np.float32) / 4
    cube = line[:, None, None] * line[:, None] * line
    return np.repeat(cube[None, None], channels, axis=0)


def weight_for(api: Api, layer: torch.nn.Module) -> dict[str, Array]:
    """Port the kernel to the layout in which the layer of an API holds it."""
    kernel = {"weight": trilinear(3)}
    return fourfold.port_state(kernel, source="torch", target=api, module=layer)[0]


def upsample_torch(volume: Array) -> tuple[Any, Array]:
    layer = front_torch.nn.ConvTranspose3d(3, 3, 4, stride=2, padding=1, groups=3, bias=False)
    layer.load_state_dict({name: torch.from_numpy(array) for name, array in weight_for("torch", layer).items()})
    return layer, layer(torch.from_numpy(volume)).detach().numpy()


def upsample_paddle(volume: Array) -> tuple[Any, Array]:
    layer = paddle.nn.Conv3DTranspose(3, 3, 4, stride=2, padding=1, groups=3, bias_attr=False)
    layer.set_state_dict(weight_for("paddle", layer))
    return layer, layer(paddle.to_tensor(volume)).numpy()


def upsample_fluid(volume: Array) -> tuple[Any, Array]:
    with fluid.dygraph.guard():
        layer = fluid.dygraph.Conv3DTranspose(
            num_channels=3, num_filters=3, filter_size=4, stride=2, padding=1, groups=3, bias_attr=False
        )
        layer.set_dict(weight_for("fluid", layer))
        return layer, layer(fluid.dygraph.to_variable(volume)).numpy()


def upsample_megengine(volume: Array) -> tuple[Any, Array]:
    layer = megengine.module.ConvTranspose3d(3, 3, 4, stride=2, padding=1, groups=3, bias=False)
    layer.load_state_dict(weight_for("megengine", layer))
    return layer, layer(megengine.tensor(volume)).numpy()


def upsample_oneflow(volume: Array) -> tuple[Any, Array]:
    layer = oneflow.nn.ConvTranspose3d(3, 3, 4, stride=2, padding=1, groups=3, bias=False)
    layer.load_state_dict({name: oneflow.tensor(array) for name, array in weight_for("oneflow", layer).items()})
    return layer, layer(oneflow.tensor(volume)).numpy()


FRONT_ENDS: dict[str, Callable[[Array], tuple[Any, Array]]] = {
    "torch": upsample_torch,
    "paddle": upsample_paddle,
    "fluid": upsample_fluid,
    "megengine": upsample_megengine,
    "oneflow": upsample_oneflow,
}


@dataclass(frozen=True)
class Upsampled:
    """What the front ends made of a volume.

    Attributes:
        layers: class and shape of the weight, by front end.
        slices: the middle slice of the first channel, by front end.
        same: whether the whole output has the bits of the first front end's, by front end.
        interpolated: the middle slice by torch's own interpolation.
        comparison: the inside of the first front end's output, held against torch's own interpolation.
    """

    layers: dict[str, tuple[str, str]]
    slices: dict[str, Array]
    same: dict[str, bool]
    interpolated: Array
    comparison: Comparison

    @property
    def ok(self) -> bool:
        return all(self.same.values()) and self.comparison.ok


def upsample(volume: Array) -> Upsampled:
    """Double a volume of values 0 and above in every front end, and by interpolation."""
    layers, slices, same = {}, {}, {}
    first: Array = None
    for name, function in progress(FRONT_ENDS.items(), len(FRONT_ENDS), "upsampling"):
        layer, output = function(volume)
        first = output if first is None else first
        layers[name] = type(layer).__name__, " x ".join(map(str, layer.weight.shape))
        slices[name] = output[0, 0, output.shape[2] // 2].copy()
        same[name] = bool(np.array_equal(output.view(np.int32), first.view(np.int32)))
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(volume), scale_factor=2, mode="trilinear", align_corners=False
    ).numpy()
    # At the border, interpolation repeats the last voxel, where the transposed convolution sees zeros.
    inside: Any = (..., *[slice(1, -1)] * 3)
    ours, theirs = first[inside], expected[inside]
    # Eight voxels meet in each. No value and no weight is negative, so that their magnitude is the output itself.
    allowed = limit(Sums(np.array(8), theirs), theirs, FORMATS["float32"])
    comparison = compare(ours, theirs, "float32", limit=allowed, magnitude=theirs, opposite_zeros=True)
    return Upsampled(layers, slices, same, expected[0, 0, expected.shape[2] // 2], comparison)


def brain() -> Array:
    """Load head, grey matter and white matter at 2 mm: float32 (1, 3, 95, 117, 99), from 0 to 1."""
    try:
        from nilearn.datasets import load_mni152_gm_template, load_mni152_template, load_mni152_wm_template
    except ImportError as error:
        raise SystemExit(MISSING.format("The brain", "nilearn")) from error
    loaders = (load_mni152_template, load_mni152_gm_template, load_mni152_wm_template)
    channels = [np.asarray(load(resolution=2).dataobj, np.float32).transpose(2, 1, 0) for load in loaders]
    volume = np.stack(channels)[None].clip(0, 1)
    volume[volume < 1e-6] = 0  # what resampling leaves in the dark, down to 1e-45
    return np.ascontiguousarray(volume)


def draw(volume: Array, found: Upsampled, path: Path) -> None:
    """Draw the middle slices side by side, and below what torch's interpolation and the first front end differ in."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SystemExit(MISSING.format("--figure", "matplotlib")) from error
    size = "{} x {}".format(*volume.shape[3:])
    (name, first), *others = found.slices.items()
    inside = slice(1, -1), slice(1, -1)
    differences = {f"{name} \N{MINUS SIGN} interpolate": first[inside] - found.interpolated[inside]}
    differences |= {f"{other} \N{MINUS SIGN} {name}": image - first for other, image in others}
    differences = {title: 1e8 * image for title, image in differences.items()}
    bound = max(float(np.abs(image).max()) for image in differences.values()) or 1.0
    brightness, difference = ("gray", 0.0, float(volume.max())), ("RdBu_r", -bound, bound)
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    panels = figure.subplots(2, len(found.slices) + 1)
    shown = [
        _show(panels[0, 0], f"input, {size}", volume[0, 0, volume.shape[2] // 2], brightness),
        _show(panels[1, 0], "torch's interpolate", found.interpolated, brightness),
    ]
    for axis, (title, image) in zip(panels[0, 1:], found.slices.items(), strict=True):
        shown[0] = _show(axis, title, image, brightness)
    for axis, (title, image) in zip(panels[1, 1:], differences.items(), strict=True):
        shown[1] = _show(axis, title if image.any() else f"{title} = 0", image, difference)
    for row, image, label in zip(panels, shown, ["intensity", "difference, $10^{-8}$"], strict=True):
        bar = figure.colorbar(image, ax=row, fraction=0.02, pad=0.008)
        bar.set_label(label, fontsize=9)
        bar.ax.tick_params(labelsize=8)
    figure.savefig(path, dpi=120, pil_kwargs={"optimize": True})


def _show(axis: Any, title: str, image: Array, scale: tuple[Any, float, float]) -> Any:
    colors, low, high = scale
    axis.set_title(title, fontsize=10)
    axis.set_xticks([])
    axis.set_yticks([])
    return axis.imshow(image, cmap=colors, vmin=low, vmax=high, origin="lower")


def main(argv: list[str] | None = None) -> int:
    """Upsample the brain, as floats and in 8 bits; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description="Upsample the MNI152 template through five APIs.")
    parser.add_argument("--figure", metavar="PNG", type=Path, help="draw a slice of the outputs and their difference")
    arguments = parser.parse_args(argv)
    volume = brain()
    # 8-bit intensities times weights that are 64ths: nothing is rounded, so nothing may differ
    floats, eight_bit = upsample(volume), upsample(np.rint(255 * volume))
    words = {True: "the same bits", False: "OTHER BITS"}
    rows = [
        Row((name, *floats.layers[name], words[floats.same[name]], words[eight_bit.same[name]])) for name in FRONT_ENDS
    ]
    print_table(("front end", "class", "weight", "floats", "8 bit"), rows)
    print(f"against torch's interpolate, {floats.comparison.elements:,} voxels inside:")
    print(f"  floats  {floats.comparison}")
    print(f"  8 bit   {eight_bit.comparison}")
    if arguments.figure:
        draw(volume, floats, arguments.figure)
    exact = eight_bit.comparison.differing == 0
    return 0 if floats.ok and eight_bit.ok and exact else 1


if __name__ == "__main__":
    raise SystemExit(main())
