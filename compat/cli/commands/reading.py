"""Checkpoints as `--from`, `--only`, `--allow` and `--bfloat16` ask for them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from ...checkpoints import Checkpoint, load_checkpoint, open_checkpoint
from ...checkpoints.expansion import check_expansion
from ...checkpoints.listing import FRONT_END
from ...checkpoints.shown import visible
from ...porting.optimizers import refuse_optimizer_state
from ...porting.origin import origin_of
from .command import UsageError
from .waiting import waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from ...checkpoints import Listing
    from ...literals import Api

__all__ = ["Loaded", "load"]


class Loaded(NamedTuple):
    """What was asked for of a checkpoint, whose names and layouts it has, and how many tensors were not asked for."""

    checkpoint: Checkpoint
    api: Api
    aside: int


def load(source: Path, arguments: argparse.Namespace) -> Loaded:
    """Read what is asked for of a checkpoint.

    Args:
        source: the checkpoint.
        arguments: with what `add_reading` adds.

    Raises:
        UsageError: what is asked for is not in it, or nobody says whose names and layouts it has.
        CheckpointError: it cannot be read.
        PortingError: it is an optimizer's state.
    """
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
    return Loaded(checkpoint, api, aside)


def _source_api(source: Path, listing: Listing, arguments: argparse.Namespace) -> Api:
    """Return whose names and layouts a checkpoint has: what it says, unless that is left open or overruled."""
    stated: Api | None = arguments.source_api
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
    api = stated or origin.likely
    assert api is not None
    return api


def _chosen(names: Any, patterns: Sequence[str], option: str) -> list[str]:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            msg = f"{option}={pattern} fits no tensor; `fourfold inspect` lists them."
            raise UsageError(msg)
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
