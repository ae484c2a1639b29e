"""What `fourfold vectors` is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .choices import RECORDINGS
from .declaration import Declaration, Formatter, add_json, add_list, ending

if TYPE_CHECKING:
    import argparse


EXAMPLES = (
    "fourfold vectors record --with megengine,torch --out vectors",
    "fourfold vectors record --with megengine --out vectors --check",
)
PAGE = "vectors.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the one action of `fourfold vectors`, and its options."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    text = "ask the real frameworks, and write or check their answers"
    subparser = actions.add_parser(
        "record", help=text, description=text, epilog=ending(PAGE, *EXAMPLES), formatter_class=Formatter
    )
    _add_options(subparser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    add_list(
        parser,
        "--with",
        "NAMES",
        f"what to record: {', '.join(RECORDINGS)}; with --signatures and --calls, environments",
        dest="names",
        legal=RECORDINGS,
        required=True,
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("vectors"), help="folder of the recordings. Default: vectors"
    )
    add_list(parser, "--cases", "GLOB", "ids to record, such as 'layer/edge/*'", "all")
    parser.add_argument("--seed", type=int, default=0, help="added to the seeds of the operands. Default: 0")
    parser.add_argument(
        "--signatures",
        action="store_true",
        help="write what the releases call their names, in frontends/*/signatures; with --check, compare only",
    )
    parser.add_argument(
        "--calls",
        action="store_true",
        help="write what the releases answer to the calls of names, in DIR; with --cases, of the areas that match",
    )
    parser.add_argument("--force", action="store_true", help="replace recordings that are there")
    parser.add_argument(
        "--check", action="store_true", help="write nothing: record again and compare with what is in the folder"
    )
    add_json(parser)


DECLARATION = Declaration(
    summary="write what the real frameworks answer, for tests without them",
    examples=EXAMPLES,
    page=PAGE,
    add_arguments=add_arguments,
)
