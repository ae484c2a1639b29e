"""`fourfold convert`: a checkpoint of one framework as a checkpoint of another, without either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...checkpoints import CheckpointError, save_checkpoint
from ...porting import PortingError, Renames, port_state
from ...porting.proposals import propose_renames
from ...porting.report import FOLDED, HEADERS, OPTIONAL
from ..console import HINT, has_rich, print_table, say
from .command import DIFFERENCE, OK, UsageError, size_of, write_json
from .model import model_of
from .proposing import tell_proposal
from .reading import load
from .refusing import as_flag
from .waiting import waiting

if TYPE_CHECKING:
    import argparse

    from ...porting import PortReport
    from .reading import Loaded

# what each framework's own `load` reads
FORMATS = {
    "torch": "torch",
    "paddle": "paddle",
    "fluid": "paddle-fluid",
    "megengine": "megengine",
    "oneflow": "oneflow",
}


def run(arguments: argparse.Namespace) -> int:
    """Convert; return 1 if tensors are missing or unexpected."""
    format: Any = arguments.format or FORMATS[arguments.target_api]
    source, destination = Path(arguments.source), Path(arguments.destination)
    if not arguments.suggest:
        _check_paths(source, destination, arguments)
    module = _kinds(arguments)
    try:
        loaded = load(source, arguments)
        checkpoint = loaded.checkpoint
        asked: dict[str, Any] = {
            "source": loaded.api,
            "target": arguments.target_api,
            "module": module,
            "renames": Renames.parse(arguments.rename),
            "passthrough": arguments.passthrough,
        }
        if arguments.suggest:
            return tell_proposal(propose_renames(checkpoint.tensors, **asked), arguments)
        state, report = port_state(checkpoint.tensors, by_order=arguments.by_order, strict=False, **asked)
        written = (report.ok or arguments.no_strict) and not arguments.dry_run
        if written:
            with waiting("writing"):
                save_checkpoint(state, destination, format=format)
    except (CheckpointError, PortingError) as error:
        raise UsageError(as_flag(error)) from error
    except OSError as error:
        name = error.filename or arguments.destination
        remedy = "Name a checkpoint to read, and a place to write that exists and has room"
        msg = f"{name}: {error.strerror or error}. {remedy}."
        raise UsageError(msg) from error
    _tell(arguments, loaded, report, format, written)
    return OK if report.ok or arguments.no_strict else DIFFERENCE


def _check_paths(source: Path, destination: Path, arguments: argparse.Namespace) -> None:
    if not destination.parent.is_dir():
        msg = f"{destination}: there is no folder {destination.parent}. Make it first."
        raise UsageError(msg)
    if destination.exists() and source.exists() and destination.samefile(source):
        msg = f"{destination} is the source itself. Name another destination."
        raise UsageError(msg)
    if destination.exists() and not (arguments.force or arguments.dry_run):
        msg = f"{destination} is there already. Give --force to replace it, or another name."
        raise UsageError(msg)


def _kinds(arguments: argparse.Namespace) -> Any:
    if arguments.suggest and arguments.model is None:
        msg = "--suggest holds the names of SRC against those of your model. Give --model MODULE:NAME."
        raise UsageError(msg)
    if arguments.model is not None and arguments.kind:
        msg = "--model and --kind both tell the kinds of layers. Give one of them."
        raise UsageError(msg)
    if arguments.model is not None:
        return model_of(arguments.model)
    kinds = {}
    for text in arguments.kind:
        layer, equals, kind = text.rpartition("=")
        if not equals or layer in kinds:
            msg = f"--kind={text}: give LAYER=KIND, such as head=linear, and each layer once."
            raise UsageError(msg)
        kinds[layer] = kind
    if not kinds and not arguments.passthrough:
        msg = (
            "nothing tells the kinds of layers: give --model MODULE:NAME, or --kind LAYER=KIND for each layer. Nothing "
            "is guessed from names or shapes."
        )
        raise UsageError(msg)
    return kinds


def _tell(arguments: argparse.Namespace, loaded: Loaded, report: PortReport, format: str, written: bool) -> None:
    checkpoint = loaded.checkpoint
    if arguments.json is not None:
        facts = {
            "file": arguments.source,
            "format": checkpoint.format,
            "producer": checkpoint.producer,
            "written": arguments.destination if written else None,
            "written_format": format if written else None,
            "others": list(checkpoint.others),
            **report.as_json(),
        }
        write_json(facts, arguments.json)
    if arguments.json == "-":
        return
    rows = report.rows("by order" if arguments.quiet else None)
    if rows:
        print_table(HEADERS, rows, whole=True, optional=OPTIONAL, folded=FOLDED)
        say("")
    if loaded.aside:
        say(f"{loaded.aside} tensor{'s' * (loaded.aside != 1)} of {arguments.source} that --only leaves aside")
    if checkpoint.others:
        count = len(checkpoint.others)
        say(f"{count} value{'' if count == 1 else 's'} of {arguments.source} that are no tensors: left out")
    say(report.summary())
    if report.caution:
        say(report.caution)
    if written:
        say(f"{arguments.destination}: written as {format}, {size_of(arguments.destination)}")
    elif not report.ok and not arguments.no_strict:
        say(
            "nothing is written; state --rename (--suggest proposes some), or give --no-strict to write what fits",
            error=True,
        )
    if not has_rich() and not arguments.quiet:
        say(HINT, error=True)
