"""What `fourfold env` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...agreement.environments.specifications import PEERS, SPECIFICATIONS
from .declaration import Declaration, Listed, add_json

if TYPE_CHECKING:
    import argparse

ACTIONS = {
    "create": "make environments; one that is ready is left as it is",
    "list": "list the environments and their state",
    "doctor": "import each framework and run one transposed convolution",
    "remove": "delete environments",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `fourfold env`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    names = (*SPECIFICATIONS, *PEERS)
    for action, text in ACTIONS.items():
        subparser = actions.add_parser(action, help=text, description=text)
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
    page="environments.md",
    add_arguments=add_arguments,
)
