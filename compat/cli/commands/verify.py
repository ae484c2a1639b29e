"""`fourfold verify`: replay a recorded model here and name the first layer that diverges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...agreement.bundle import BundleError
from ...agreement.verify import VerificationError, verify
from ...agreement.verify.html import as_html
from ...agreement.verify.report import (
    END_HEADERS,
    LAYER_HEADERS,
    LEGEND,
    OPTIONAL,
    as_json,
    divergence,
    end_rows,
    layer_rows,
    summary,
)
from ...porting import PortingError, Renames
from ..console import HINT, Row, has_rich, print_table, say
from .command import DIFFERENCE, OK, UsageError, check_html, write_json, write_text
from .model import model_of
from .waiting import waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ...agreement.verify import Verification


def run(arguments: argparse.Namespace) -> int:
    """Verify; return 1 if anything diverges."""
    check_html(arguments, "jinja2")
    try:
        renames = Renames.parse(arguments.rename)
        model = model_of(arguments.model)
        with waiting("replaying"):
            result = verify(
                arguments.bundle,
                model,
                renames=renames,
                passthrough=arguments.passthrough,
                training=arguments.training,
            )
    except (BundleError, PortingError, VerificationError) as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        msg = f"{arguments.bundle}: cannot be read ({error.strerror or error}). Name a file that recorder.record wrote."
        raise UsageError(msg) from error
    if arguments.html is not None:
        write_text(as_html(result, arguments.line), arguments.html, "--html")
    if arguments.json is not None:
        write_json(as_json(result), arguments.json)
    if arguments.json != "-":
        _print(result, arguments)
    return OK if result.ok else DIFFERENCE


def _print(result: Verification, arguments: argparse.Namespace) -> None:
    if not arguments.quiet:
        if arguments.loaded:
            print_table(("recorded", "here", "loaded"), _loaded_rows(result), whole=True)
            say("")
        _print_table(LAYER_HEADERS, layer_rows(result))
        _print_table(END_HEADERS, end_rows(result, every=arguments.gradients))
        say(*LEGEND, "")
    say(*divergence(result), *result.notes, summary(result))
    if not has_rich() and not arguments.quiet:
        say(HINT, error=True)


def _print_table(headers: Sequence[str], rows: Sequence[Row]) -> None:
    if rows:
        print_table(headers, rows, whole=True, optional=[name for name in OPTIONAL if name in headers])
        say("")


def _loaded_rows(result: Verification) -> list[Row]:
    return [Row((match.source, match.target, match.rule)) for match in result.matches]
