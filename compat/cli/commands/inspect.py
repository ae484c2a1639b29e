"""`fourfold inspect`: what is in a checkpoint, without its framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...agreement.bundle import Bundle, BundleError, is_bundle
from ...agreement.recorder import BUNDLE_FORMAT
from ...checkpoints import CheckpointError, open_checkpoint
from ...checkpoints.listing import WHOLE_MODEL
from ...checkpoints.shown import shown
from ..console import print_tree, say
from .command import OK, UsageError, size, write_json
from .refusing import as_flag
from .waiting import waiting

if TYPE_CHECKING:
    import argparse

    from ...agreement.bundle import Entry
    from ...checkpoints import Listing

SHOWN = 200


def run(arguments: argparse.Namespace) -> int:
    """List the checkpoint."""
    try:
        facts = _facts(arguments)
    except (BundleError, CheckpointError) as error:
        raise UsageError(as_flag(error)) from error
    except OSError as error:
        msg = f"{arguments.file}: cannot be read ({error.strerror}). Name a checkpoint file or folder."
        raise UsageError(msg) from error
    if arguments.json is not None:
        write_json({"file": arguments.file, **facts}, arguments.json)
    if arguments.json != "-":
        show(arguments.file, facts)
    return OK


def _facts(arguments: argparse.Namespace) -> dict[str, Any]:
    try:
        with waiting("reading"), open_checkpoint(arguments.file, allow=arguments.allow) as listing:
            return describe(listing)
    except CheckpointError:
        if not is_bundle(arguments.file):
            raise
    with Bundle(arguments.file) as bundle:
        return describe_bundle(bundle)


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


def describe_bundle(bundle: Bundle) -> dict[str, Any]:
    """Return what a recording holds as plain data; its tensors are the parameters and buffers of the model."""
    calls = {"inputs": bundle.inputs, "outputs": bundle.outputs}
    metadata = {
        "model": f"{bundle.model_class}, in {'training' if bundle.training else 'evaluation'} mode",
        **{name: ", ".join(map(_entry, arrays.entries.values())) for name, arrays in calls.items()},
        "calls of layers": str(len(bundle.layers)),
        "gradients": bundle.gradients,
    }
    entries = bundle.state.entries.values()
    return {
        "format": BUNDLE_FORMAT,
        "producer": f"{bundle.framework.get('name')} {bundle.framework.get('version')}, recorded by fourfold",
        "protocol": None,
        "metadata": metadata,
        "tensors": [
            {"name": one.name, "shape": list(one.shape), "dtype": one.framework_dtype, "bytes": one.nbytes}
            for one in entries
        ],
        "bytes": sum(one.nbytes for one in entries),
        "others": {},
    }


def _entry(entry: Entry) -> str:
    return f"{entry.name}  {' x '.join(map(str, entry.shape)) or 'scalar'}  {entry.framework_dtype}"


def _advice(facts: dict[str, Any]) -> str:
    """Return what to do with what is no state."""
    if facts["format"] == BUNDLE_FORMAT:
        return "a recording of one run: `fourfold verify` replays it on a model of yours"
    if WHOLE_MODEL in facts["metadata"]:
        package = facts["format"].partition("-")[0]
        return (
            "a whole model was pickled here, of which nothing was run. Re-save its state_dict where its class is: "
            f"{package}.save(model.state_dict(), ...)"
        )
    return ""


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
    if advice := _advice(facts):
        say(advice)
    if others:
        first = ", ".join(f"{name} = {value[:40]}" for name, value in list(facts["others"].items())[:6])
        say(f"{others} other value{'s' * (others != 1)}: {first}{', ...' * (others > 6)}")


def plant(tree: dict[str, Any], name: str, text: str) -> None:
    """Put a leaf under its dotted name. Past 40 parts, the rest of the name is one part."""
    *branches, leaf = name.split(".", 40)
    for branch in branches:
        tree = tree.setdefault(f"{branch}.", {})
    tree[leaf] = text
