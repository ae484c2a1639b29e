"""`fourfold inspect`: what is in a checkpoint, without its framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...checkpoints import CheckpointError, open_checkpoint
from ...checkpoints.shown import shown
from ..console import print_tree, say
from .command import OK, UsageError, size, write_json
from .waiting import waiting

if TYPE_CHECKING:
    import argparse

    from ...checkpoints import Listing

SHOWN = 200


def run(arguments: argparse.Namespace) -> int:
    """List the checkpoint."""
    try:
        with waiting("reading"), open_checkpoint(arguments.file, allow=arguments.allow) as listing:
            facts = describe(listing)
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        msg = f"{arguments.file}: cannot be read ({error.strerror}). Name a checkpoint file or folder."
        raise UsageError(msg) from error
    if arguments.json is not None:
        write_json({"file": arguments.file, **facts}, arguments.json)
    if arguments.json != "-":
        show(arguments.file, facts)
    return OK


def describe(listing: Listing) -> dict[str, Any]:
    """Return a listing as plain data."""
    tensors = [
        {
            "name": name,
            "shape": list(entry.shape),
            "dtype": str(entry.dtype).removeprefix("torch."),
            "bytes": entry.nbytes,
            **({"parameter": listing.name_table[name]} if name in listing.name_table else {}),
        }
        for name, entry in listing.tensors.items()
    ]
    return {
        "format": listing.format,
        "producer": listing.producer,
        "protocol": listing.protocol,
        "metadata": listing.metadata,
        "tensors": tensors,
        "bytes": sum(entry.nbytes for entry in set(listing.tensors.values())),
        "others": {name: shown(value, SHOWN) for name, value in listing.others.items()},
    }


def show(file: str, facts: dict[str, Any]) -> None:
    """Print it as a tree."""
    protocol = "" if facts["protocol"] is None else f", pickle protocol {facts['protocol']}"
    say(f"{file}: {facts['format']}{protocol}", f"written by {facts['producer']}")
    for name, value in facts["metadata"].items():
        say(f"{name}: {value[:SHOWN]}")
    tree: dict[str, Any] = {}
    for tensor in facts["tensors"]:
        shape = " x ".join(map(str, tensor["shape"])) or "scalar"
        text = f"{shape}  {tensor['dtype']}  {size(tensor['bytes'])}"
        parameter = tensor.get("parameter")
        if parameter is not None and parameter != tensor["name"]:
            text += f"  ({parameter})"
        plant(tree, tensor["name"], text)
    print_tree(tree)
    count, others = len(facts["tensors"]), len(facts["others"])
    say(f"{count} tensor{'s' * (count != 1)}, {size(facts['bytes'])}")
    if others:
        first = ", ".join(f"{name} = {value[:40]}" for name, value in list(facts["others"].items())[:6])
        say(f"{others} other value{'s' * (others != 1)}: {first}{', ...' * (others > 6)}")


def plant(tree: dict[str, Any], name: str, text: str) -> None:
    """Put a leaf under its dotted name. Past 40 parts, the rest of the name is one part."""
    *branches, leaf = name.split(".", 40)
    for branch in branches:
        tree = tree.setdefault(f"{branch}.", {})
    tree[leaf] = text
