"""Paddle's own `save` and `load` for what `activate()` serves: checkpoints in its own formats.

Here and not in the front ends, which know no file format.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....frontends.paddle import Tensor
from ....frontends.paddle.tensor import Parameter
from ....frontends.tensor import plain
from .. import CheckpointError, load_checkpoint, save_checkpoint
from ..arrays import Arrays
from ..atomic import new_file
from ..errors import guarded
from ..listing import Loaded
from ..machine import Machine
from ..pickle_writer import PickleWriter
from ..pickles import NAME_TABLE, SLICES, check_names
from ..rebuild import Rebuilder
from ..source import Source
from ..tree import is_named_tensor
from ..tree import plain as plain_data
from ..values import Array, OrderedMap

if TYPE_CHECKING:
    import os

__all__ = ["load_dygraph", "load_paddle", "save_dygraph", "save_paddle"]

PICKLE = b"\x80"


def save_paddle(obj: Any, path: str | os.PathLike[str]) -> None:
    """Write what `state_dict()` of layers, optimizers and schedulers returns in today's format of Paddle.

    Args:
        obj: tensors, arrays, numbers and texts, and dictionaries and lists of them.
        path: the file; folders on the way are made.

    Raises:
        TypeError: there is something else in it, such as a layer.
        CheckpointError: the format cannot hold a tensor.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if _is_state(obj):
        _save_state(obj, path, "paddle")
        return
    value = _packed(obj)
    with new_file(Path(path)) as file:
        PickleWriter(file, 4).write(value)


def load_paddle(path: str | os.PathLike[str]) -> Any:
    """Read what Paddle saved, as it was, with tensors.

    Raises:
        CheckpointError: it is no checkpoint, or holds an object such as a whole layer.
    """
    place = Path(path)
    rest: dict[str, Any] = {}
    if place.is_file() and _begins(place) == PICKLE:
        with guarded(place), Source(place) as source:
            value = Machine(source, 0, Rebuilder(())).run().value
            if not (isinstance(value, dict) and isinstance(value.get(NAME_TABLE), dict)):
                return _Unpacked(source, value).value
            tables = (NAME_TABLE, SLICES)
            states = {key: each for key, each in value.items() if isinstance(each, dict) and key not in tables}
            rest = _Unpacked(source, states).value
    checkpoint = load_checkpoint(place)
    tensors = {
        name: _named(tensor, checkpoint.name_table.get(name, name)) for name, tensor in checkpoint.tensors.items()
    }
    return tensors | rest


def save_dygraph(state_dict: Mapping[str, Any], model_path: str) -> None:
    """Write a state in the format of Paddle 1.8.

    Args:
        state_dict: of a layer, for `model_path + '.pdparams'`; of an optimizer, for `model_path + '.pdopt'`.
        model_path: the file without its suffix; folders on the way are made.

    Raises:
        TypeError: it is no dict of tensors.
        AssertionError: there is nothing in it.
    """
    if not _is_state(state_dict):
        msg = f"only states can be saved here, tensors by name; given is a {type(state_dict).__name__}."
        raise TypeError(msg)
    if not state_dict:
        msg = "state_dict is empty, no need to save."
        raise AssertionError(msg)
    of_layer = isinstance(next(iter(state_dict.values())), Parameter)
    Path(model_path).parent.mkdir(parents=True, exist_ok=True)
    _save_state(state_dict, f"{model_path}{'.pdparams' if of_layer else '.pdopt'}", "paddle-fluid")


def load_dygraph(model_path: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Read `model_path + '.pdparams'` and `model_path + '.pdopt'`: arrays by name, or None.

    Raises:
        CheckpointError: neither is there, or one is no checkpoint.
    """
    prefix = model_path.removesuffix(".pdparams").removesuffix(".pdopt")
    paths = [Path(f"{prefix}{suffix}") for suffix in (".pdparams", ".pdopt")]
    if not any(path.exists() for path in paths):
        msg = f"{prefix}: there is neither a .pdparams nor a .pdopt of that name."
        raise CheckpointError(msg)
    parameters, optimizer = (_arrays(path) if path.exists() else None for path in paths)
    return parameters, optimizer


def _arrays(path: Path) -> dict[str, Any]:
    state = load_paddle(path)
    if not isinstance(state, dict):
        msg = f"{path}: holds a {type(state).__name__}, not a state: tensors by name. paddle.load reads it."
        raise CheckpointError(msg)
    return {name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in state.items()}


def _begins(path: Path) -> bytes:
    with Source(path) as source:
        return source.read(0, min(source.size, 1))


def _is_state(obj: Any) -> bool:
    """Whether Paddle writes it flat: tensors by name, and dictionaries without tensors."""
    return isinstance(obj, Mapping) and all(
        not any(isinstance(each, torch.Tensor) for each in value.values())
        if isinstance(value, Mapping)
        else isinstance(value, torch.Tensor)
        for value in obj.values()
    )


def _save_state(state: Mapping[str, Any], path: str | os.PathLike[str], format: str) -> None:
    check_names(state)
    tensors = {name: value for name, value in state.items() if isinstance(value, torch.Tensor)}
    table = {name: value.name for name, value in tensors.items() if isinstance(value, Tensor)}
    rest = {name: _packed(value) for name, value in state.items() if name not in tensors}
    if not rest:
        values = {name: plain(value).detach() for name, value in tensors.items()}
        save_checkpoint(values, path, format=format, name_table=table or None)
        return
    arrays = {name: _bits(value) for name, value in tensors.items()}
    with new_file(Path(path)) as file:
        PickleWriter(file, 4 if format == "paddle" else 2).write({**arrays, **rest, NAME_TABLE: table})


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return what Paddle writes of a tensor: bfloat16 as uint16."""
    values = plain(tensor).detach().cpu().contiguous()
    return values.view(torch.uint16) if values.dtype == torch.bfloat16 else values


def _packed(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.name, _bits(value)
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else _bits(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        kind = OrderedMap if isinstance(value, OrderedDict) else dict
        return kind({key: _packed(each) for key, each in value.items()})
    if isinstance(value, (list, tuple)):
        return type(value)([_packed(each) for each in value])
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    msg = (
        f"only tensors, arrays, numbers and texts, and dictionaries and lists of them, can be saved here; given is a "
        f"{type(value).__name__}. Save what its state_dict() returns."
    )
    raise TypeError(msg)


class _Unpacked:
    """What a pickle of Paddle's holds.

    Named arrays are tensors. So are bare ones where nothing has a name, as in Paddle.
    """

    def __init__(self, source: Source, value: Any) -> None:
        self.source = source
        self.arrays, self.loaded = Arrays(source), Loaded()
        self.names = 0
        # what is shared in the file is read once: a small file can mean a large tree
        self.seen: dict[int, Any] = {}
        self.value = self._unpack(value)
        if not self.names:
            self.seen, self.names = {}, -1
            self.value = self._unpack(value)

    def _unpack(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if id(value) not in self.seen:
            self.seen[id(value)] = self._read(value)
        return self.seen[id(value)]

    def _read(self, value: Any) -> Any:
        if is_named_tensor(value):
            self.names += 1
            return _named(self._tensor(value[1]), value[0])
        if isinstance(value, Array):
            tensor = self._tensor(value)
            return tensor.numpy() if self.names >= 0 else tensor.as_subclass(Tensor)
        if isinstance(value, dict):
            kind = OrderedDict if isinstance(value, OrderedMap) else dict
            return kind({key: self._unpack(each) for key, each in value.items()})
        if isinstance(value, (list, tuple)):
            return type(value)([self._unpack(each) for each in value])
        msg = f"refused: it holds an object of {plain_data(value)}. Save what state_dict() returns instead."
        raise self.source.error(msg)

    def _tensor(self, array: Array) -> torch.Tensor:
        return self.loaded[self.arrays.entry(array)]


def _named(tensor: torch.Tensor, name: str) -> Tensor:
    named = tensor.as_subclass(Tensor)
    named.name = name
    return named
