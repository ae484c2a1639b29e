"""Nested plain data to flat names: `{"model": {"weight": ...}}` has the tensor `model.weight`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import CheckpointError
from .values import Array, Global, Instance, Piece, View

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAVES = 200_000
LETTERS = 20_000_000
DEPTH = 100
MODULE_PARTS = ("_parameters", "_buffers", "_modules")


def children(value: Any) -> list[tuple[str, Any]] | None:
    """Return what a container holds, by name, or None for a leaf."""
    if isinstance(value, dict):
        return [(str(key), each) for key, each in value.items()]
    if isinstance(value, list) or (isinstance(value, tuple) and not is_named_tensor(value)):
        return [(str(index), each) for index, each in enumerate(value)]
    if isinstance(value, Instance) and tensor_in(value) is None and isinstance(value.state, dict):
        found = []
        for key, each in value.state.items():
            inside = key in MODULE_PARTS and isinstance(each, dict)
            found += children(each) or [] if inside else [(str(key), each)]
        return found
    return None


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


def leaves(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield the leaves by name.

    Raises:
        CheckpointError: for values that hold themselves, that are nested more than 100 deep, or that are
            so often the same value that there would be over 200,000.
    """
    count, letters = 0, 0
    stack: list[tuple[str, Any, int]] = [("", root, 0)]
    while stack:
        name, value, depth = stack.pop()
        inside = children(value)
        if inside is None:
            yield name, value
        else:
            prefix = f"{name}." if name else ""
            # counted before they are named: what is shared is small in the file and large here
            count += len(inside)
            letters += len(inside) * len(prefix)
            if count > LEAVES or letters > LETTERS or depth > DEPTH:
                msg = f"values are nested more than {DEPTH} deep, or are more than {LEAVES}: this is no checkpoint."
                raise CheckpointError(msg)
            stack += [(prefix + key, each, depth + 1) for key, each in reversed(inside)]


def plain(value: Any) -> Any:
    """Return a leaf that is no tensor as plain data."""
    if isinstance(value, (Global, Instance)):
        return f"<{value.kind if isinstance(value, Instance) else value}>"
    if isinstance(value, Piece):
        return f"<{value.length} bytes>"
    return value
