"""Checkpoints that are one pickle: Paddle's `.pdparams` and `.pdopt`, MegEngine's files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrays import Arrays
from .errors import CheckpointError
from .listing import WHOLE_MODEL, Entry, Listing, checked_shape
from .machine import Machine
from .rebuild import Rebuilder
from .shown import shown
from .tree import is_named_tensor, leaves, plain, tensor_in, whole_model
from .values import Array, OrderedMap, Pickle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .source import Source

NAME_TABLE = "StructuredToParameterName@@"
SLICES = "UnpackBigParamInfor@@"


def read_pickle(source: Source, allow: Iterable[str]) -> Listing:
    """List a pickle of Paddle's or MegEngine's."""
    pickled = Machine(source, 0, Rebuilder(allow)).run()
    if any(name.startswith("torch.") for name in pickled.globals):
        msg = "a pickle with torch's tensors, but not in a form that torch.save writes."
        raise source.error(msg)
    if _is_megengine(pickled):
        listing = Listing("megengine", "MegEngine", protocol=pickled.protocol)
    else:
        listing = Listing("paddle", _paddle_producer(pickled), protocol=pickled.protocol)
    value, arrays = pickled.value, Arrays(source)
    if (model := whole_model(value)) is not None:
        listing.metadata[WHOLE_MODEL] = shown(str(model.kind))[1:-1]
    if isinstance(value, dict):
        value = _joined(arrays, value, listing)
    for name, leaf in leaves(value, pickled):
        tensor = tensor_in(leaf)
        if isinstance(tensor, Array):
            key = name or (leaf[0] if is_named_tensor(leaf) else "tensor")
            add(source, listing, key, arrays.entry(tensor))
            if is_named_tensor(leaf):
                listing.name_table[key] = leaf[0]
        elif isinstance(leaf, Entry):
            add(source, listing, name, leaf)
        else:
            listing.others[name] = plain(leaf)
    return listing


def add(source: Source, listing: Listing, name: str, entry: Entry) -> None:
    """Add an entry; two tensors of one name would hide one."""
    if name in listing.tensors:
        msg = f"two tensors come out with the name {shown(name)}."
        raise source.error(msg)
    listing.tensors[name] = entry


def check_names(names: Iterable[object]) -> None:
    """Raise if a tensor of Paddle's pickles would have the name of a table of theirs, and be lost."""
    for name in names:
        if name in (NAME_TABLE, SLICES):
            msg = f"{name!r} cannot be the name of a tensor: Paddle's pickles keep a table there. Rename the tensor."
            raise CheckpointError(msg)


def _is_megengine(pickled: Pickle) -> bool:
    if any(name.startswith("megengine.") for name in pickled.globals):
        return True
    # MegEngine saves state dicts as they are, OrderedDicts; Paddle makes dictionaries of them, or names each tensor
    is_paddle = any(name.endswith(".tuple") for name in pickled.globals) or (
        isinstance(pickled.value, dict) and isinstance(pickled.value.get(NAME_TABLE), dict)
    )
    return isinstance(pickled.value, OrderedMap) and not is_paddle


def _paddle_producer(pickled: Pickle) -> str:
    numpy = ", NumPy 2" if any(name.startswith("numpy._core.") for name in pickled.globals) else ""
    if pickled.protocol == 2:
        return "Paddle (protocol 2: save_dygraph of 1.x and 2.0, or protocol=2)"
    return f"Paddle 2.1 or later{numpy}"


def _joined(arrays: Arrays, value: dict[Any, Any], listing: Listing) -> dict[Any, Any]:
    """Take the tables out of a Paddle dictionary and put sliced arrays together again."""
    value = OrderedMap(value)
    table = value.get(NAME_TABLE)
    if isinstance(table, dict) and all(isinstance(name, str) for pair in table.items() for name in pair):
        del value[NAME_TABLE]
        listing.name_table.update(table)
    sliced = value.get(SLICES)
    if sliced is None:
        return value
    if not isinstance(sliced, dict):
        msg = f"its {SLICES} is no dictionary."
        raise arrays.source.error(msg)
    del value[SLICES]
    joined: dict[str, Entry] = {}
    for name, about in sliced.items():
        if not isinstance(about, dict) or not isinstance(about.get("slices"), (list, tuple)):
            msg = f"its {SLICES} does not say how {shown(name)} is sliced."
            raise arrays.source.error(msg)
        shape = checked_shape(about.get("OriginShape"), f"{SLICES} of {shown(name)}")
        found = [value.pop(key, None) if isinstance(key, str) else None for key in about["slices"]]
        slices = [each for each in found if isinstance(each, Array)]
        if not slices or len(slices) < len(found):
            msg = f"slices of {shown(name)} are missing: {shown(about['slices'])}."
            raise arrays.source.error(msg)
        joined[name] = arrays.joined(slices, shape)
    return OrderedMap({**value, **joined})
