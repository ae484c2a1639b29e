"""What `fourfold convert` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .choices import APIS, FORMATS
from .declaration import Declaration, add_json, add_list, pairs
from .reading import add_reading

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold convert`."""
    parser.add_argument(
        "source", metavar="SRC", help="a checkpoint of any framework; its format is told by its content"
    )
    parser.add_argument("destination", metavar="DST", help="the file to write, or the folder for OneFlow")
    parser.add_argument("--to", dest="target_api", choices=APIS, required=True, help="whose names and layouts DST gets")
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        choices=FORMATS,
        help=f"of DST: {', '.join(FORMATS)}. Default: what the target framework loads",
    )
    parser.add_argument(
        "--model",
        metavar="MODULE:NAME",
        help="your model, which tells the kinds of layers: a module on the Python path or in this folder, and in it a "
        "torch module, or what makes one. Your code is imported and run; the checkpoint's is not",
    )
    add_list(
        parser,
        "--kind",
        "LAYER=KIND[:GROUPS]",
        "in place of a model: the kind of one layer, such as head=linear, or up=conv_transpose:2 with the groups "
        "of a convolution",
        split=pairs,
    )
    parser.add_argument(
        "--by-order",
        action="store_true",
        help="take what no name finds in the order of SRC, where shapes are equal; refused where SRC is sorted by name "
        "or its layers stand otherwise. The pairs are listed; the proof is `fourfold verify`",
    )
    parser.add_argument(
        "--suggest",
        action="store_true",
        help="write nothing: propose a --rename for each layer of SRC that fits one layer of the model, and no other",
    )
    add_list(parser, "--passthrough", "GLOB", "tensors without a layout rule that are taken as they are")
    add_reading(parser, "SRC")
    parser.add_argument(
        "--no-strict", action="store_true", help="write what fits, though tensors are missing or unexpected"
    )
    parser.add_argument("--force", action="store_true", help="replace DST if it is there")
    parser.add_argument("--dry-run", action="store_true", help="write nothing: tell what would be done")
    parser.add_argument("--quiet", action="store_true", help="print the summary, and pairs by order, only")
    add_json(parser)


DECLARATION = Declaration(
    summary="turn a checkpoint of one framework into one of another, by layer kind",
    examples=(
        "fourfold convert old.pkl new.pt --to torch --model net:Net --suggest",
        "fourfold convert old.pkl new.pt --to torch --model net:Net --rename a=b",
    ),
    page="porting/checkpoint.md",
    add_arguments=add_arguments,
)
