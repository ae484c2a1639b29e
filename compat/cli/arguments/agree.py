"""What `fourfold agree` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...agreement.environments.specifications import SPECIFICATIONS
from .choices import DATA, OWN, STORAGE, SUBJECTS
from .declaration import Declaration, add_html, add_json, add_list, count

if TYPE_CHECKING:
    import argparse

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold agree`."""
    add_list(
        parser,
        "--cases",
        "GLOB",
        "ids to run, such as W7/512-256, 'W1/*', 'option/*' or '*'",
        "the workloads of published models and the documentation's examples",
    )
    add_list(
        parser,
        "--with",
        "NAMES",
        f"run the real frameworks too: {', '.join(SPECIFICATIONS)}, or all; `fourfold env create` makes their "
        "environments",
        dest="environments",
        legal=(*SPECIFICATIONS, ALL),
    )
    parser.add_argument(
        "--subject",
        metavar="MODULE:NAME",
        help="your own class or function: in a module on the Python path or in this folder. It is imported and run",
    )
    parser.add_argument("--api", choices=OWN, help="how that class or function is called")
    add_list(
        parser,
        "--subjects",
        "GLOB",
        f"what to run of {', '.join(SUBJECTS)}",
        "all; with --with the front ends of those frameworks, with --subject none",
    )
    parser.add_argument("--data", choices=DATA, help="run on one kind of data only. Default: both")
    add_list(parser, "--dtype", "DTYPE", f"run every case in {', '.join(STORAGE)}", legal=STORAGE)
    parser.add_argument("--full", action="store_true", help="the volumes that the models state: hours, up to 15 GB")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--every-form", action="store_true", help="functions too, where layers alone are run")
    forms.add_argument("--form", choices=("layer", "functional"), help="run this form only. Default: layer")
    parser.add_argument(
        "--each", action="store_true", help="a line per front end with ULP, eps and shape, where all share one"
    )
    parser.add_argument(
        "--max-differences", metavar="N", type=count, default=5, help="tell of so many in full. Default: 5"
    )
    parser.add_argument("-x", "--exit-first", action="store_true", help="stop at the first difference")
    parser.add_argument("--list", action="store_true", help="print the ids of all cases and stop")
    parser.add_argument(
        "--names",
        action="store_true",
        help="run the recorded calls of all names, and generated ones, in the releases of --with (all) and here",
    )
    parser.add_argument(
        "--examples",
        action="store_true",
        help="run the examples of the docstrings in the releases of --with (all), and here",
    )
    parser.add_argument(
        "--area",
        default="",
        help="with --names: this area alone, such as norms or generated; with --examples: these names, such as 'nn.*'",
    )
    parser.add_argument("--quiet", action="store_true", help="print differences and the summary only")
    parser.add_argument("--junit", metavar="PATH", help="write a JUnit file: a test case per case and subject")
    add_html(parser)
    add_json(parser)


DECLARATION = Declaration(
    summary="compare the front ends with the definition and with each other",
    examples=(
        "fourfold agree --cases 'option/*'",
        "fourfold agree --subject package.module:MyConvTranspose3d --api torch",
    ),
    page="agreement.md",
    add_arguments=add_arguments,
)
