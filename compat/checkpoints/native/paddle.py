"""Paddle's own `save` and `load`: checkpoints in its own formats, of today and of 1.8."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ....frontends.paddle import Tensor
from ....frontends.paddle.tensor import Parameter
from .. import CheckpointError, load_checkpoint, save_checkpoint
from ..arrays import Arrays
from ..checkpoint import read_file
from ..listing import Loaded
from ..machine import Machine
from ..pickle_writer import PickleWriter
from ..pickles import NAME_TABLE, SLICES, check_names
from ..rebuild import Rebuilder
from ..tree import is_named_tensor
from ..values import Array
from ..writing import write_binary
from .nested import File, cpu, no_object, opened, read, target, written

if TYPE_CHECKING:
    from ...literals import Format
    from ..source import Source

__all__ = ["load", "load_dygraph", "save", "save_dygraph"]

PICKLE = b"\x80"
PROTOCOLS = (2, 3, 4)


class NoCheckpointError(FileNotFoundError, ValueError):
    """There is nothing at a path; ValueError in today's Paddle."""


class NoStateError(CheckpointError, RuntimeError):
    """There is no file of a state; RuntimeError in Paddle 1.8."""


def save(obj: Any, path: File, protocol: int = 4, **configs: Any) -> None:
    """Write what `state_dict()` of layers, optimizers and schedulers returns in today's format of Paddle.

    Args:
        obj: tensors, arrays, numbers and texts, and dictionaries and lists of them.
        path: the file, or a `BytesIO`; folders on the way are made.
        protocol: of the pickle, 2 to 4; 3 is written as 2, which the same Pythons read.
        **configs: `use_binary_format=True` writes one tensor in Paddle's binary format, `safetensors=True` a state in
            that one; `pickle_protocol` is an old name of `protocol`.

    Raises:
        TypeError: there is something else in `obj`, or `use_binary_format` is no bool.
        ValueError: the path has no name of a file or is no path, `protocol` is another, or there is no such option.
        NotImplementedError: the format is for one tensor, or for a state, and `obj` is none.
        CheckpointError: the format cannot hold a tensor.
    """
    _check_path(path)
    _check_configs("save", configs, "use_binary_format pickle_protocol safetensors")
    binary, safetensors = configs.get("use_binary_format", False), configs.get("safetensors", False)
    if not isinstance(binary, bool):
        msg = f"Type of `use_binary_format` should be bool, but received {type(binary).__name__}: {binary!r}."
        raise TypeError(msg)
    if binary or safetensors:
        _save_other(obj, path, binary=binary)
        return
    if configs.get("pickle_protocol") is not None:
        protocol = configs["pickle_protocol"]
        warnings.warn("'pickle_protocol' is a deprecated argument. Use 'protocol' instead.", stacklevel=2)
    if not isinstance(protocol, int) or protocol not in PROTOCOLS:
        msg = f"protocol={protocol!r}: Expected 1<'protocol'<5, an int. Leave it out."
        raise ValueError(msg)
    if _is_state(obj):
        _save_state(obj, path, protocol)
        return
    value = _packed(obj)
    with target(path) as file:
        PickleWriter(file, 4 if protocol == 4 else 2).write(value)


def _save_other(obj: Any, path: File, *, binary: bool) -> None:
    """Write one tensor in Paddle's binary format, or a state as safetensors."""
    if binary:
        if not isinstance(obj, torch.Tensor):
            msg = f"with use_binary_format=True, `paddle.save` expected a Tensor, but received {type(obj).__name__}."
            raise NotImplementedError(msg)
        with target(path) as file:
            write_binary(file, "tensor", cpu(obj))
        return
    if not _is_state(obj) or not all(isinstance(each, torch.Tensor) for each in obj.values()):
        msg = "safetensors=True: only tensors by name can be saved so. Leave it out, or give a layer's state_dict()."
        raise NotImplementedError(msg)
    if not isinstance(path, str):
        msg = "safetensors=True: the path must be a text."
        raise NotImplementedError(msg)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint({name: cpu(value) for name, value in obj.items()}, path, format="safetensors")


def _check_path(path: File) -> None:
    named = isinstance(path, (str, Path))
    if not named and not isinstance(path, io.BytesIO):
        msg = f"only supports saving objects to file and `BytesIO`, but got {type(path).__name__}: {path!r}."
        raise ValueError(msg)
    if named and (not str(path) or str(path).endswith(("/", "\\"))):
        msg = f"path={str(path)!r}: The input path MUST be format of dirname/filename, but the filename is empty."
        raise ValueError(msg)


def _check_configs(name: str, configs: Mapping[str, Any], known: str) -> None:
    for key in configs:
        if key not in known.split():
            msg = f"The additional config ({key}) of `paddle.{name}` is not supported; there are {known}."
            raise ValueError(msg)


def load(path: File, **configs: Any) -> Any:
    """Read what Paddle saved, as it was, with tensors.

    Args:
        path: the file or folder, or a `BytesIO`.
        **configs: `return_numpy=True` gives arrays in place of tensors, `keep_name_table=True` the parameters' names
            too; `safetensors` is found out here.

    Raises:
        ValueError: there is no such file, or no such option.
        CheckpointError: it is no checkpoint, or holds an object such as a whole layer.
    """
    _check_configs("load", configs, "model_filename params_filename keep_name_table return_numpy safetensors")
    for key in ("model_filename", "params_filename"):
        if configs.get(key) is not None:
            msg = f"{key}={configs[key]!r} is not served here. Give the path of that file itself."
            raise NotImplementedError(msg)
    as_arrays, keep_table = bool(configs.get("return_numpy", False)), bool(configs.get("keep_name_table"))
    named = not hasattr(path, "read")
    if named and not Path(path).exists():
        msg = f"The ``path`` ({path}) to load model not exists."
        raise NoCheckpointError(msg)
    if named and Path(path).is_dir():
        checkpoint = load_checkpoint(path)
        return _state(checkpoint.tensors, checkpoint.name_table, as_arrays=as_arrays)
    with opened(path) as source:
        rest: dict[str, Any] = {}
        pickled = source.read(0, min(source.size, 1)) == PICKLE
        if pickled:
            value = Machine(source, 0, Rebuilder(())).run().value
            if not (isinstance(value, dict) and isinstance(value.get(NAME_TABLE), dict)):
                return _unpacked(source, value, as_arrays=as_arrays)
            tables = (NAME_TABLE, SLICES)
            states = {key: each for key, each in value.items() if isinstance(each, dict) and key not in tables}
            rest = _unpacked(source, states, as_arrays=as_arrays)
        listing, loaded = read_file(source), Loaded()
        tensors = {name: loaded[entry] for name, entry in listing.tensors.items()}
        if listing.format == "paddle-binary" and len(tensors) == 1:
            return _given(next(iter(tensors.values())), as_arrays=as_arrays)
        table = {NAME_TABLE: dict(listing.name_table)} if keep_table else {}
        return _state(tensors, listing.name_table, as_arrays=as_arrays) | rest | table


def save_dygraph(state_dict: Mapping[str, Any], model_path: str) -> None:
    """Write a state in the format of Paddle 1.8.

    Args:
        state_dict: of a layer, for `model_path + '.pdparams'`; of an optimizer, for `model_path + '.pdopt'`.
        model_path: the file without its suffix; folders on the way are made.

    Raises:
        TypeError: it is no dict of tensors.
        AssertionError: there is nothing in it, or no name of a file in the path.
    """
    if not _is_state(state_dict):
        msg = f"only states can be saved here, tensors by name; given is a {type(state_dict).__name__}."
        raise TypeError(msg)
    if not str(model_path) or str(model_path).endswith(("/", "\\")):
        msg = f"model_path={model_path!r} MUST be format of dirname/filename, but the filename is empty."
        raise AssertionError(msg)
    if not state_dict:
        msg = "state_dict is empty, no need to save."
        raise AssertionError(msg)
    of_layer = isinstance(next(iter(state_dict.values())), Parameter)
    _save_state(state_dict, f"{model_path}{'.pdparams' if of_layer else '.pdopt'}", 2)


def load_dygraph(model_path: str, keep_name_table: bool = False) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Read `model_path + '.pdparams'` and `model_path + '.pdopt'`: arrays by name, or None.

    Args:
        model_path: with or without its suffix.
        keep_name_table: whether the names of the parameters, by those in the state, are in the first one too.

    Raises:
        RuntimeError: neither is there.
        CheckpointError: one is no checkpoint.
    """
    prefix = model_path.removesuffix(".pdparams").removesuffix(".pdopt")
    paths = [Path(f"{prefix}{suffix}") for suffix in (".pdparams", ".pdopt")]
    if not any(path.exists() for path in paths):
        msg = f"{prefix}: there is neither a .pdparams nor a .pdopt of that name."
        raise NoStateError(msg)
    states = [_arrays(path) if path.exists() else None for path in paths]
    if states[0] is not None and not keep_name_table:
        states[0].pop(NAME_TABLE, None)
    # 1.8.5 takes it from the first alone
    return states[0], states[1]


def _arrays(path: Path) -> dict[str, Any]:
    state = load(path, return_numpy=True, keep_name_table=True)
    if not isinstance(state, dict):
        msg = f"{path}: holds a {type(state).__name__}, not a state: tensors by name. paddle.load reads it."
        raise CheckpointError(msg)
    return state


def _is_state(obj: Any) -> bool:
    """Whether Paddle writes it flat: tensors by name, and dictionaries without tensors."""
    return isinstance(obj, Mapping) and all(
        not any(isinstance(each, torch.Tensor) for each in value.values())
        if isinstance(value, Mapping)
        else isinstance(value, torch.Tensor)
        for value in obj.values()
    )


def _save_state(state: Mapping[str, Any], path: File, protocol: int) -> None:
    check_names(state)
    tensors = {name: value for name, value in state.items() if isinstance(value, torch.Tensor)}
    table = {name: value.name for name, value in tensors.items() if isinstance(value, Tensor)}
    rest = {name: _packed(value) for name, value in state.items() if name not in tensors}
    if not rest and not hasattr(path, "write"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        format: Format = "paddle" if protocol == 4 else "paddle-fluid"
        save_checkpoint({name: cpu(value) for name, value in tensors.items()}, path, format=format, name_table=table)
        return
    arrays = {name: _bits(value) for name, value in tensors.items()}
    with target(path) as file:
        PickleWriter(file, 4 if protocol == 4 else 2).write({**arrays, **rest, NAME_TABLE: table})


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return what Paddle writes of a tensor: bfloat16 as uint16."""
    values = cpu(tensor).contiguous()
    return values.view(torch.uint16) if values.dtype == torch.bfloat16 else values


def _packed(value: Any) -> Any:
    return written(value, lambda each: (each.name, _bits(each)) if isinstance(each, Tensor) else _bits(each))


def _unpacked(source: Source, value: Any, *, as_arrays: bool) -> Any:
    """Return what a pickle of Paddle's holds: named arrays as tensors, and bare ones where nothing has a name."""
    arrays, loaded = Arrays(source), Loaded()
    names: list[str] = []

    def leaf(value: Any, *, bare: bool = False) -> Any:
        if is_named_tensor(value):
            names.append(value[0])
            return _given(loaded[arrays.entry(value[1])], value[0], as_arrays=as_arrays)
        if not isinstance(value, Array):
            raise no_object(source, value)
        tensor = loaded[arrays.entry(value)]
        return tensor.as_subclass(Tensor) if bare and not as_arrays else tensor.numpy()

    found = read(value, leaf, is_named_tensor)
    return found if names else read(value, lambda each: leaf(each, bare=True), is_named_tensor)


def _given(tensor: torch.Tensor, name: str = "", *, as_arrays: bool) -> Any:
    if as_arrays:
        return tensor.numpy()
    given = tensor.as_subclass(Tensor)
    if name:
        given.name = name
    return given


def _state(tensors: Mapping[str, torch.Tensor], table: Mapping[str, str], *, as_arrays: bool) -> dict[str, Any]:
    return {name: _given(tensor, table.get(name, name), as_arrays=as_arrays) for name, tensor in tensors.items()}
