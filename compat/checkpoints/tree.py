"""Nested plain data to flat names: `{"model": {"weight": ...}}` has the tensor `model.weight`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import CheckpointError
from .values import Array, Global, Instance, Piece, View

if TYPE_CHECKING:
    from collections.abc import Iterator

# Beyond what the pickle made: values that it uses more than once come out more than once.
SHARED = 100_000
LETTERS = 200
DEPTH = 100
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


def leaves(root: Any, operations: int) -> Iterator[tuple[str, Any]]:
    """Yield the leaves by name.

    Args:
        root: a value of a pickle.
        operations: how many it took to make it.

    Raises:
        CheckpointError: for values that hold themselves, that are nested more than 100 deep, or that are so often the
            same value that there would be over 100,000 more than the pickle made.
    """
    inside = children(root)
    if inside is None:
        yield "", root
        return
    most = SHARED + operations
    count = letters = 0
    # depth first, one child at a time: what is shared is small in the file and would be large here
    stack = [("", inside)]
    while stack:
        prefix, inside = stack[-1]
        for key, value in inside:
            name = prefix + key
            count += 1
            letters += len(name)
            if count > most or letters > LETTERS * most or len(stack) > DEPTH:
                msg = (
                    f"values are nested more than {DEPTH} deep, or are more than {most}, or have names that are too "
                    "long: this is no checkpoint."
                )
                raise CheckpointError(msg)
            below = children(value)
            if below is not None:
                stack.append((f"{name}.", below))
                break
            yield name, value
        else:
            stack.pop()


def plain(value: Any) -> Any:
    """Return a leaf that is no tensor as plain data."""
    if isinstance(value, (Global, Instance)):
        return f"<{value.kind if isinstance(value, Instance) else value}>"
    if isinstance(value, Piece):
        return f"<{value.length} bytes>"
    return value
