"""What `paddle.Tensor` and the classes of one dtype are called with: sizes, values, and where these shall be."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...backend import OperatorError, OperatorTypeError
from ..tensor import plain
from .place import to_device

__all__ = ["constructed", "read_arguments"]

# the older words of the constructor, after the value, with what they may be here
OLDER = {"place": None, "persistable": False, "zero_copy": False, "name": None, "stop_gradient": True}


def constructed(name: str, dtype: torch.dtype, args: tuple[Any, ...], device: Any) -> torch.Tensor:
    """Return a plain tensor: of sizes, whose values are not initialised, or of values.

    Args:
        name: the class's, for messages.
        dtype: of sizes and lists; arrays keep theirs, and tensors their memory too.
        args: integers, or one list, tuple, array or tensor.
        device: a place, or None for the one in use.

    Raises:
        TypeError: a size is a bool.
        ValueError: a size is negative, or the arguments are something else.
    """
    where = to_device(device)
    if args and all(isinstance(each, (int, np.integer)) for each in args):
        _check_sizes(name, args)
        return torch.empty([int(each) for each in args], dtype=dtype, device=where)
    if not args:
        return torch.empty(0, dtype=dtype, device=where)
    value = args[0]
    if len(args) > 1 or not isinstance(value, (list, tuple, np.ndarray, torch.Tensor)):
        msg = f"{name}{args}: give sizes as integers, or one list, array or tensor of values."
        raise OperatorError(msg)
    if isinstance(value, torch.Tensor):
        tensor: torch.Tensor = plain(value).detach()
        return tensor if where is None else tensor.to(where)
    array = np.array(value)
    made = torch.from_numpy(array).to(where or torch.get_default_device())
    return made if isinstance(value, np.ndarray) else made.to(dtype)


def _check_sizes(name: str, sizes: tuple[Any, ...]) -> None:
    if any(isinstance(each, bool) for each in sizes):
        msg = f"{name}{sizes}: a size must be an int, no bool. Give the value in a list."
        raise OperatorTypeError(msg)
    if min(sizes) < 0:
        msg = f"{name}{sizes}: a size must be 0 or more."
        raise OperatorError(msg)


def read_arguments(
    args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[tuple[Any, ...], Any], dict[str, Any]]:
    """Return what a tensor is constructed of, with the device; and the attributes that are said of it.

    Raises:
        TypeError: a word is not known.
        NotImplementedError: a word is not served off its default.
    """
    words = {**OLDER, "device": None}
    for name in ("value", "data"):
        if name in options:
            args = (options.pop(name), *args)
    if args and isinstance(args[0], (np.ndarray, torch.Tensor)):
        words.update(zip(OLDER, args[1:], strict=False))
        args = args[:1]
    unknown = sorted(set(options) - set(words))
    if unknown:
        msg = (
            f"Tensor() takes sizes or values, device, place, name and stop_gradient here, and no {', '.join(unknown)}. "
            f"Call to_tensor()."
        )
        raise OperatorTypeError(msg)
    words.update(options)
    for name in ("persistable", "zero_copy"):
        if words[name]:
            msg = f"Tensor({name}={words[name]!r}) is not served: values are copied, and parameters alone persist."
            raise NotImplementedError(msg)
    device = words["place"] if words["device"] is None else words["device"]
    said = {name: words[name] for name in ("stop_gradient", "name") if words[name] is not None}
    return (args, device), said
