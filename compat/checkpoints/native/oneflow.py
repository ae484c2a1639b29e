"""OneFlow's own `save` and `load`: its folders, and torch's files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ....frontends.oneflow import Tensor
from .. import CheckpointError, load_checkpoint
from ..dtypes import BY_TORCH
from ..errors import guarded
from ..listing import Loaded
from ..machine import Machine
from ..oneflow import PICKLE, Tensors, reference, write_oneflow
from ..opened import Folder
from ..rebuild import Rebuilder
from ..tree import tensor_in
from ..values import Instance
from .nested import cpu, no_object, read, written

if TYPE_CHECKING:
    import os

__all__ = ["load", "save"]


class NoCheckpointError(FileNotFoundError, NotImplementedError):
    """There is nothing at a path: OneFlow has no method to load it."""


def save(obj: Any, path: str | os.PathLike[str], global_dst_rank: int | None = None) -> None:
    """Write what `state_dict()` of modules, optimizers and schedulers returns as OneFlow's folder.

    Args:
        obj: tensors, arrays, numbers and texts, and dictionaries and lists of them. Arrays are written as tensors.
        path: the folder; folders on the way are made.
        global_dst_rank: the process that writes global tensors, which there are none of here: None.

    Raises:
        TypeError: there is something else in it, such as a module.
        CheckpointError: OneFlow cannot hold a tensor.
        AssertionError: `global_dst_rank` is another one.
    """
    if global_dst_rank is not None:
        msg = f"global_dst_rank={global_dst_rank!r}: tensors here are local, of one process. Leave it out."
        raise AssertionError(msg)
    tensors: list[torch.Tensor] = []

    def leaf(tensor: torch.Tensor) -> Instance:
        if tensor.dtype == torch.bfloat16 or getattr(BY_TORCH.get(tensor.dtype), "oneflow", None) is None:
            msg = f"OneFlow 0.9 cannot load {tensor.dtype} tensors. Convert it first, for example with .float()."
            raise CheckpointError(msg)
        tensors.append(cpu(tensor))
        return reference(len(tensors) - 1)

    data = written(obj, leaf)
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_oneflow(place, data, tensors)


def load(
    path: str | os.PathLike[str],
    map_location: str | torch.device | None = None,
    *,
    support_pytorch_format: bool = True,
) -> Any:
    """Read what OneFlow saved, as it was, with tensors; of a file of torch's, the tensors by name.

    Args:
        path: the folder or file.
        map_location: the device of the tensors. Default: None, the default device.
        support_pytorch_format: whether a file of torch's is read.

    Raises:
        CheckpointError: it is no such folder or file, or holds an object such as a whole module.
        NotImplementedError: there is nothing, or a file of torch's and they are not to be read.
        AssertionError: `map_location` is something else.
    """
    if not (map_location is None or isinstance(map_location, (str, torch.device))):
        msg = f"'map_location' only supports str, device or placement; given is {map_location!r}."
        raise AssertionError(msg)
    place = Path(path)

    def moved(tensor: torch.Tensor) -> Tensor:
        return tensor.to(map_location).as_subclass(Tensor) if map_location else tensor.as_subclass(Tensor)

    if not place.exists() or (place.is_file() and not support_pytorch_format):
        msg = f"No valid load method found for {place}: name the folder that oneflow.save wrote, or a file of torch's."
        raise NoCheckpointError(msg)
    if not (place / PICKLE).exists():
        return {name: moved(tensor) for name, tensor in load_checkpoint(path).tensors.items()}
    with guarded(place), Folder(place) as folder, folder.source(PICKLE) as source:
        entries, tensors = Tensors(folder), Loaded()

        def leaf(value: Any) -> Any:
            if not isinstance(tensor_in(value), Instance):
                raise no_object(source, value)
            return moved(tensors[entries.entry(value.state["path"])])

        value = Machine(source, 0, Rebuilder(())).run().value
        if not isinstance(value, dict) or value.get("protocol_version") != 1:
            msg = "no data of OneFlow's protocol 1, the one that is readable."
            raise source.error(msg)
        return read(value["data"], leaf)
