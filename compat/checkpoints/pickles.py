"""Checkpoints that are one pickle: Paddle's `.pdparams` and `.pdopt`, MegEngine's files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from .listing import Entry, Listing, checked_shape
from .machine import Machine
from .rebuild import Rebuilder
from .tree import is_named_tensor, leaves, plain, tensor_in
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
    value = pickled.value
    if isinstance(value, dict):
        value = _joined(source, value, listing)
    for name, leaf in leaves(value, pickled.operations):
        tensor = tensor_in(leaf)
        if isinstance(tensor, Array):
            key = name or (leaf[0] if is_named_tensor(leaf) else "tensor")
            add(source, listing, key, tensor.entry(source))
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
        msg = f"two tensors come out with the name {name[:200]!r}."
        raise source.error(msg)
    listing.tensors[name] = entry


def _is_megengine(pickled: Pickle) -> bool:
    if any(name.startswith("megengine.") for name in pickled.globals):
        return True
    # MegEngine saves state dicts as they are, OrderedDicts; Paddle makes dictionaries of them, or names each tensor
    is_paddle = any(name.endswith(".tuple") for name in pickled.globals) or (
        isinstance(pickled.value, dict) and NAME_TABLE in pickled.value
    )
    return isinstance(pickled.value, OrderedMap) and not is_paddle


def _paddle_producer(pickled: Pickle) -> str:
    numpy = ", NumPy 2" if any(name.startswith("numpy._core.") for name in pickled.globals) else ""
    if pickled.protocol == 2:
        return "Paddle (protocol 2: save_dygraph of 1.x and 2.0, or protocol=2)"
    return f"Paddle 2.1 or later{numpy}"


def _joined(source: Source, value: dict[Any, Any], listing: Listing) -> dict[Any, Any]:
    """Take the tables out of a Paddle dictionary and put sliced arrays together again."""
    value = OrderedMap(value)
    table = value.get(NAME_TABLE)
    if isinstance(table, dict) and all(isinstance(name, str) for pair in table.items() for name in pair):
        del value[NAME_TABLE]
        listing.name_table.update(table)
    slices = value.get(SLICES)
    if slices is None:
        return value
    if not isinstance(slices, dict):
        msg = f"its {SLICES} is no dictionary."
        raise source.error(msg)
    del value[SLICES]
    parts: dict[str, tuple[str, Entry]] = {}
    for name, about in slices.items():
        if not isinstance(about, dict) or not isinstance(about.get("slices"), (list, tuple)):
            msg = f"its {SLICES} does not say how {name!r} is sliced."
            raise source.error(msg)
        shape = checked_shape(about.get("OriginShape"), f"{SLICES} of {name!r}")
        arrays = [value.pop(key, None) if isinstance(key, str) else None for key in about["slices"]]
        if not arrays or not all(isinstance(array, Array) for array in arrays):
            msg = f"slices of {name!r} are missing: {str(about['slices'])[:200]}."
            raise source.error(msg)
        parts[name] = (about["slices"][0], _sliced(source, arrays, shape, name))
    return OrderedMap({**value, **{name: entry for name, (_, entry) in parts.items()}})


def _sliced(source: Source, arrays: list[Any], shape: tuple[int, ...], name: Any) -> Entry:
    entries = [array.entry(source) for array in arrays]
    dtype = entries[0].dtype
    whole = sum(math.prod(entry.shape) for entry in entries)
    if any(entry.dtype != dtype for entry in entries) or whole != math.prod(shape):
        msg = f"the slices of {name!r} hold {whole} elements; its shape {shape} has {math.prod(shape)}."
        raise source.error(msg)

    def load() -> torch.Tensor:
        target, start = torch.empty(shape, dtype=dtype), 0
        for entry in entries:
            count = math.prod(entry.shape)
            target.view(-1)[start : start + count] = entry.load().reshape(-1)
            start += count
        return target

    return Entry(dtype, shape, load)
