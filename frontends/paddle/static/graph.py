"""Programs that are written before their data: what `static.data` stands for, and the `Executor` that computes it."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import plain
from .. import unique_name
from ..dtype import dtype_name, to_torch_dtype
from ..place import to_device
from ..size import Size
from ..tensor import Tensor
from .program import Program, default_main_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Executor", "Variable", "data", "default_startup_program", "deferred", "recording"]


class Variable:
    """What a program will compute: an operation on others, and the methods of a tensor.

    Functions of torch and of the front end that meet one give another, and so do operators.

    Args:
        function: the operation.
        *operands: of the operation; variables among them.
        **options: of the operation, likewise.
    """

    def __init__(self, function: Callable[..., Any], *operands: Any, **options: Any) -> None:
        self._function = function
        self._operands = operands
        self._options = options
        self._name = ""

    @property
    def name(self) -> str:
        """A name, by which `Executor.run` can be told to compute this; it is made when first asked for."""
        if not self._name:
            self.name = f"{unique_name.generate(getattr(self._function, '__name__', 'var').strip('_'))}.tmp_0"
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name
        default_main_program().variables[name] = self

    def compute(self, known: dict[int, torch.Tensor], device: torch.device | None) -> torch.Tensor:
        """Return the value, with those of placeholders (by id), all moved to `device`; computed once each."""
        if id(self) not in known:
            result = self._function(
                *[_value(operand, known, device) for operand in self._operands],
                **{name: _value(option, known, device) for name, option in self._options.items()},
            )
            known[id(self)] = result
        return known[id(self)]

    def placeholders(self) -> list[Placeholder]:
        """Return what has to be fed."""
        parts = _variables((*self._operands, *self._options.values()))
        return list({id(found): found for part in parts for found in part.placeholders()}.values())

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
        meta = torch.device("meta")
        return self.compute({id(each): each.empty(unknown) for each in self.placeholders()}, meta)

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

    def __repr__(self) -> str:
        return f"var : shape({', '.join(map(str, self.shape))}).dtype({dtype_name(self.dtype)})"


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

    def placeholders(self) -> list[Placeholder]:
        """Return this one."""
        return [self]

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


def _value(operand: Any, known: dict[int, torch.Tensor], device: torch.device | None) -> Any:
    if isinstance(operand, Variable):
        return operand.compute(known, device)
    if isinstance(operand, (list, tuple)):
        return type(operand)([_value(each, known, device) for each in operand])
    if isinstance(operand, torch.Tensor) and device is not None:
        return plain(operand).to(device)
    return operand


def _variables(operands: Iterable[Any]) -> list[Variable]:
    """Return the variables among operands, and in lists among them."""
    found = []
    for operand in operands:
        if isinstance(operand, Variable):
            found.append(operand)
        elif isinstance(operand, (list, tuple)):
            found += _variables(operand)
    return found


def recording(function: Callable[..., Any], *, several: bool = False) -> Callable[..., Any]:
    """Return a function that records its call where it meets what a program will compute, and is called elsewhere.

    Args:
        function: of tensors.
        several: whether it returns a list or tuple.
    """

    @functools.wraps(function)
    def recorded(*operands: Any, **options: Any) -> Any:
        if not _variables((*operands, *options.values())):
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
        >>> (output,) = Executor().run(feed={"x": numpy.ones((5, 2, 3, 3, 3), "float32")}, fetch_list=[y])
        >>> output.shape
        (5, 4, 4, 4, 4)
    """
    return Placeholder(name, shape, torch.float32 if dtype is None else to_torch_dtype(dtype), kind)


_startup = Program()


def default_startup_program() -> Program:
    """Return the program that initialises parameters in Paddle; here they are when created, and it is empty."""
    return _startup


class Executor:
    """Computes what a program was written to compute.

    Args:
        place: where. Default: None, torch's default device.
    """

    def __init__(self, place: Any = None) -> None:
        self._device = to_device(place)

    def run(
        self,
        program: Program | None = None,
        feed: Mapping[str, Any] | None = None,
        fetch_list: Sequence[Variable | str] | None = None,
    ) -> list[np.ndarray[Any, Any]]:
        """Return the arrays of `fetch_list`, computed from those in `feed`; gradients are not recorded.

        Args:
            program: None, or a program; a variable knows what it is computed from, whatever the program.
            feed: arrays by the names of `data()`. Default: None.
            fetch_list: what to compute, or its names. Default: None, nothing.

        Raises:
            ValueError: an array is missing or does not fit.
            TypeError: `program` is no program, or something in `fetch_list` no variable.
        """
        if not isinstance(program, (Program, type(None))):
            msg = f"program={program!r} is a {type(program).__name__}; it must be a static.Program or None."
            raise TypeError(msg)
        known_names = (program or default_main_program()).variables
        wanted = [known_names.get(each, each) if isinstance(each, str) else each for each in fetch_list or ()]
        if not all(isinstance(variable, Variable) for variable in wanted):
            msg = "fetch_list must hold what static.data() or functions of it returned, or their names."
            raise TypeError(msg)
        placeholders = {id(each): each for variable in wanted for each in variable.placeholders()}
        arrays = feed or {}
        with torch.no_grad():
            known: dict[int, torch.Tensor] = {
                key: each.fed(arrays).to(self._device) for key, each in placeholders.items()
            }
            return [plain(variable.compute(known, self._device)).cpu().numpy() for variable in wanted]
