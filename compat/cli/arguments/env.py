"""What `fourfold env` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...agreement.environments.specifications import PEERS, SPECIFICATIONS
from .declaration import Declaration, Formatter, Listed, add_json, ending

if TYPE_CHECKING:
    import argparse

# What each does, and an example.
ACTIONS = {
    "create": ("make environments; one that is ready is left as it is", "fourfold env create megengine oneflow"),
    "list": ("list the environments and their state", "fourfold env list --json"),
    "doctor": ("import each framework and run one transposed convolution", "fourfold env doctor megengine"),
    "remove": ("delete environments", "fourfold env remove megengine"),
}
PAGE = "environments.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `fourfold env`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    names = (*SPECIFICATIONS, *PEERS)
    for action, (does, example) in ACTIONS.items():
        subparser = actions.add_parser(
            action, help=does, description=does, epilog=ending(PAGE, example), formatter_class=Formatter
        )
        subparser.set_defaults(action=action)
        if action != "list":
            help = f"one or more of {', '.join(names)}"
            subparser.add_argument(
                "names", action=Listed, legal=names, metavar="NAME", nargs="*", default=[], help=help
            )
        if action in ("create", "remove"):
            subparser.add_argument(
                "--all", action="store_true", help="all frameworks; not the peers that `fourfold bench` alone uses"
            )
        if action in ("list", "doctor"):
            add_json(subparser)


DECLARATION = Declaration(
    summary="make, list, check and remove the environments of the real frameworks",
    examples=("fourfold env create megengine oneflow", "fourfold env list"),
    page=PAGE,
    add_arguments=add_arguments,
)
