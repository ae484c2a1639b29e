"""What `fourfold verify` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .declaration import Declaration, add_html, add_json, add_list, pairs

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold verify`."""
    parser.add_argument("bundle", metavar="BUNDLE", help="the file that recorder.record wrote")
    parser.add_argument(
        "--model",
        metavar="MODULE:NAME",
        required=True,
        help="your model: a module on the Python path or in this folder, and in it a torch module, or a class or "
        "function that makes one. Your code is imported and run; the bundle holds data only",
    )
    add_list(
        parser,
        "--rename",
        "OLD=NEW",
        "OLD in the recording is NEW here: a layer with all below it, or one tensor",
        split=pairs,
    )
    add_list(
        parser,
        "--passthrough",
        "GLOB",
        "tensors here of layers without a layout rule, which lie here as in the recording",
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--train", dest="training", action="store_true", default=None, help="replay in training mode")
    mode.add_argument(
        "--eval", dest="training", action="store_false", help="replay in evaluation mode. Default: as recorded"
    )
    parser.add_argument("--gradients", action="store_true", help="one line per gradient, where agreeing ones share one")
    parser.add_argument("--loaded", action="store_true", help="list which recorded tensor went where, and how")
    parser.add_argument("--quiet", action="store_true", help="print the divergence and the summary only")
    add_html(parser)
    add_json(parser)


DECLARATION = Declaration(
    summary="replay a recorded model here, layer by layer, and name the first that diverges",
    examples=("fourfold verify unet.fourfold.zip --model net:build",),
    page="verify.md",
    add_arguments=add_arguments,
)
