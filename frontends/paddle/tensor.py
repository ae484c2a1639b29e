"""Mirrors `paddle.Tensor`, `paddle.to_tensor` and the parameters that layers create."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from ..tensor import FrontendParameter, FrontendTensor, plain, rebuild_parameter
from . import unique_name
from .constructed import constructed, read_arguments
from .dtype import dtype_name, to_torch_dtype
from .place import Place, to_device
from .regularizer import L1Decay, L2Decay
from .size import Size, TensorSize
from .values import fitting, from_python, shown, words_of_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["Parameter", "Size", "Tensor", "to_tensor"]

_GRAD: Any = torch.Tensor.grad


class Tensor(FrontendTensor):
    """A torch tensor with Paddle's habits: `stop_gradient`, `shape` as a list, `astype`, `gradient()`, ...

    Everything else is torch's. Make one with `to_tensor`.

    Example:
        >>> x = to_tensor([1.0, 2.0], stop_gradient=False)
        >>> (x * x).backward()
        >>> x.grad
        Tensor(shape=[2], dtype=float32, place=Place(cpu), stop_gradient=True,
               [2., 4.])
    """

    operators: ClassVar[list[tuple[Any, Callable[..., Any]]]] = []

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if issubclass(cls, torch.nn.Parameter):
            return super().__new__(cls, *args, **kwargs)
        given, said = read_arguments(args, kwargs)
        made = constructed("Tensor", torch.float32, *given).as_subclass(cls)
        for attribute, value in said.items():
            setattr(made, attribute, value)
        return made

    @property
    def shape(self) -> Size:  # type: ignore[override]
        """The shape, as a list."""
        return Size(torch.Tensor.size(self))

    @property
    def size(self) -> int:  # type: ignore[override]
        """The number of elements; `size()` and `size(dim)` are torch's (not in code that `torch.compile` traces)."""
        if torch.compiler.is_dynamo_compiling():
            # dynamo cannot make an int of another class
            return torch.Tensor.numel(self)
        return TensorSize(torch.Tensor.size(self))

    @property
    def stop_gradient(self) -> bool:
        """Whether gradients stop here; the opposite of torch's `requires_grad`.

        True on the result of an operation cuts it off from what it was computed from.
        """
        return not self.requires_grad and self.__dict__.get("_stop_gradient", True)

    @stop_gradient.setter
    def stop_gradient(self, stop: bool) -> None:
        if stop and not self.is_leaf:
            # not detach_(), which refuses views, and whatever has our class is a view of what the operation gave
            cut = self.detach()
            cut.__dict__.update(self.__dict__)
            try:
                torch.utils.swap_tensors(self, cut)  # type: ignore[no-untyped-call]
            except RuntimeError as error:
                msg = (
                    "stop_gradient=True cannot cut off a result that another operation has used already; set it "
                    "before that, or go on with detach()."
                )
                raise RuntimeError(msg) from error
        elif not (self.is_floating_point() or self.is_complex()):
            # torch records no gradients of integers, and Paddle gives none either: it only says so
            self.__dict__["_stop_gradient"] = stop
        elif stop == self.requires_grad:
            self.requires_grad_(not stop)

    @property
    def place(self) -> Place:
        """The device."""
        return Place(self.device)

    @property
    def name(self) -> str:
        """The tensor's name; one is made up when first asked for."""
        if "_name" not in self.__dict__:
            self._name = unique_name.generate("generated_tensor")
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    @property
    def persistable(self) -> bool:
        """Whether it is saved with a model: true of parameters."""
        return isinstance(self, Parameter)

    def numpy(self, *args: Any, force: bool = False) -> np.ndarray[Any, Any]:
        """Return a copy of the values as a NumPy array, where gradients are recorded too; bfloat16 as bits, in uint16.

        Args:
            *args: what Paddle passes to its dispatcher; it has no effect.
            force: torch's, which Paddle has not; it has no effect either.

        >>> to_tensor([1.5], dtype="bfloat16").numpy()
        array([16320], dtype=uint16)
        """
        if self.dtype == torch.bfloat16:
            return plain(self).detach().cpu().view(torch.int16).numpy().view(np.uint16).copy()
        return super().numpy(force=force).copy()

    def item(self, *index: int) -> Any:
        """Return the only value, or the one at `index` (into the flattened tensor, or one index per axis).

        >>> to_tensor([[1.0, 2.0], [3.0, 4.0]]).item(2), to_tensor(5).item()
        (3.0, 5)
        """
        values = plain(self)
        if index:
            values = values.flatten()[index[0]] if len(index) == 1 else values[index]
        elif values.numel() != 1:
            msg = (
                f"the tensor has shape {self.shape}; only one element tensors can be converted to Python scalars "
                f"when no input coordinates are given. Give an index: item(0)."
            )
            raise ValueError(msg)
        return values.item()

    def gradient(self) -> np.ndarray[Any, Any] | None:
        """Return a copy of the gradient as a NumPy array, or None where there is none yet."""
        return None if self.grad is None else self.grad.numpy()

    @property
    def grad(self) -> Tensor | None:
        """The gradient, or None where there is none yet; it has Paddle's habits too."""
        with torch._C.DisableTorchFunctionSubclass():
            gradient = _GRAD.__get__(self)
            if gradient is not None and not isinstance(gradient, Tensor):
                # stored again, so that it is the same object next time, as in torch
                gradient = gradient.as_subclass(Tensor)
                _GRAD.__set__(self, gradient)
        return gradient  # type: ignore[no-any-return]

    @grad.setter
    def grad(self, gradient: torch.Tensor | None) -> None:
        _GRAD.__set__(self, gradient)

    @grad.deleter
    def grad(self) -> None:
        _GRAD.__delete__(self)

    def clear_gradient(self, set_to_zero: bool = True) -> None:
        """Fill the gradient with zeros, or drop it."""
        if self.grad is None:
            return
        if set_to_zero:
            self.grad = torch.zeros_like(self.grad)
        else:
            self.grad = None

    clear_grad = clear_gradient

    def backward(  # type: ignore[override]
        self,
        grad_tensor: torch.Tensor | None = None,
        retain_graph: bool = False,
        create_graph: bool = False,
        inputs: Any = None,
        *,
        gradient: torch.Tensor | None = None,
    ) -> None:
        """Add gradients to the leaves that this tensor was computed from.

        Args:
            grad_tensor: the gradient to start from. Default: None, ones.
            retain_graph: whether the graph can be walked again. Default: False.
            create_graph: record the walk itself, for second derivatives. Default: False.
            inputs: the tensors to get gradients. Default: None, all leaves.
            gradient: torch's name of `grad_tensor`.
        """
        start = gradient if grad_tensor is None else grad_tensor
        if start is None and self.requires_grad:
            start = torch.ones_like(plain(self))
        # plain tensors: torch 2.4 compares their sizes, and takes no list for one
        start = None if start is None else plain(start)
        torch.autograd.backward([plain(self)], [start], retain_graph or create_graph, create_graph, inputs=inputs)

    @property
    def T(self) -> Tensor:  # type: ignore[override]  # noqa: N802
        """The tensor with its axes in reverse order."""
        return torch.permute(self, list(range(self.dim() - 1, -1, -1)))  # type: ignore[return-value]

    @property
    def mT(self) -> Tensor:  # type: ignore[override]  # noqa: N802
        """The tensor with its last two axes swapped."""
        if self.dim() < 2:
            msg = f"Tensor.ndim({self.dim()}) is required to be greater than or equal to 2."
            raise ValueError(msg)
        return torch.transpose(self, -1, -2)  # type: ignore[return-value]

    @property
    def offset(self) -> int:
        """Where the first value is in the memory, in bytes."""
        return int(torch.Tensor.storage_offset(self)) * self.dtype.itemsize

    def get_strides(self) -> list[int]:
        """Return `strides`."""
        return self.strides

    def detach_(self) -> Tensor:
        """Cut the tensor off from what it was computed from."""
        self.stop_gradient = True
        return self

    def retain_grads(self) -> None:
        """Keep the gradient of a result, too."""
        if not self.is_leaf:
            self.retain_grad()

    def is_dense(self) -> bool:
        """Return whether the values are all in memory: they are."""
        return True

    def is_dist(self) -> bool:
        """Return whether the values are on several machines: they are not."""
        return False

    def is_same_shape(self, other: torch.Tensor) -> bool:
        """Return whether another tensor has the same shape."""
        return list(self.shape) == list(other.shape)

    @property
    def strides(self) -> list[int]:
        """The steps in memory, in elements."""
        return list(torch.Tensor.stride(self))

    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """Return the values elsewhere, or in another dtype: as torch's method, with Paddle's places and dtypes.

        >>> to_tensor([1.7]).to("float64").dtype
        torch.float64
        """
        read, options = words_of_to(args, kwargs)
        given = [*read, *options.values()]
        if len(given) == 1 and given[0] is self.dtype:
            # asked for its own dtype alone, Paddle copies
            options["copy"] = True
        return torch.Tensor.to(self, *read, **options)  # type: ignore[return-value]

    def astype(self, dtype: Any) -> Tensor:
        """Return the values in another dtype, named by a string, a NumPy dtype or a torch dtype.

        >>> to_tensor([1.7]).astype("int32").numpy()
        array([1], dtype=int32)
        """
        return torch.Tensor.to(self, to_torch_dtype(dtype))  # type: ignore[return-value]

    def set_value(self, value: Any) -> None:
        """Overwrite the values with an array or tensor of the same shape and dtype.

        Raises:
            AssertionError: shape or dtype differ.
        """
        with torch.no_grad():
            plain(self).copy_(fitting(value, self))

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return (
            f"Tensor(shape={list(self.shape)}, dtype={dtype_name(self.dtype)}, place={self.place}, "
            f"stop_gradient={self.stop_gradient},\n       {shown(plain(self).detach())})"
        )

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return format(self.item(), format_spec) if self.dim() == 0 else str(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        known = id(self) in memo
        copied: Self = super().__deepcopy__(memo)
        if not known and not self.is_leaf:
            copied.requires_grad_(self.requires_grad)  # a copy of what was computed takes gradients, as in Paddle
        return copied


class Parameter(FrontendParameter, Tensor):
    """A tensor that a layer learns (Paddle: EagerParamBase).

    Args:
        data: its values.
        requires_grad: whether it is learned. Default: True.

    Attributes:
        name: such as `conv3d_transpose_0.w_0`.
        trainable: the opposite of `stop_gradient`; either one sets the other.
        optimize_attr: `{'learning_rate': factor}` for an optimizer to multiply its learning rate by.
        regularizer: an `L1Decay` or `L2Decay` of its own, or None.
        need_clip: whether gradient clipping includes it, as its `ParamAttr` said.
        do_model_average: what its `ParamAttr` said.
    """

    tensor_type = Tensor
    is_distributed = False  # type: ignore[assignment]

    def _begin(self) -> None:
        self.optimize_attr = {"learning_rate": 1.0}
        self.regularizer = None
        self.need_clip = True
        self.do_model_average = True

    optimize_attr: dict[str, float]
    regularizer: Any
    need_clip: bool
    do_model_average: bool

    @property
    def trainable(self) -> bool:
        """Whether it is learned."""
        return not self.stop_gradient

    @trainable.setter
    def trainable(self, trainable: bool) -> None:
        if not isinstance(trainable, bool):
            msg = f"The type of trainable MUST be bool, but {trainable!r} is a {type(trainable).__name__}."
            raise ValueError(msg)
        self.stop_gradient = not trainable

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        known = id(self) in memo
        copied = super().__deepcopy__(memo)
        if not known:
            # Paddle keys optimizer state by name, so that a copy needs a name of its own
            copied.name = f"{self.name}_{unique_name.generate('deepcopy')}"
            copied.optimize_attr = dict(self.optimize_attr)
        return copied

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        return f"Parameter containing:\n{super().__repr__()}"

    __str__ = __repr__  # type: ignore[assignment]


def to_tensor(data: Any, dtype: Any = None, place: Any = None, stop_gradient: bool = True) -> Tensor:
    """Make a tensor of a number, nested sequences, a NumPy array or a tensor; the data are copied.

    Args:
        data: the values. Python floats take the default dtype (complex numbers the complex one of that size), NumPy
            arrays and scalars keep theirs.
        dtype: another dtype. Default: None.
        place: where to put it: 'cpu', 'gpu:0', a place or a torch device. Default: the CPU, or where `data` is.
        stop_gradient: False to record gradients. Default: True.

    Raises:
        TypeError: the data or the dtype are of no known kind.
        ValueError: nested sequences of unequal length, or an unknown place.

    Example:
        >>> to_tensor([[1, 2], [3, 4]])
        Tensor(shape=[2, 2], dtype=int64, place=Place(cpu), stop_gradient=True,
               [[1, 2],
                [3, 4]])
    """
    device = to_device(place)
    wanted = None if dtype is None else to_torch_dtype(dtype)
    if isinstance(data, torch.Tensor):
        warnings.warn(
            "To copy construct from a tensor, use source.clone().detach() rather than to_tensor(source).",
            stacklevel=2,
        )
        values = plain(data).detach().clone()
    else:
        values = from_python(data, wanted)
        if values.dtype is torch.uint16 and wanted in (None, torch.bfloat16):
            values = values.view(torch.bfloat16)  # NumPy has none: Paddle keeps its bits in uint16
        device = device or torch.get_default_device()
    tensor = values.to(device=device, dtype=wanted).as_subclass(Tensor)
    tensor.stop_gradient = stop_gradient
    return tensor


# what torch.load(weights_only=True) meets in a state_dict of ours
torch.serialization.add_safe_globals([Parameter, Tensor, rebuild_parameter, L1Decay, L2Decay])
