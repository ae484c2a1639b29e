"""Mirrors `megengine.tensor`: `Tensor` (also called `tensor`) and `Parameter`."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch

from ...backend import OperatorError, OperatorTypeError
from ..tensor import FrontendParameter, FrontendTensor, like, plain, rebuild_parameter
from .arguments import ArgumentError, device_of
from .indexing import picked, written
from .operands import NARROWED
from .rebinding import own, rebind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

__all__ = ["Parameter", "Tensor", "tensor"]


class ElementCount(int):
    """`tensor.size`: MegEngine's int, which torch's own code may call as `tensor.size()` or `tensor.size(0)`."""

    shape: torch.Size

    def __new__(cls, tensor: torch.Tensor) -> Self:
        count = super().__new__(cls, torch.Tensor.numel(tensor))
        count.shape = torch.Tensor.size(tensor)
        return count

    def __call__(self, dim: int | None = None) -> Any:
        """Return the shape, or one size of it, as torch's `size()` does."""
        return self.shape if dim is None else self.shape[dim]


class Tensor(FrontendTensor):
    """A torch tensor with MegEngine's constructor and habits; `megengine.tensor` is this class.

    Operators and methods that MegEngine has mean what they mean there; the others are torch's, for torch's own code.
    Memory that another tensor reads is never written: `b = a[0]; b[0] = 9` and `a += 1` change one of the two. In place
    operators, `x[...] = value` and `x[index] = value` give the object other values, which all who hold it see.

    Args:
        data: a number, nested lists, a NumPy array or a tensor. It is copied, and the copy is a leaf of its own.
        dtype: a NumPy or torch dtype, or its name. Default: that of the data, but float32 for float64 and int32
            for int64, the widest that MegEngine has; float64 and int64 are had by asking for them.
        device: MegEngine's name (`'xpux'`, `'cpu0'`, `'gpu0'`) or torch's. Default: torch's default device.
        is_const: only False; there is no tracing here.
        no_cache: without effect, because every tensor has memory of its own here.
        name: kept as `.name`.
        format: only `'default'`.

    Raises:
        RuntimeError: data of a dtype that no tensor has, or integers that int32 cannot hold (a ValueError too); a
            torch tensor that requires gradients.
        NotImplementedError: `is_const` or `format` asks for what there is not.

    Example:
        >>> x = Tensor([[1, 2, 3]])
        >>> x.shape, x.size, x.ndim, x.numpy().dtype, x.astype("float32").dtype
        ((1, 3), 3, 2, dtype('int32'), torch.float32)
    """

    def __new__(
        cls,
        data: Any,
        dtype: Any = None,
        device: Any = None,
        is_const: bool = False,
        no_cache: bool = False,
        name: str | None = None,
        format: str = "default",
    ) -> Self:
        result = from_data(data, dtype, device, is_const, format).as_subclass(cls)
        if name is not None:
            result.name = name
        return result

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is left to do: `__new__` has made the tensor."""

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        """The sizes as a plain tuple."""
        return tuple(torch.Tensor.size(self))

    @property
    def size(self) -> int:  # type: ignore[override]
        """The number of elements, an int; called, it is torch's `size()` (not in code that `torch.compile` traces)."""
        # dynamo cannot make an int of another class
        return torch.Tensor.numel(self) if torch.compiler.is_dynamo_compiling() else ElementCount(self)

    @property
    def name(self) -> str:
        """The name given to the tensor, or `''`."""
        return cast("str", self.__dict__.get("_custom_name", ""))

    @name.setter
    def name(self, name: str | None) -> None:
        self.__dict__["_custom_name"] = name or ""

    def numpy(self, *, force: bool = False) -> np.ndarray[Any, Any]:
        """Return a read-only copy of the values, which later updates of the tensor do not reach."""
        array = super().numpy(force=force).copy()
        array.setflags(write=False)
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """Let NumPy's functions read the tensor, gradients recorded or not."""
        if copy is False:
            msg = "copy=False: NumPy gets a copy of a tensor; legal are True and None. Leave it out."
            raise ValueError(msg)
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def item(self, *args: Any) -> Any:
        """Return the element at an index, or without one the only element, as a Python number.

        Raises:
            AssertionError: there is more than one (a ValueError and RuntimeError too).
        """
        chosen = plain(self)[args] if args else plain(self)
        if chosen.numel() != 1:
            msg = f"item() needs one element; there are {chosen.numel()}, shape {tuple(chosen.shape)}. Use tolist()."
            raise ArgumentError(msg)
        return chosen.item()

    def astype(self, dtype: Any) -> torch.Tensor:
        """Return the tensor in another dtype (NumPy's, torch's or a name); gradients go through."""
        return self.to(torch_dtype(dtype))

    def to(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Return the tensor on MegEngine's device (`'cpu0'`, `'xpux'`, ...); other arguments are torch's `to()`."""
        if args and isinstance(args[0], str):
            # another tensor in any case, which shares memory as long as nobody writes
            return own(super().to(device_of(args[0]), *args[1:], **kwargs).view_as(self), self)
        if "device" in kwargs:
            kwargs["device"] = device_of(kwargs["device"])
        return super().to(*args, **kwargs)

    @property
    def T(self) -> torch.Tensor:  # type: ignore[override]  # noqa: N802
        """The tensor with its axes reversed."""
        return own(torch.permute(self, tuple(reversed(range(self.dim())))), self)

    def detach(self) -> torch.Tensor:
        """Return the values without their history."""
        return own(super().detach(), self)

    def _reset(self, other: Any) -> None:
        """Give the tensor other values, of any shape; private, but scripts that average weights call it."""
        self[...] = other

    def set_value(self, value: Any) -> None:
        """Give the tensor other values, of any shape."""
        self._reset(value)

    def reset_zero(self) -> None:
        """Multiply the tensor by 0, in place."""
        rebind(self, torch.mul(self, 0))

    @property
    def format(self) -> str:
        """MegEngine's memory format; here there is only 'default'."""
        return "default"

    def __getitem__(self, index: Any) -> torch.Tensor:
        return own(like(picked(self, index), self), self)

    def __setitem__(self, index: Any, value: Any) -> None:
        if not isinstance(value, torch.Tensor):
            value = Tensor(value, dtype=self.dtype, device=self.device)
        rebind(self, value if index is Ellipsis else like(written(self, index, value), self))

    def __iter__(self) -> Iterator[torch.Tensor]:
        return (self[place] for place in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __index__(self) -> int:
        return int(operator.index(self.item()))


tensor = Tensor


class Parameter(FrontendParameter, Tensor):
    """A tensor that a module registers and trains; operations on it give a `Tensor`.

    Args:
        data: as in `Tensor`.
        dtype: as in `Tensor`; a bool here is torch's `requires_grad`, which torch's own code passes second.
        device: as in `Tensor`.
        is_const: as in `Tensor`.
        no_cache: as in `Tensor`.
        name: as in `Tensor`.
        format: as in `Tensor`.
        requires_grad: whether torch records gradients for it. Default: True.

    Example:
        >>> weight = Parameter([1.0, 2.0])
        >>> weight.requires_grad, type(weight * 2).__name__
        (True, 'Tensor')
    """

    tensor_type = Tensor

    def __new__(
        cls,
        data: Any = None,
        dtype: Any = None,
        device: Any = None,
        is_const: bool = False,
        no_cache: bool = False,
        name: str | None = None,
        format: str = "default",
        *,
        requires_grad: bool = True,
    ) -> Self:
        if isinstance(dtype, bool):
            dtype, requires_grad = None, dtype
        if type(data) is torch.Tensor and dtype is None and device is None:
            values = data.detach()  # torch's own code makes parameters of tensors that it goes on using
        else:
            values = from_data([] if data is None else data, dtype, device, is_const, format)
        result = super().__new__(cls, values, requires_grad)
        if name is not None:
            result.name = name
        return result


def from_data(data: Any, dtype: Any, device: Any, is_const: bool, format: str) -> torch.Tensor:
    """Copy `data` into a plain torch tensor by MegEngine's rules for dtypes."""
    if is_const or format != "default":
        msg = (
            f"is_const={is_const!r}, format={format!r}: tensors here are neither traced constants nor in MegEngine's "
            f"memory formats; legal are is_const=False and format='default'. Leave both out."
        )
        raise NotImplementedError(msg)
    wanted = None if dtype is None else torch_dtype(dtype)
    if isinstance(data, torch.Tensor):
        if data.requires_grad and not isinstance(data, FrontendTensor):
            msg = (
                "Can't call numpy() on Tensor that requires grad: tensor() copies and would cut the graph. "
                "Use data.detach()."
            )
            raise RuntimeError(msg)
        source = plain(data).detach()
    else:
        source = _from_array(np.array(data))
        device = torch.empty(0).device if device is None else device
    if wanted is None:
        wanted = NARROWED.get(source.dtype, source.dtype)
    if wanted is torch.int32 and source.dtype is torch.int64:
        _check_fits(source)
    return source.to(device=device_of(device), dtype=wanted, copy=True)


def torch_dtype(dtype: Any) -> torch.dtype:
    """Return torch's dtype for NumPy's, torch's or the name of either.

    >>> torch_dtype("float16"), torch_dtype(np.int32), torch_dtype(torch.bfloat16)
    (torch.float16, torch.int32, torch.bfloat16)
    """
    if isinstance(dtype, torch.dtype):
        return dtype
    try:
        name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    found = getattr(torch, name.removeprefix("torch."), None)
    if not isinstance(found, torch.dtype):
        msg = (
            f"dtype={dtype!r}: unsupported numpy dtype; legal are those that torch has, such as 'float32' or np.int32."
        )
        raise OperatorTypeError(msg)
    return found


def _from_array(array: np.ndarray[Any, Any]) -> torch.Tensor:
    if array.dtype.kind not in "biufc" or array.dtype.name in ("uint32", "uint64"):
        msg = f"data of dtype {array.dtype}: unsupported numpy dtype; torch has no such. Convert it with astype()."
        raise OperatorTypeError(msg)
    # own, native-endian memory, because torch reads nothing else
    return torch.from_numpy(np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape))


def _check_fits(source: torch.Tensor) -> None:
    limits = torch.iinfo(torch.int32)
    if source.device.type != "meta" and source.numel() and not limits.min <= source.min() <= source.max() <= limits.max:
        msg = (
            f"data from {source.min()} to {source.max()} does not fit int32, MegEngine's widest integer: legal are "
            f"{limits.min}..{limits.max}. Pass dtype='int64' to keep it."
        )
        raise OperatorError(msg)


torch.serialization.add_safe_globals([Tensor, Parameter, rebuild_parameter])
