"""Base classes of the front ends' tensors: torch tensors with the habits of another framework.

A front end derives its `Tensor` from `FrontendTensor` and its `Parameter` from that and `FrontendParameter`:

    class Tensor(FrontendTensor): ...
    class Parameter(FrontendParameter, Tensor):
        tensor_type = Tensor
"""

from __future__ import annotations

import copy
import sys
import sysconfig
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import torch
import torch._functorch.config

from ..backend import ConvTranspose3dSpec, conv_transpose3d

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from typing_extensions import Self

T = TypeVar("T", bound=torch.Tensor)


# torch's functions that are written in Python: they call methods, which mean something else in the front ends. So do
# those that make a tensor like one on the meta device.
_IN_PYTHON = ("torch.functional", "torch.nn.functional")
_LIKE = frozenset(
    (torch.empty_like, torch.full_like, torch.ones_like, torch.rand_like, torch.randn_like, torch.zeros_like)
)
# torch's functions whose results keep their class, such as `grad`
_UNWRAPPED = torch.overrides.get_default_nowrap_functions()
_SETITEM: Any = torch.Tensor.__setitem__

_PACKAGES = (__name__.partition(".")[0], "torch")
# torch.fx runs graphs as code that is in no file
_LIBRARIES = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), "<eval_with_key>")

# The front ends' tensor classes, as they are defined.
_KINDS: list[type[FrontendTensor]] = []

# torch 2.13 runs a compiled graph for the first time under a mode that refuses tensors of classes other than its own,
# to look for custom operators whose results alias their operands.
if hasattr(torch._functorch.config, "check_custom_op_aliasing"):
    torch._functorch.config.check_custom_op_aliasing = False


class FrontendTensor(torch.Tensor):
    """A torch tensor that `.numpy()` reads even where gradients are recorded, on any device."""

    parameter_type: ClassVar[type[FrontendParameter]]
    # what computes torch's functions that dynamo takes operators for, where the framework means something else; each
    # front end fills its own. Pairs: dynamo cannot guard a dictionary of torch's methods.
    operators: ClassVar[list[tuple[Any, Callable[..., Any]]]] = []

    @property
    def _is_param(self) -> bool:
        return isinstance(self, FrontendParameter)

    @_is_param.setter
    def _is_param(self, value: bool) -> None:
        # torch.nn.Parameter sets it on the tensor that it makes of one of another class than torch's
        if not isinstance(self, FrontendParameter):
            self.__class__ = self.parameter_type
            self._begin()

    def _begin(self) -> None:
        """Set the attributes that a new parameter of the front end has."""

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if torch.compiler.is_dynamo_compiling():
            return _on_plain(cls.traced(func), args, kwargs or {}, cls)
        if func is _SETITEM:
            with torch._C.DisableTorchFunctionSubclass():
                return cls.traced(func)(*args)
        if func in _LIKE or (type(func) is FunctionType and func.__module__ in _IN_PYTHON):
            return _on_plain(func, args, kwargs or {}, cls)
        # what torch.Tensor's own does, in two thirds of its time: every name on these tensors pays it
        for kind in types:
            if kind is not cls and not issubclass(cls, kind):
                return NotImplemented
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **kwargs) if kwargs else func(*args)
            if type(result) is torch.Tensor:
                return result if func in _UNWRAPPED else result.as_subclass(cls)
        return result if func in _UNWRAPPED else _converted(result, cls)

    @classmethod
    def traced(cls, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return what computes a function of torch's in a graph, on plain tensors; and what writes `x[index] = value`.

        dynamo takes operators for methods of torch's: `x += y` for `x.add_(y)`, whatever the class makes of it. It
        follows no class that defines `__setitem__`.
        """
        for theirs, ours in cls.operators:
            if func is theirs:
                return ours
        return func

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not issubclass(cls, torch.nn.Parameter):
            _KINDS.append(cls)

    def numpy(self, *, force: bool = False) -> np.ndarray[Any, Any]:
        """Return the values as a NumPy array; it shares memory with a tensor on the CPU."""
        return torch.Tensor.numpy(plain(self).detach(), force=True)

    def __float__(self) -> float:
        # torch warns where gradients are recorded; a loss that is printed is everyday code in these frameworks
        return float(plain(self).detach())

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        # torch's own asks new_empty() for this class, which it calls in a way that gives plain tensors
        if id(self) in memo:
            return memo[id(self)]
        # what was computed is copied without its history, as in the frameworks, where torch refuses: so is a layer
        # whose weight a hook computes before each forward
        result = copy.deepcopy(plain(self).detach(), memo).as_subclass(type(self))
        result.requires_grad_(self.requires_grad and self.is_leaf)
        if self.is_leaf and self.grad is not None:
            result.grad = copy.deepcopy(self.grad, memo)
        result.__dict__.update(copy.deepcopy(self.__dict__, memo))
        memo[id(self)] = result
        return result


class FrontendParameter(FrontendTensor, torch.nn.Parameter):
    """A parameter that keeps its class and attributes when copied and pickled.

    Operations on it give the front end's tensor, never another parameter.
    """

    tensor_type: ClassVar[type[FrontendTensor]] = FrontendTensor

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "tensor_type" in vars(cls):
            cls.tensor_type.parameter_type = cls

    def __new__(cls, data: torch.Tensor | None = None, requires_grad: bool = True) -> Self:
        data = torch.empty(0) if data is None else plain(data).detach()
        parameter: Self = torch.Tensor._make_subclass(cls, data, requires_grad)
        parameter._begin()
        return parameter

    def detach(self) -> Any:
        """Return a tensor of the same memory that no gradients are recorded for."""
        # torch.nn.Parameter(parameter) wants the class and memory that it was given. Everybody else gets a tensor, as
        # in torch and in every framework here.
        if torchs_parameter_asks():
            return rebuild_parameter(type(self), self, False, self.__dict__)
        return super().detach()

    # Without one, Module.register_parameter and the optimizers would call torch.Tensor.__init__ with our arguments.
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if torch.compiler.is_dynamo_compiling():
            return _on_plain(cls.traced(func), args, kwargs or {}, cls.tensor_type)
        if func is _SETITEM:
            with torch._C.DisableTorchFunctionSubclass():
                return cls.traced(func)(*args)
        if func in _LIKE or (type(func) is FunctionType and func.__module__ in _IN_PYTHON):
            return _on_plain(func, args, kwargs or {}, cls.tensor_type)
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **(kwargs or {}))
        # operator overloads come from compiled graphs, whose later operators torch 2.13 runs on plain tensors only
        if isinstance(func, torch._ops.OpOverload) or func in torch.overrides.get_default_nowrap_functions():
            return result
        # in place, or requires_grad_(): still the parameter; torch.nn.init passes it by keyword
        if any(result is given for given in (*args[:1], *(kwargs or {}).values())):
            return result
        return _wrap(result, cls.tensor_type)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if id(self) in memo:
            copied: Self = memo[id(self)]
            return copied
        data = plain(self).detach().clone(memory_format=torch.preserve_format)
        result = rebuild_parameter(type(self), data, self.requires_grad, dict(self.__dict__))
        memo[id(self)] = result
        return result

    def __reduce_ex__(self, protocol: Any) -> Any:
        return rebuild_parameter, (type(self), plain(self).detach(), self.requires_grad, dict(self.__dict__))


def torchs_parameter_asks() -> bool:
    """Return whether `torch.nn.Parameter` called the method that calls this: it makes its result of a `detach()`."""
    return not torch.compiler.is_compiling() and sys._getframe(2).f_code is torch.nn.Parameter.__new__.__code__


def is_users_code(frame: FrameType) -> bool:
    """Return whether code is neither ours nor a library's, such as torch's: those have to find torch's methods."""
    # what dispatches stands between: ours, and torch's modes, one of which a default device is
    while frame.f_code.co_name == "__torch_function__" and frame.f_back is not None:
        frame = frame.f_back
    file = frame.f_code.co_filename
    return not file.startswith(_LIBRARIES) and frame.f_globals.get("__name__", "").partition(".")[0] not in _PACKAGES


def rebuild_parameter(kind: type[T], data: torch.Tensor, requires_grad: bool, attributes: dict[str, Any]) -> T:
    """Make a parameter of class `kind` that shares the memory of `data`; what `__reduce_ex__` stored is one again."""
    # not a front end's own constructor, which may copy and convert; `kind` may be torch's
    maker: Any = FrontendParameter if issubclass(kind, FrontendParameter) else kind
    parameter: T = maker.__new__(kind, data, requires_grad)
    parameter.__dict__.update(attributes)
    return parameter


def recast(tensor: torch.Tensor, kind: type[FrontendTensor], attributes: dict[str, Any]) -> Any:
    """Return a leaf of a front end's class and attributes that shares the memory of `tensor`, and has its gradient."""
    if issubclass(kind, FrontendParameter):
        made: Any = rebuild_parameter(kind, tensor, tensor.requires_grad, attributes)
    else:
        made = plain(tensor).detach().as_subclass(kind).requires_grad_(tensor.requires_grad)
        made.__dict__.update(attributes)
    made.grad = tensor.grad
    return made


def plain(tensor: torch.Tensor) -> torch.Tensor:
    """Return the same tensor without the front end's class; autograd goes through."""
    if not isinstance(tensor, FrontendTensor):
        return tensor
    if torch.compiler.is_compiling():
        # dynamo does not know as_subclass(torch.Tensor)
        with torch._C.DisableTorchFunctionSubclass():
            alias: torch.Tensor = torch.ops.aten.alias.default(tensor)
            return alias
    return tensor.as_subclass(torch.Tensor)


def run(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    *,
    output_size: tuple[int, int, int] | None = None,
) -> torch.Tensor:
    """Call the engine on a front end's tensors; the class of the result is the input's.

    A plain tensor in gives a plain tensor out, whatever the class of weight and bias.
    """
    output = conv_transpose3d(
        plain(input), plain(weight), None if bias is None else plain(bias), spec, output_size=output_size
    )
    return like(output, input)


def like(result: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    """Give `result` the front-end class of `source`; a plain source leaves it plain."""
    if not isinstance(source, FrontendTensor):
        return result
    if torch.compiler.is_compiling():
        # dynamo knows the classes that it can look up again, not those that it derives from a tensor
        for kind in _KINDS:
            if isinstance(source, kind):
                return result.as_subclass(kind)
    return result.as_subclass(source.tensor_type if isinstance(source, FrontendParameter) else type(source))


def _on_plain(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], kind: type[Any]) -> Any:
    """Call a function on plain tensors, and give what it returns the class; an operand in place is the operand."""
    # in a graph, dynamo asks __torch_function__ about each question to a tensor of ours
    with torch._C.DisableTorchFunctionSubclass():
        plain_args = [_plain_of(each) for each in args]
        # what was given twice stays one: attention asks whether keys and values are
        for index, each in enumerate(args):
            if isinstance(each, torch.Tensor):
                first = next(place for place, other in enumerate(args) if other is each)
                plain_args[index] = plain_args[first]
        result = func(*plain_args, **{name: _plain_of(each) for name, each in kwargs.items()})
    if plain_args and result is plain_args[0]:
        return args[0]
    return _wrap(result, kind)


def _plain_of(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return plain(value)
    if isinstance(value, (list, tuple)) and any(isinstance(item, torch.Tensor) for item in value):
        return type(value)([_plain_of(item) for item in value])
    return value


def _converted(result: Any, kind: type[FrontendTensor]) -> Any:
    if isinstance(result, torch.Tensor):
        return result if isinstance(result, kind) else result.as_subclass(kind)
    if isinstance(result, (list, tuple)) and any(isinstance(item, torch.Tensor) for item in result):
        return type(result)([_converted(item, kind) for item in result])  # torch.return_types take one sequence too
    return result


def _wrap(result: Any, kind: type[FrontendTensor]) -> Any:
    if isinstance(result, torch.Tensor) and (type(result) is torch.Tensor or isinstance(result, FrontendParameter)):
        return result.as_subclass(kind)
    if isinstance(result, (list, tuple)) and any(isinstance(item, torch.Tensor) for item in result):
        return type(result)([_wrap(item, kind) for item in result])  # torch.return_types take one sequence too
    return result
