"""Rows of tensors made of other things, of memory that is shared with other libraries, and of how they are shown."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.utils.dlpack

from ....backend import OperatorError, OperatorTypeError
from ...names import nothing
from ...tensor import plain
from ..names import NAMES
from ..place import to_device
from ..tensor import Tensor, to_tensor
from ..values import SHOWN
from .linalg import product

__all__: list[str] = []

fn = NAMES.function

COPIED = nothing("the values are copied in any case, as in the release")


def converted(
    data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """Return a copy of what is given as a tensor, cut off from what that was computed from.

    Raises:
        RuntimeError: its memory is to be pinned, where there is no GPU.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a tensor is copied, which is what is asked for here
        made = to_tensor(data, dtype, device, stop_gradient=not requires_grad)
    if pin_memory:
        if not torch.cuda.is_available():
            msg = f"Pinning memory is not supported for {made.place}: there is no GPU. Leave pin_memory out."
            raise RuntimeError(msg)
        made = made.pin_memory()  # type: ignore[assignment]
    return made


def to_dlpack(x: Any) -> Any:
    """Return a capsule of a tensor's memory.

    Raises:
        TypeError: it is no tensor.
    """
    if not isinstance(x, torch.Tensor):
        msg = f"The type of 'x' in to_dlpack must be paddle.Tensor, but received {type(x)}."
        raise OperatorTypeError(msg)
    return torch.utils.dlpack.to_dlpack(plain(x))  # type: ignore[attr-defined]


def from_dlpack(dlpack: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """Return a tensor over the memory of a capsule, or of another library's array; `copy` takes a copy.

    Raises:
        ValueError: it is neither, or a capsule that has been used.
        BufferError: it is a tensor that takes gradients.
    """
    capsule = type(dlpack).__name__ == "PyCapsule"
    if not capsule and not hasattr(dlpack, "__dlpack__"):
        msg = f"from_dlpack: {dlpack!r} is no capsule of DLPack, and no array of a library that has `__dlpack__`."
        raise OperatorError(msg)
    if isinstance(dlpack, torch.Tensor):
        if dlpack.requires_grad:
            msg = "Can't get __dlpack__ from Tensor that requires gradients. Give its detach()."
            raise BufferError(msg)
        dlpack = plain(dlpack)
    try:
        made: Any = torch.utils.dlpack.from_dlpack(dlpack)
    except RuntimeError as error:
        msg = f"from_dlpack: {error} A capsule can be consumed only once."
        raise OperatorError(msg) from error
    wanted = to_device(device)
    if wanted is not None and wanted != made.device:
        made = made.to(wanted)
    elif copy:
        made = made.clone()
    return made.as_subclass(Tensor)


def set_shown(
    precision: Any = None, threshold: Any = None, edgeitems: Any = None, sci_mode: Any = None, linewidth: Any = None
) -> None:
    """Set how tensors are shown; what is None stays.

    Raises:
        RuntimeError: what has to be an integer is none.
    """
    counts = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in counts.items():
        if value is not None and not isinstance(value, int):
            msg = f"{name}={value!r} is a {type(value).__name__}; it has to be an int."
            raise RuntimeError(msg)
    given = {**counts, "sci_mode": None if sci_mode is None else bool(sci_mode)}
    SHOWN.update({name: value for name, value in given.items() if value is not None})


fn("as_tensor", converted)
fn("asarray", converted, copy=COPIED)
fn("to_dlpack", to_dlpack)
fn("from_dlpack", from_dlpack)
fn("set_printoptions", set_shown)
fn("linalg.diagonal", torch.diagonal, axis1="dim1", axis2="dim2")
fn("linalg.matmul", product)
