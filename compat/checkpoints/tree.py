"""Nested plain data to flat names: `{"model": {"weight": ...}}` has the tensor `model.weight`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .errors import CheckpointError
from .values import Array, Global, Instance, Piece, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .values import Pickle

# Beyond what the pickle made: values that it uses more than once come out more than once.
SHARED = 100_000
# What names may take in memory: this much, and so many bytes for each byte of the file.
NAMES = 1 << 24
BYTES_OF_NAMES = 8
DEPTH = 100
# Longer containers that hold nothing but these are one value.
LONG = 1000
SCALARS = (int, float, bool, str, type(None))
MODULE_PARTS = ("_parameters", "_buffers", "_modules")


def children(value: Any) -> Iterator[tuple[str, Any]] | None:
    """Iterate over what a container holds, by name; None for a leaf."""
    if isinstance(value, dict):
        return ((str(key), each) for key, each in value.items())
    if isinstance(value, list) or (isinstance(value, tuple) and not is_named_tensor(value)):
        return ((str(index), each) for index, each in enumerate(value))
    if isinstance(value, Instance) and tensor_in(value) is None and isinstance(value.state, dict):
        return _parts(value.state)
    return None


def _parts(state: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, each in state.items():
        if key in MODULE_PARTS and isinstance(each, dict):
            yield from ((str(name), part) for name, part in each.items())
        else:
            yield str(key), each


def is_named_tensor(value: Any) -> bool:
    """Whether it is Paddle's `(name, array)`."""
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], Array)


def tensor_in(value: Any) -> Array | View | Instance | None:
    """Return the tensor that a leaf is or holds."""
    if isinstance(value, (Array, View)):
        return value
    if is_named_tensor(value):
        array: Array = value[1]
        return array
    if isinstance(value, Instance):
        if (
            str(value.kind).startswith("megengine.tensor.")
            and value.arguments
            and isinstance(value.arguments[0], Array)
        ):
            return value.arguments[0]
        if str(value.kind).startswith("oneflow.") and isinstance(value.state, dict) and set(value.state) == {"path"}:
            return value
    return None


def whole_model(value: Any) -> Instance | None:
    """Return the model that was pickled whole, as an object and not as its state: alone, or in a dictionary."""
    held = [value, *(value.values() if isinstance(value, dict) else ())]
    return next((one for one in held if isinstance(one, Instance) and children(one) is not None), None)


def leaves(root: Any, pickled: Pickle) -> Iterator[tuple[str, Any]]:
    """Yield the leaves by name.

    Args:
        root: a value of a pickle.
        pickled: the pickle.

    Raises:
        CheckpointError: for values that hold themselves, that are nested more than 100 deep, or that are so often the
            same value that there would be over 100,000 more than the pickle made, or names much longer than the file.
    """
    inside = None if is_record(root) else children(root)
    if inside is None:
        yield "", root
        return
    most = SHARED + pickled.operations
    longest = NAMES + BYTES_OF_NAMES * pickled.size
    count = length = 0
    records: set[int] = set()
    # depth first, one child at a time: what is shared is small in the file and would be large here
    stack = [("", inside)]
    while stack:
        prefix, inside = stack[-1]
        for key, value in inside:
            name = prefix + key
            count += 1
            length += len(name) if name.isascii() else 4 * len(name)
            if count > most or length > longest or len(stack) > DEPTH:
                msg = (
                    f"values are nested more than {DEPTH} deep, or are more than {most}, or have names that are too "
                    "long: this is no checkpoint."
                )
                raise CheckpointError(msg)
            below = None if id(value) in records else children(value)
            if below is not None and is_record(value):
                records.add(id(value))  # looked through once, however often it is held
                below = None
            if below is not None:
                stack.append((f"{name}.", below))
                break
            yield name, value
        else:
            stack.pop()


def is_record(value: Any) -> bool:
    """Whether it is long and has only numbers and texts in it, such as the losses of all steps: one value."""
    if not isinstance(value, (dict, list, tuple)) or len(value) <= LONG:
        return False
    return all(type(each) in SCALARS for each in (value.values() if isinstance(value, dict) else value))


def plain(value: Any) -> Any:
    """Return a leaf that is no tensor as plain data."""
    if isinstance(value, (*SCALARS, bytes, set, frozenset, dict, list, tuple)):
        return value
    if isinstance(value, Piece):
        return f"<{value.length} bytes>"
    kind = value.kind if isinstance(value, Instance) else value
    # interned: one text for a class, however many objects it has
    return sys.intern(f"<{kind if isinstance(kind, Global) else type(kind).__name__}>")
