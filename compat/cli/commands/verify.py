"""`fourfold verify`: replay a recorded model here and name the first layer that diverges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...agreement.bundle import BundleError
from ...agreement.verify import VerificationError, verify
from ...agreement.verify.report import END_HEADERS, LAYER_HEADERS, as_json, divergence, end_rows, layer_rows, summary
from ...porting import PortingError, Renames
from ..console import HINT, Row, has_rich, print_table, say
from .command import DIFFERENCE, OK, Command, UsageError, add_json, add_list, write_json
from .model import model_of

if TYPE_CHECKING:
    import argparse

    from ...agreement.verify import Verification


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
        parser, "--rename", "OLD=NEW", "OLD in the recording is NEW here: a layer with all below it, or one tensor"
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
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Verify; return 1 if anything diverges."""
    try:
        renames = Renames.parse(arguments.rename)
        result = verify(
            arguments.bundle,
            model_of(arguments.model),
            renames=renames,
            passthrough=arguments.passthrough,
            training=arguments.training,
        )
    except (BundleError, PortingError, VerificationError) as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        msg = f"{arguments.bundle}: cannot be read ({error.strerror or error}). Name a file that recorder.record wrote."
        raise UsageError(msg) from error
    if arguments.json is not None:
        write_json(as_json(result), arguments.json)
    if arguments.json != "-":
        _print(result, arguments)
    return OK if result.ok else DIFFERENCE


def _print(result: Verification, arguments: argparse.Namespace) -> None:
    if not arguments.quiet:
        if arguments.loaded:
            print_table(("recorded", "here", "loaded"), _loaded_rows(result))
            say("")
        print_table(LAYER_HEADERS, layer_rows(result))
        say("")
        ends = end_rows(result, every=arguments.gradients)
        if ends:
            print_table(END_HEADERS, ends)
            say("")
    say(*divergence(result), *result.notes, summary(result))
    if not has_rich() and not arguments.quiet:
        say(HINT, error=True)


def _loaded_rows(result: Verification) -> list[Row]:
    return [Row((match.source, match.target, match.rule)) for match in result.matches]


COMMAND = Command(add_arguments, run)
