"""Paddle's own `save` and `load` for what `activate()` serves: checkpoints in its own formats.

Here and not in the front ends, which know no file format.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..frontends.paddle import Tensor as PaddleTensor
from ..frontends.tensor import plain
from .checkpoints import CheckpointError, load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    import os

    import numpy as np

__all__ = [
    "load_dygraph",
    "load_paddle",
    "save_dygraph",
    "save_paddle",
]


def save_paddle(obj: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a layer's state in today's format of Paddle.

    Args:
        obj: tensors by name, as `state_dict()` returns them.
        path: the file; folders on the way are made.

    Raises:
        TypeError: `obj` is no dict of tensors.
        CheckpointError: the format cannot hold a tensor.
    """
    _save(obj, path, "paddle")


def load_paddle(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a checkpoint of Paddle: tensors, and what else it holds, by name."""
    checkpoint = load_checkpoint(path)
    tensors = {name: tensor.as_subclass(PaddleTensor) for name, tensor in checkpoint.tensors.items()}
    return {**tensors, **checkpoint.others}


def save_dygraph(state_dict: Mapping[str, Any], model_path: str) -> None:
    """Write a layer's state to `model_path + '.pdparams'` in the format of Paddle 1.8."""
    _save(state_dict, f"{model_path}.pdparams", "paddle-fluid")


def load_dygraph(model_path: str) -> tuple[dict[str, np.ndarray[Any, Any]], None]:
    """Read `model_path + '.pdparams'`: NumPy arrays by name, and None for the optimizer's state.

    Raises:
        CheckpointError: there is an optimizer's state too, which no optimizer here can use.
    """
    path = model_path.removesuffix(".pdparams")
    if Path(f"{path}.pdopt").exists():
        msg = (
            f"{path}.pdopt holds an optimizer's state, which cannot be used here. Move it away, or use load_checkpoint."
        )
        raise CheckpointError(msg)
    tensors = load_checkpoint(f"{path}.pdparams").tensors
    return {name: tensor.numpy() for name, tensor in tensors.items()}, None


def _save(state: Any, path: str | os.PathLike[str], format: str) -> None:
    if not isinstance(state, Mapping):
        msg = f"only the state of a layer can be saved here, tensors by name; given is a {type(state).__name__}."
        raise TypeError(msg)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    # only parameters have names that Paddle made up
    table = {name: value.name for name, value in state.items() if isinstance(value, PaddleTensor)}
    tensors = {
        name: plain(value).detach() if isinstance(value, torch.Tensor) else value for name, value in state.items()
    }
    save_checkpoint(tensors, path, format=format, name_table=table or None)
