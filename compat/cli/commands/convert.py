"""`fourfold convert`: a checkpoint of one framework as a checkpoint of another, without either."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...checkpoints import CheckpointError, load_checkpoint, open_checkpoint, save_checkpoint
from ...checkpoints.expansion import check_expansion
from ...checkpoints.listing import FRONT_END
from ...checkpoints.shown import visible
from ...porting import PortingError, Renames, port_state
from ...porting.optimizers import refuse_optimizer_state
from ...porting.origin import origin_of
from ...porting.proposals import propose_renames
from ...porting.report import FOLDED, HEADERS, OPTIONAL
from ..console import HINT, has_rich, print_table, say
from .command import DIFFERENCE, OK, UsageError, size_of, write_json
from .model import model_of
from .proposing import tell_proposal
from .refusing import as_flag
from .waiting import waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ...checkpoints import Checkpoint, Listing
    from ...porting import PortReport

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
        loaded = _load(source, arguments)
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


class _Loaded(NamedTuple):
    """What was asked for of a checkpoint, whose names and layouts it has, and how many tensors were not asked for."""

    checkpoint: Checkpoint
    api: str
    aside: int


def _load(source: Path, arguments: argparse.Namespace) -> _Loaded:
    allow = arguments.allow
    with waiting("listing"), open_checkpoint(source, allow=allow) as listing:
        api = _source_api(source, listing, arguments)
        names = _chosen(listing.tensors, arguments.only, "--only") if arguments.only else list(listing.tensors)
        others = [] if arguments.only else [name.partition(".")[0] for name in listing.others]
        refuse_optimizer_state(dict.fromkeys([*names, *others]))
        halves = _chosen(names, arguments.bfloat16, "--bfloat16") if arguments.bfloat16 else []
        size, aside = sum(listing.tensors[name].nbytes for name in names), len(listing.tensors) - len(names)
    with waiting("reading", size) as advance:
        checkpoint = load_checkpoint(
            source, names, allow=allow, bfloat16=halves, progress=lambda _, count: advance(count)
        )
    check_expansion(checkpoint.tensors.values())
    return _Loaded(checkpoint, api, aside)


def _source_api(source: Path, listing: Listing, arguments: argparse.Namespace) -> str:
    """Return whose names and layouts a checkpoint has: what it says, unless that is left open or overruled."""
    stated: str | None = arguments.source_api
    origin = origin_of(listing)
    says = f"{source} is of format {listing.format!r}, by {visible(listing.producer, 80)}"
    if FRONT_END in listing.metadata:
        says += f", with tensors of fourfold's {listing.metadata[FRONT_END]}"
    if stated is None and origin.likely is None:
        msg = f"{says}, which leaves open whose names and layouts it has. Give --from {' or '.join(origin.possible)}."
        raise UsageError(msg)
    if stated is not None and stated not in origin.possible and not arguments.insist:
        msg = (
            f"--from={stated}: {says}. Leave --from out, or give --from {' or '.join(origin.possible)}; --insist, if "
            f"somebody put tensors of {stated} into it."
        )
        raise UsageError(msg)
    return stated or str(origin.likely)


def _chosen(names: Any, patterns: Sequence[str], option: str) -> list[str]:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            msg = f"{option}={pattern} fits no tensor; `fourfold inspect` lists them."
            raise UsageError(msg)
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _tell(arguments: argparse.Namespace, loaded: _Loaded, report: PortReport, format: str, written: bool) -> None:
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
