"""What `fourfold upsample` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declaration import Declaration, add_json, positive, triple
from .reading import add_reading

if TYPE_CHECKING:
    import argparse

# The arguments of a transposed convolution that its tensors do not tell, and their defaults; stride has none.
GEOMETRY = {"stride": None, "padding": 0, "output_padding": 0, "dilation": 1}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold upsample`."""
    parser.add_argument("source", metavar="SRC", help="the volume: a file .npy, .nii or .nii.gz, or a folder .zarr")
    parser.add_argument("target", metavar="DST", help="what to write, likewise")
    parser.add_argument(
        "--model",
        metavar="MODULE:NAME",
        help="your model: a module on the Python path or in this folder, and in it a torch module, or what makes one. "
        "Your code is imported and run; it is put in evaluation mode",
    )
    parser.add_argument("--weights", metavar="FILE", help="a checkpoint of any framework, for the model or the layer")
    parser.add_argument(
        "--layer",
        metavar="NAME",
        help="apply this part of the model only, such as decoder.up1. Without --model: the transposed convolution of "
        "this name in the checkpoint",
    )
    for name, default in GEOMETRY.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            metavar="N[,N,N]",
            type=triple,
            help=f"without --model: the layer's {name.replace('_', ' ')}, or that of depth, height and width. "
            + ("Required then" if default is None else f"Default: {default}"),
        )
    parser.add_argument("--groups", metavar="N", type=positive, help="without --model: the layer's groups. Default: 1")
    add_reading(parser, "FILE")
    parser.add_argument("--device", default="cpu", help="where to compute, as torch names it. Default: cpu")
    parser.add_argument(
        "--slab-mib",
        metavar="N",
        type=positive,
        help="MiB that the input and the output of a layer take together, for one slab; a third of the memory. "
        "Default: 64, or what four planes take",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace DST if it is there, and begin anew what another run left"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress, and no line at the end")
    add_json(parser)


DECLARATION = Declaration(
    summary="apply a layer or a decoder to a volume larger than memory, slab by slab",
    examples=(
        "fourfold upsample in.nii.gz out.nii --model net:decoder",
        "fourfold upsample in.zarr out.zarr --model net:UNet --weights unet.pdparams",
        "fourfold upsample in.npy out.npy --weights unet.pkl --layer up1 --stride 2",
    ),
    page="streaming.md",
    add_arguments=add_arguments,
)
