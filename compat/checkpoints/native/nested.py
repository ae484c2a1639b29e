"""What the frameworks' own `save` and `load` share: tensors, arrays, numbers and texts, in dictionaries and lists.

A checkpoint of model, optimizer and scheduler together is one file, as in the frameworks; nothing in it is run.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch

from ....frontends.tensor import plain
from ..atomic import new_file
from ..errors import guarded
from ..source import Source
from ..tree import plain as plain_data
from ..values import OrderedMap

__all__ = ["File", "Leaf", "cpu", "no_object", "opened", "read", "target", "written"]

Leaf: TypeAlias = Callable[[Any], Any]
File: TypeAlias = Any  # a path, or what has `read` or `write`


@contextlib.contextmanager
def target(file: File) -> Iterator[Any]:
    """Open a file that appears whole or not at all, folders on the way too; or write to what has `write`."""
    if hasattr(file, "write"):
        yield file
        return
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    with new_file(Path(file)) as new:
        yield new


@contextlib.contextmanager
def opened(file: File) -> Iterator[Source]:
    """Open a path, or what has `read` from where it stands; what damage raises in the block is a CheckpointError."""
    held = hasattr(file, "read")
    path = Path(f"<{type(file).__name__}>" if held else file)
    with guarded(path), Source(path, content=file.read() if held else None) as source:
        yield source


def cpu(tensor: torch.Tensor) -> torch.Tensor:
    """Return the values of a front end's tensor."""
    return plain(tensor).detach().cpu()


def no_object(source: Source, value: Any) -> Exception:
    """Return the error about an object in a file that is no tensor."""
    return source.error(f"refused: it holds an object of {plain_data(value)}. Save what state_dict() returns instead.")


def written(value: Any, leaf: Leaf) -> Any:
    """Return a tree as it is pickled: `leaf` says what becomes of tensors, and of arrays, which it gets as tensors.

    Raises:
        TypeError: there is something else in it, such as a module.
    """
    if isinstance(value, torch.Tensor):
        return leaf(value)
    if isinstance(value, np.ndarray):
        return leaf(torch.from_numpy(np.array(value, dtype=value.dtype.newbyteorder("="), order="C")))
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        kind = OrderedMap if isinstance(value, OrderedDict) else dict
        return kind({key: written(each, leaf) for key, each in value.items()})
    if isinstance(value, (list, tuple)):
        return type(value)([written(each, leaf) for each in value])
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    msg = (
        f"only tensors, arrays, numbers and texts, and dictionaries and lists of them, can be saved here; given is a "
        f"{type(value).__name__}. Save what its state_dict() returns."
    )
    raise TypeError(msg)


def read(value: Any, leaf: Leaf, whole: Callable[[Any], bool] = lambda value: False) -> Any:
    """Return what a pickle holds: `leaf` says what becomes of what is no container, or is one and `whole`."""
    # what is shared in the file is read once: a small file can mean a large tree
    seen: dict[int, Any] = {}

    def each_of(value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if id(value) not in seen:
            if isinstance(value, dict):
                kind = OrderedDict if isinstance(value, OrderedMap) else dict
                seen[id(value)] = kind({key: each_of(each) for key, each in value.items()})
            elif isinstance(value, (list, tuple)) and not whole(value):
                seen[id(value)] = type(value)([each_of(each) for each in value])
            else:
                seen[id(value)] = leaf(value)
        return seen[id(value)]

    return each_of(value)
