"""How values come into Paddle's tensors, and how they are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...backend import OperatorError
from ..tensor import plain
from .dtype import BY_NAME, default_dtype, dtype_name
from .place import Place, to_device

__all__ = ["SHOWN", "fitting", "formatted", "from_python", "refuse_leaf", "shown", "single", "words_of_to"]

# How tensors are shown: Paddle's words, which `set_printoptions` changes.
SHOWN: dict[str, Any] = {"precision": 8, "threshold": 1000, "edgeitems": 3, "sci_mode": False, "linewidth": 80}


def refuse_leaf(tensor: torch.Tensor) -> None:
    """Raise where a leaf that takes gradients would be written into, or a copy that is a view in Paddle."""
    if getattr(tensor, "_backwards", False):
        msg = (
            "this tensor is what a slice with a negative step gave: in Paddle a view, through which a write reaches "
            "the other tensor, and a copy here, as torch has no such views. Write to x[::-1] itself, or to its clone()."
        )
        raise NotImplementedError(msg)
    if tensor.requires_grad and tensor.is_leaf and torch.is_grad_enabled():
        msg = (
            f"Leaf Var ({getattr(tensor, 'name', 'tensor')}) that doesn't stop gradient can't use inplace strategy. "
            f"Write into it under paddle.no_grad()."
        )
        raise OperatorError(msg)


def _place_or_dtype(value: Any) -> Any:
    if isinstance(value, str):
        return BY_NAME.get(value.removeprefix("paddle.")) or to_device(value)
    return value.device if isinstance(value, Place) else value


def words_of_to(args: tuple[Any, ...], options: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return arguments of `to` as torch's: `place` is `device`, and `blocking` the opposite of `non_blocking`."""
    read = {("device" if name == "place" else name): _place_or_dtype(value) for name, value in options.items()}
    if "blocking" in read:
        read["non_blocking"] = not read.pop("blocking")
    return [_place_or_dtype(each) for each in args], read


def fitting(value: Any, target: torch.Tensor, name: str = "") -> torch.Tensor:
    """Return an array or tensor as a plain tensor to be copied into `target`; nothing is cast.

    Raises:
        AssertionError: kind, shape or dtype differ.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype == np.uint16 and target.dtype == torch.bfloat16:
            value = torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
        else:
            value = torch.from_numpy(array.copy())
    label = name or getattr(target, "name", None) or "tensor"
    if not isinstance(value, torch.Tensor):
        msg = (
            f"[ {label} ] received a {type(value).__name__}; arguments type only support Tensor, numpy. "
            f"Convert it with to_tensor()."
        )
        raise AssertionError(msg)
    tensor: torch.Tensor = plain(value).detach()
    shape = tuple(plain(target).shape)
    if tuple(tensor.shape) != shape:
        msg = (
            f"Variable Shape not match, Variable [ {label} ] need tensor with shape {list(shape)} but load set tensor "
            f"with shape {list(tensor.shape)}. Reshape it."
        )
        raise AssertionError(msg)
    if tensor.dtype != target.dtype:
        msg = (
            f"Variable dtype not match, Variable [ {label} ] need tensor with dtype {dtype_name(target.dtype)} but "
            f"load tensor with dtype {dtype_name(tensor.dtype)}. Convert it with astype(), or the layer with to()."
        )
        raise AssertionError(msg)
    return tensor


def single(number: Any) -> Any:
    """Return a floating-point number as the releases' operators keep their constants, in float32; others as they are.

    >>> single(0.5), single(0.1), single(2)
    (0.5, 0.10000000149011612, 2)
    """
    if not isinstance(number, float):
        return number
    if torch.compiler.is_compiling():
        # dynamo follows no errstate
        return float(np.float32(number))
    with np.errstate(over="ignore"):
        return float(np.float32(number))


def from_python(data: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Return numbers, lists or arrays as a plain tensor.

    Args:
        data: what there is.
        dtype: of the tensor that is to be made of it, on the way to which nothing is to be lost. Default: None, lists
            of floating-point numbers are of the default dtype.

    Raises:
        TypeError: they are nothing that can become a tensor.
        ValueError: they are unsigned integers that no tensor holds.
    """
    kinds = (bool, int, float, complex, list, tuple, np.ndarray, np.generic)
    if not isinstance(data, kinds):
        msg = (
            f"Can't constructs a 'paddle.Tensor' with data type {type(data)}; data type must be "
            f"scalar|list|tuple|np.ndarray|paddle.Tensor."
        )
        raise TypeError(msg)
    if isinstance(data, (list, tuple)) and any(isinstance(item, torch.Tensor) for item in data):
        return torch.stack([plain(item) if isinstance(item, torch.Tensor) else torch.as_tensor(item) for item in data])
    from_numpy = isinstance(data, (np.ndarray, np.generic))
    array = np.array(data)
    if array.dtype.kind not in "biufc":
        msg = f"Can't constructs a 'paddle.Tensor' with data of dtype {array.dtype}: only numbers and bools are data."
        raise TypeError(msg)
    if array.dtype in (np.uint32, np.uint64):
        msg = f"Can't constructs a 'paddle.Tensor' with data of dtype {array.dtype}; convert it, to int64 say."
        raise ValueError(msg)
    values = torch.from_numpy(array)
    if from_numpy or dtype is not None or array.dtype.kind not in "fc":
        return values
    if array.dtype.kind == "f":
        return values.to(default_dtype())
    return values.to(torch.complex128 if default_dtype() == torch.float64 else torch.complex64)


def shown(tensor: torch.Tensor) -> str:
    """Return the values of a plain tensor as Paddle shows them; '...' where they cannot be known."""
    try:
        values = tensor.cpu()
        return formatted((values.float() if values.dtype == torch.bfloat16 else values).numpy(force=True))
    except (RuntimeError, NotImplementedError):  # meta and fake tensors, tensors under vmap
        return "..."


def formatted(values: np.ndarray[Any, Any]) -> str:
    """Return an array as Paddle shows it: whole numbers without decimals, in columns that begin where they begin."""
    shown = _summarised(values).ravel()
    texts = [_text(each) for each in shown]
    width = max(map(len, texts), default=0)
    signed = values.dtype.kind in "if" and any(each < 0 for each in shown)

    def padded(value: Any) -> str:
        text = _text(value)
        return (" " + text if signed and not value < 0 and len(text) < width else text).ljust(width)

    return np.array2string(
        values,
        separator=", ",
        prefix=" " * 7,
        formatter={"all": padded},
        edgeitems=SHOWN["edgeitems"],
        threshold=SHOWN["threshold"],
        max_line_width=SHOWN["linewidth"],
    )


def _summarised(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return those values that are not left out."""
    edge = SHOWN["edgeitems"]
    for axis, size in enumerate(values.shape if values.size > SHOWN["threshold"] else ()):
        if size > 2 * edge:
            values = np.take(values, [*range(edge), *range(size - edge, size)], axis)
    return values


def _text(value: Any) -> str:
    kind = f".{SHOWN['precision']}{'e' if SHOWN['sci_mode'] else 'f'}"
    if isinstance(value, np.complexfloating):
        return f"({value.real:{kind}}{value.imag:+{kind}}j)"
    if isinstance(value, np.floating):
        return f"{value:{kind}}" if SHOWN["sci_mode"] or np.ceil(value) != value else f"{value:.0f}."
    return str(value)
