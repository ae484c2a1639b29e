"""Programs that are written before their data: what `static.data` stands for, and what is computed of it."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from ...tensor import plain
from .. import unique_name
from ..dtype import dtype_name, to_torch_dtype
from ..size import Size
from ..tensor import Parameter, Tensor
from .leaves import viewed
from .program import default_main_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["Variable", "data", "deferred", "listed", "reached", "recording", "value_of", "variables"]


class Variable:
    """What a program will compute: an operation on others, and the methods of a tensor.

    Functions of torch and of the front end that meet one give another, and so do operators.

    Args:
        function: the operation.
        *operands: of the operation; variables among them.
        **options: of the operation, likewise.
    """

    differentiates: ClassVar[bool] = False  # what others have computed
    computing: ClassVar[int] = 0  # how deep in computing values; what is called there draws at once

    def __init__(self, function: Callable[..., Any], *operands: Any, **options: Any) -> None:
        self._function = function
        self._operands = tuple(_tracked(each) for each in operands)
        self._options = {name: _tracked(each) for name, each in options.items()}
        self._name = ""
        self.is_overwritten = False
        for each in variables(self.operands):
            each.check()
        self.program = default_main_program()
        if not self.differentiates:  # which may be asked for outside of the program
            self.program.adopt(each for each in _flat(self.operands) if isinstance(each, Parameter))
        self._stops = False
        self._examples: dict[int, torch.Tensor] = {}

    def check(self) -> None:
        """Raise NotImplementedError where something was written over it, since only what it was is known."""
        if self.is_overwritten:
            msg = (
                "a variable of this program is read after something was written over it, which is not served here. "
                "Read what the function that wrote it returned."
            )
            raise NotImplementedError(msg)

    @property
    def name(self) -> str:
        """A name, by which `Executor.run` can be told to compute this; it is made when first asked for."""
        if not self._name:
            self.name = f"{unique_name.generate(getattr(self._function, '__name__', 'var').strip('_'))}.tmp_0"
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name
        self.program.variables[name] = self

    @property
    def stop_gradient(self) -> bool:
        """Whether gradients stop here."""
        return self._stops

    @stop_gradient.setter
    def stop_gradient(self, stop: bool) -> None:
        self._stops = stop

    def compute(self, known: dict[int, torch.Tensor], device: torch.device | None) -> torch.Tensor:
        """Return the value, with those of placeholders (by id), all moved to `device`; computed once each."""
        Variable.computing += 1
        try:
            self._compute(known, device)
        finally:
            Variable.computing -= 1
        return known[id(self)]

    def _compute(self, known: dict[int, torch.Tensor], device: torch.device | None) -> None:
        waiting: list[Variable] = [self]
        while waiting:  # not by recursion, whose depth Python limits: networks are deeper
            node = waiting[-1]
            missing = (
                [] if id(node) in known else [each for each in node.needed(known, device) if id(each) not in known]
            )
            if not missing:
                waiting.pop()
                if id(node) not in known:
                    known[id(node)] = node.result(known, device)
            waiting += reversed(missing)

    @property
    def operands(self) -> tuple[Any, ...]:
        """What it is an operation on, options included."""
        return (*self._operands, *self._options.values())

    def needed(self, known: dict[int, torch.Tensor], device: torch.device | None) -> list[Variable]:
        """Return what has to be known before it, of what is known so far."""
        return variables(self.operands)

    def result(self, known: dict[int, torch.Tensor], device: torch.device | None) -> torch.Tensor:
        """Return the value where all operands are known."""
        found: torch.Tensor = self._function(
            *[value_of(operand, known, device) for operand in self._operands],
            **{name: value_of(option, known, device) for name, option in self._options.items()},
        )
        return found.detach() if self._stops else found

    def placeholders(self) -> list[Placeholder]:
        """Return what has to be fed."""
        return [each for each in reached([self]) if isinstance(each, Placeholder)]

    def is_gradient(self) -> bool:
        """Return whether gradients are computed for it."""
        return any(each.differentiates for each in reached([self]))

    def parts(self) -> Iterator[Any]:
        """Go through this and its operands, and through lists among them."""
        yield self
        yield from _flat(self.operands)

    def needs(self, other: Any) -> bool:
        """Return whether it is computed from another variable or parameter, or is that."""
        return any(part is other for each in reached([self]) for part in each.parts())

    @property
    def shape(self) -> Size:
        """The shape; -1 is a size that the feed tells."""
        few, many = (self._example(unknown).shape for unknown in (61, 67))
        return Size([size if size == other else -1 for size, other in zip(few, many, strict=True)])

    @property
    def dtype(self) -> torch.dtype:
        """The data type."""
        return self._example(61).dtype

    @property
    def device(self) -> torch.device:
        """Where parameters that it meets are made: torch's default device."""
        return torch.empty(0).device

    def dim(self) -> int:
        """Return the number of axes."""
        return len(self.shape)

    def is_floating_point(self) -> bool:
        """Return whether its numbers are floating-point numbers."""
        return self.dtype.is_floating_point

    def _example(self, unknown: int) -> torch.Tensor:
        # what was found for one is kept, so that a network is not computed anew for each of its layers
        if unknown not in self._examples:
            nodes = reached([self])
            known = {id(each): each._examples[unknown] for each in nodes if unknown in each._examples}
            known |= {id(each): each.empty(unknown) for each in nodes if isinstance(each, Placeholder)}
            self.compute(known, torch.device("meta"))
            for each in nodes:
                if id(each) in known:
                    each._examples[unknown] = known[id(each)]
        return self._examples[unknown]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not callable(getattr(Tensor, name, None)):
            msg = f"a Variable has no {name!r} before it is computed: fetch it with Executor.run()."
            raise AttributeError(msg)
        return lambda *operands, **options: Variable(_method(name), self, *operands, **options)

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Iterable[type], args: Any = (), kwargs: Any = None
    ) -> Variable:
        return cls._recorded(func, *args, **(kwargs or {}))

    @staticmethod
    def _recorded(function: Callable[..., Any], *operands: Any, **options: Any) -> Variable:
        return Variable(function, *operands, **options)

    def __bool__(self) -> bool:
        msg = (
            "bool(Variable) is not known before it is computed; choose with static.nn.cond, or repeat with while_loop."
        )
        raise TypeError(msg)

    def __iter__(self) -> Iterator[Any]:
        msg = "a Variable cannot be gone through before it is computed. Index it, or unbind it where its size is known."
        raise TypeError(msg)

    def __repr__(self) -> str:
        return f"var : shape({', '.join(map(str, self.shape))}).dtype({dtype_name(self.dtype)})"


def _tracked(operand: Any) -> Any:
    """Return the parameter that an operand is a view of, or a variable that views it, in place of that view."""
    if isinstance(operand, (list, tuple)) and not hasattr(operand, "_fields"):
        return type(operand)([_tracked(each) for each in operand])
    leaf, geometry = viewed(operand)
    return Variable(torch.as_strided, leaf, *geometry) if geometry else leaf


def _method(name: str) -> Callable[..., Any]:
    """Return a function that calls a method of its first operand, whose class is known when it is computed."""

    def called(x: Any, *operands: Any, **options: Any) -> Any:
        return getattr(x, name)(*operands, **options)

    called.__name__ = name
    return called


def _operator(name: str) -> Callable[..., Variable]:
    def recorded(self: Variable, *operands: Any) -> Variable:
        return Variable(_method(name), self, *operands)

    return recorded


for _name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"]:
    setattr(Variable, f"__{_name}__", _operator(f"__{_name}__"))
    setattr(Variable, f"__r{_name}__", _operator(f"__r{_name}__"))
for _name in ["eq", "ne", "lt", "le", "gt", "ge", "neg", "getitem"]:
    setattr(Variable, f"__{_name}__", _operator(f"__{_name}__"))


class Placeholder(Variable):
    """What `data()` returns."""

    def __init__(
        self, name: str, shape: Sequence[int | None], dtype: torch.dtype, kind: type[torch.Tensor] = torch.Tensor
    ) -> None:
        super().__init__(lambda: None)
        self.name = name
        self._class = kind
        self._sizes = [-1 if size is None else int(size) for size in shape]
        self._kind = dtype

    @property
    def shape(self) -> Size:
        """The shape; -1 is a size that the feed tells."""
        return Size(self._sizes)

    @property
    def dtype(self) -> torch.dtype:
        """The data type."""
        return self._kind

    def empty(self, unknown: int) -> torch.Tensor:
        """Return a tensor of this shape without values, with `unknown` in place of -1."""
        sizes = [unknown if size < 0 else size for size in self._sizes]
        return torch.empty(sizes, dtype=self._kind, device="meta").as_subclass(self._class)

    def fed(self, feed: Mapping[str, Any]) -> torch.Tensor:
        """Return the array that was fed for it.

        Raises:
            ValueError: there is none, or it does not fit.
        """
        if self.name not in feed:
            msg = f"Variable {self.name!r} is not fed; feed has {', '.join(feed) or 'nothing'}."
            raise ValueError(msg)
        value = feed[self.name]
        tensor = plain(value) if isinstance(value, torch.Tensor) else torch.from_numpy(np.array(value))
        fits = len(tensor.shape) == len(self._sizes) and all(
            want in (-1, size) for want, size in zip(self._sizes, tensor.shape, strict=True)
        )
        if not fits:
            msg = (
                f"The fed Variable {self.name!r} should have dimensions = {len(self._sizes)}, shape = "
                f"{tuple(self._sizes)}, but received fed shape {list(tensor.shape)}."
            )
            raise ValueError(msg)
        if tensor.dtype != self._kind:
            msg = (
                f"The data type of fed Variable {self.name!r} must be {dtype_name(self._kind)!r}, but received "
                f"{dtype_name(tensor.dtype)!r}. Convert it with astype()."
            )
            raise ValueError(msg)
        return tensor.as_subclass(self._class)


def value_of(operand: Any, known: dict[int, torch.Tensor], device: torch.device | None) -> Any:
    if isinstance(operand, Variable):
        return operand.compute(known, device)
    if isinstance(operand, (list, tuple)):
        return type(operand)([value_of(each, known, device) for each in operand])
    if isinstance(operand, torch.Tensor) and device is not None:
        return plain(operand).to(device)
    return operand


def _flat(operands: Iterable[Any]) -> Iterator[Any]:
    """Go through operands, and through lists among them."""
    for operand in operands:
        if isinstance(operand, (list, tuple)):
            yield from _flat(operand)
        else:
            yield operand


def variables(operands: Iterable[Any]) -> list[Variable]:
    """Return the variables among operands, and in lists among them."""
    return [each for each in _flat(operands) if isinstance(each, Variable)]


def reached(operands: Iterable[Any]) -> list[Variable]:
    """Return the variables among operands, and all that those are computed from, once each."""
    found: dict[int, Variable] = {}
    waiting = variables(operands)
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found[id(each)] = each
            waiting += variables(each.operands)
    return list(found.values())


def recording(function: Callable[..., Any], *, several: bool = False) -> Callable[..., Any]:
    """Return a function that records its call where it meets what a program will compute, and is called elsewhere.

    Args:
        function: of tensors.
        several: whether it returns a list or tuple.
    """

    @functools.wraps(function)
    def recorded(*operands: Any, **options: Any) -> Any:
        if not variables((*operands, *options.values())):
            return function(*operands, **options)
        call = Variable(function, *operands, **options)
        if not several:
            return call
        results = call._example(61)
        return type(results)([Variable(operator.getitem, call, index) for index in range(len(results))])

    return recorded


def deferred(function: Callable[..., Any], input: Any, *operands: Any, **options: Any) -> Any:
    """Call a function of tensors, or record the call where `input` is what a program will compute."""
    call = Variable if isinstance(input, Variable) else None
    return function(input, *operands, **options) if call is None else call(function, input, *operands, **options)


def data(
    name: str, shape: Sequence[int | None], dtype: Any = None, *, kind: type[torch.Tensor] = torch.Tensor
) -> Placeholder:
    """Return what stands for an array that `Executor.run` will be fed.

    Args:
        name: the array's name in `feed`.
        shape: its sizes; -1 or None for those that the feed tells.
        dtype: its data type. Default: None, float32.
        kind: class of the tensor that it will be. Default: torch's.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import static
        >>> with static.program_guard(static.Program()):
        ...     x = data("x", [None, 2, 3, 3, 3])
        ...     y = static.nn.conv3d_transpose(x, 4, filter_size=2)
        >>> y.shape
        paddle.Size([-1, 4, 4, 4, 4])
        >>> (output,) = static.Executor().run(feed={"x": numpy.ones((5, 2, 3, 3, 3), "float32")}, fetch_list=[y])
        >>> output.shape
        (5, 4, 4, 4, 4)
    """
    return Placeholder(name, shape, torch.float32 if dtype is None else to_torch_dtype(dtype), kind)


def listed(value: Any) -> list[Any]:
    """Return a list of what is given in one, or by itself; None is nothing."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
