"""The methods of OneFlow's tensors: the release's meaning, or an error that names what there is not."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import torch

from ...tensor import plain
from ..names import NAMES
from ..rows.elementwise import in_place
from .tensor import KINDS, Tensor
from .values import tensor

__all__ = ["add_methods"]

# torch's own mean the same, with arguments of the same names
ALIKE = """
    add_ addcdiv_ addcmul_ backward bernoulli_ bfloat16 bool byte clone contiguous cpu cuda data detach device dim
    double dtype element_size expand expand_as fill_ float get_device grad grad_fn half int is_contiguous
    is_cuda is_floating_point is_leaf is_pinned item long mul_ ndim ndimension nelement numel permute pin_memory
    register_hook relu_ repeat repeat_interleave requires_grad requires_grad_ reshape reshape_as retain_grad
    storage_offset stride sub_ tile to tolist triu_ type_as unfold view view_as
"""
OPERATORS = """
    __abs__ __add__ __array__ __bool__ __contains__ __getitem__ __iadd__ __imul__ __isub__ __itruediv__ __len__
    __matmul__ __mul__ __radd__ __rmatmul__ __rmul__ __rtruediv__ __setitem__
    __setstate__
"""


def unrecorded(name: str, *, leaves: bool) -> Any:
    """Return torch's method that writes into a tensor, of which no gradient knows, as in the release.

    Args:
        name: of the method.
        leaves: whether it may write into leaves that record.
    """
    function = getattr(torch.Tensor, name)

    def write(self: Any, *args: Any, **options: Any) -> Any:
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.is_leaf and not leaves):
            return function(self, *args, **options)

    write.__name__ = name
    return write


class Methods:
    """What is no function of the release, or takes other arguments than torch's method."""

    is_global = is_lazy = False
    is_local = is_eager = True

    normal_, uniform_, exponential_ = (
        unrecorded(name, leaves=True) for name in ("normal_", "uniform_", "exponential_")
    )
    zero_ = unrecorded("zero_", leaves=False)

    @property
    def T(self: Any) -> Any:  # noqa: N802, its name
        """The tensor with its axes in reverse order."""
        return torch.permute(self, tuple(range(self.dim()))[::-1])

    @property
    def placement(self) -> NoReturn:
        """Refused."""
        _only_global("placement")

    @property
    def sbp(self) -> NoReturn:
        """Refused."""
        _only_global("sbp")

    def is_consistent(self) -> NoReturn:
        """Refused, as in the release."""
        msg = ".is_consistent has been removed, please use .is_global instead"
        raise RuntimeError(msg)

    def type(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
        """Return the name of the kind of tensor, or the values as another dtype, given as such or by that name.

        Raises:
            TypeError: `non_blocking` is asked for, or there is no such kind.
        """
        if non_blocking:
            msg = "non_blocking=True is not supported yet. Leave it out."
            raise TypeError(msg)
        if dtype is None:
            return f"oneflow.{KINDS[self.dtype]}"
        kinds = {f"oneflow.{name}": each for each, name in KINDS.items()}
        if isinstance(dtype, str) and dtype not in kinds:
            msg = f"type(): dtype={dtype!r}; legal are dtypes and {', '.join(kinds)}."
            raise TypeError(msg)
        return self.to(kinds.get(dtype, dtype))

    def copy_(self: Any, other: Any, non_blocking: bool = False) -> None:
        """Write the values of a tensor, or of an array of the same dtype and shape, into this one; return nothing.

        No gradient knows of it: what this tensor was computed from gets that of the old values.
        """
        if isinstance(other, np.ndarray):
            if other.shape != self.shape or torch.from_numpy(other[:0].copy()).dtype != self.dtype:
                msg = f"copy_(): the array is {other.dtype} of {other.shape}, the tensor {self.dtype} of {self.shape}."
                raise AssertionError(msg)
            other = torch.from_numpy(np.ascontiguousarray(other))
        unrecorded("copy_", leaves=True)(self, other, non_blocking)

    def module_load(self: Any, other: Any, assign: bool = False) -> Any:
        """Return what `load_state_dict()` swaps a parameter for; torch's own goes on with what `copy_()` returns."""
        if not assign:
            self.copy_(other)
        return (other if assign else self).detach()

    def new_tensor(self: Any, data: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Any:
        """Return a copy of data, of this tensor's dtype and on its device unless others are given."""
        return tensor(data, dtype=dtype or self.dtype, device=device or self.device, requires_grad=requires_grad)

    def to_numpy(self: Any) -> Any:
        """Return `numpy()`."""
        return self.numpy()

    def contiguous_(self: Any) -> Any:
        """Lie in memory in the order of the axes from now on."""
        if not self.is_contiguous():
            self.data = plain(self).detach().contiguous()
        return self


def _only_global(name: str) -> NoReturn:
    msg = f"Only global tensors have {name!r}; there are none here. Use '.device'."
    raise RuntimeError(msg)


def add_methods() -> None:
    """Give `oneflow.Tensor` every method that the release has; what is not served raises an error that says so."""
    for name in ALIKE.split():
        if name not in vars(Tensor):
            setattr(Tensor, name, getattr(torch.Tensor, name))
    for name, value in vars(Methods).items():
        if name not in ("__module__", "__doc__", "__dict__", "__weakref__"):
            setattr(Tensor, name, value)
    NAMES.add_methods(Tensor, "Tensor", ("", "nn.functional.", "nn.init."), in_place)
    for name in NAMES.signatures:
        if name.startswith("Tensor.") and not _is_there(name[7:]):
            setattr(Tensor, name[7:], _refused(name))


def _is_there(name: str) -> bool:
    own = Tensor.__mro__[: Tensor.__mro__.index(torch.Tensor)]
    return name in OPERATORS.split() or hasattr(object, name) or any(name in vars(kind) for kind in own)


def _refused(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        msg = f"oneflow.{name} of OneFlow 0.9 is not served by fourfold."
        raise NotImplementedError(msg)

    method.__name__ = name.rpartition(".")[2]
    return method
