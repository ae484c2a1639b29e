"""MegEngine's and OneFlow's own `save` and `load`: tensors, arrays, numbers and texts, in dictionaries and lists.

A checkpoint of model, optimizer and scheduler together is one file, as in the frameworks; nothing in it is run. This is
not in the front ends, because they know no file format.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch

from ....frontends.megengine import Tensor as MegEngineTensor
from ....frontends.oneflow import Tensor as OneFlowTensor
from ....frontends.tensor import plain
from .. import CheckpointError, load_checkpoint
from ..arrays import Arrays
from ..atomic import new_file
from ..dtypes import BY_TORCH
from ..errors import guarded
from ..listing import Loaded
from ..machine import Machine
from ..oneflow import PICKLE, Tensors, reference, write_oneflow
from ..opened import Folder
from ..pickle_writer import PickleWriter
from ..rebuild import Rebuilder
from ..source import Source
from ..tree import plain as plain_data
from ..tree import tensor_in
from ..values import Array, Instance, OrderedMap

if TYPE_CHECKING:
    import os

__all__ = ["load_megengine", "load_oneflow", "save_megengine", "save_oneflow"]

Leaf: TypeAlias = Callable[[Any], Any]


def save_megengine(obj: Any, f: str | os.PathLike[str]) -> None:
    """Write what `state_dict()` of modules, optimizers and schedulers returns as MegEngine's pickle.

    Args:
        obj: arrays, tensors, numbers and texts, and dictionaries and lists of them. Tensors are written as arrays.
        f: the file; folders on the way are made.

    Raises:
        TypeError: there is something else in it, such as a module.
        CheckpointError: the format cannot hold a tensor.
    """
    value = _written(obj, lambda tensor: tensor)
    if isinstance(value, dict):
        # as a state of MegEngine's is, by which readers tell its files from Paddle's
        value = OrderedMap(value)
    Path(f).parent.mkdir(parents=True, exist_ok=True)
    with new_file(Path(f)) as file:
        PickleWriter(file, 4).write(value)


def load_megengine(f: str | os.PathLike[str]) -> Any:
    """Read what MegEngine saved: states as it wrote them, arrays as arrays, tensors as tensors.

    Raises:
        CheckpointError: it is no such file, or holds an object such as a whole module.
    """
    path = Path(f)
    with guarded(path), Source(path) as source:
        arrays, tensors = Arrays(source), Loaded()

        def leaf(value: Any) -> Any:
            tensor = tensor_in(value)
            if not isinstance(tensor, Array):
                raise source.error(_REFUSED.format(plain_data(value)))
            loaded = tensors[arrays.entry(tensor)]
            return loaded.numpy() if tensor is value else loaded.as_subclass(MegEngineTensor)

        return _read(Machine(source, 0, Rebuilder(())).run().value, leaf)


def save_oneflow(obj: Any, path_or_buffer: str | os.PathLike[str]) -> None:
    """Write what `state_dict()` of modules, optimizers and schedulers returns as OneFlow's folder.

    Args:
        obj: tensors, arrays, numbers and texts, and dictionaries and lists of them. Arrays are written as tensors.
        path_or_buffer: the folder; folders on the way are made.

    Raises:
        TypeError: there is something else in it, such as a module.
        CheckpointError: OneFlow cannot hold a tensor.
    """
    tensors: list[torch.Tensor] = []

    def leaf(tensor: torch.Tensor) -> Instance:
        if tensor.dtype == torch.bfloat16 or getattr(BY_TORCH.get(tensor.dtype), "oneflow", None) is None:
            msg = f"OneFlow 0.9 cannot load {tensor.dtype} tensors. Convert it first, for example with .float()."
            raise CheckpointError(msg)
        tensors.append(tensor)
        return reference(len(tensors) - 1)

    data = _written(obj, leaf)
    path = Path(path_or_buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_oneflow(path, data, tensors)


def load_oneflow(path: str | os.PathLike[str]) -> Any:
    """Read what OneFlow saved, as it was, with tensors; of a file of torch's, the tensors by name.

    Raises:
        CheckpointError: it is no such folder or file, or holds an object such as a whole module.
    """
    place = Path(path)
    if not (place / PICKLE).exists():
        return {name: tensor.as_subclass(OneFlowTensor) for name, tensor in load_checkpoint(path).tensors.items()}
    with guarded(place), Folder(place) as folder, folder.source(PICKLE) as source:
        entries, tensors = Tensors(folder), Loaded()

        def leaf(value: Any) -> Any:
            if not isinstance(tensor_in(value), Instance):
                raise source.error(_REFUSED.format(plain_data(value)))
            return tensors[entries.entry(value.state["path"])].as_subclass(OneFlowTensor)

        value = Machine(source, 0, Rebuilder(())).run().value
        if not isinstance(value, dict) or value.get("protocol_version") != 1:
            msg = "no data of OneFlow's protocol 1, the one that is readable."
            raise source.error(msg)
        return _read(value["data"], leaf)


_REFUSED = "refused: it holds an object of {}. Save what state_dict() returns instead."


def _written(value: Any, leaf: Leaf) -> Any:
    if isinstance(value, torch.Tensor):
        return leaf(plain(value).detach().cpu())
    if isinstance(value, np.ndarray):
        return leaf(torch.from_numpy(np.array(value, dtype=value.dtype.newbyteorder("="), order="C")))
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        kind = OrderedMap if isinstance(value, OrderedDict) else dict
        return kind({key: _written(each, leaf) for key, each in value.items()})
    if isinstance(value, (list, tuple)):
        return type(value)([_written(each, leaf) for each in value])
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    msg = (
        f"only tensors, arrays, numbers and texts, and dictionaries and lists of them, can be saved here; given is a "
        f"{type(value).__name__}. Save what its state_dict() returns."
    )
    raise TypeError(msg)


def _read(value: Any, leaf: Leaf, seen: dict[int, Any] | None = None) -> Any:
    # what is shared in the file is read once: a small file can mean a large tree
    seen = {} if seen is None else seen
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if id(value) not in seen:
        if isinstance(value, dict):
            kind = OrderedDict if isinstance(value, OrderedMap) else dict
            seen[id(value)] = kind({key: _read(each, leaf, seen) for key, each in value.items()})
        elif isinstance(value, (list, tuple)):
            seen[id(value)] = type(value)([_read(each, leaf, seen) for each in value])
        else:
            seen[id(value)] = leaf(value)
    return seen[id(value)]
