"""Programs that are written before their data: what `static.data` stands for, and the `Executor` that computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import plain
from ..dtype import dtype_name, to_torch_dtype
from ..place import to_device
from ..size import Size
from ..tensor import Tensor
from .program import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Executor", "Variable", "data", "default_startup_program", "deferred"]


class Variable:
    """What a program will compute: an operation on others, and the methods of a tensor.

    Functions of torch and of the front end that meet one give another.

    Args:
        function: the operation.
        *operands: of the operation; variables among them.
        **options: of the operation, likewise.
    """

    def __init__(self, function: Callable[..., Any], *operands: Any, **options: Any) -> None:
        self._function = function
        self._operands = operands
        self._options = options

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
        parts = [part for part in (*self._operands, *self._options.values()) if isinstance(part, Variable)]
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
        method = None if name.startswith("_") else getattr(Tensor, name, None)
        if not callable(method):
            msg = f"a Variable has no {name!r} before it is computed: fetch it with Executor.run()."
            raise AttributeError(msg)
        return lambda *operands, **options: Variable(method, self, *operands, **options)

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


class Placeholder(Variable):
    """What `data()` returns."""

    def __init__(self, name: str, shape: Sequence[int | None], dtype: torch.dtype) -> None:
        super().__init__(lambda: None)
        self.name = name
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
        return torch.empty([unknown if size < 0 else size for size in self._sizes], dtype=self._kind, device="meta")

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
        return tensor


def _value(operand: Any, known: dict[int, torch.Tensor], device: torch.device | None) -> Any:
    if isinstance(operand, Variable):
        return operand.compute(known, device)
    if isinstance(operand, torch.Tensor) and device is not None:
        return plain(operand).to(device)
    return operand


def deferred(function: Callable[..., Any], input: Any, *operands: Any, **options: Any) -> Any:
    """Call a function of tensors, or record the call where `input` is what a program will compute."""
    call = Variable if isinstance(input, Variable) else None
    return function(input, *operands, **options) if call is None else call(function, input, *operands, **options)


def data(name: str, shape: Sequence[int | None], dtype: Any = None) -> Placeholder:
    """Return what stands for an array that `Executor.run` will be fed.

    Args:
        name: the array's name in `feed`.
        shape: its sizes; -1 or None for those that the feed tells.
        dtype: its data type. Default: None, float32.

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
    return Placeholder(name, shape, torch.float32 if dtype is None else to_torch_dtype(dtype))


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
        fetch_list: Sequence[Variable] | None = None,
    ) -> list[np.ndarray[Any, Any]]:
        """Return the arrays of `fetch_list`, computed from those in `feed`; gradients are not recorded.

        Args:
            program: None, or a program; a variable knows what it is computed from, whatever the program.
            feed: arrays by the names of `data()`. Default: None.
            fetch_list: what to compute. Default: None, nothing.

        Raises:
            ValueError: an array is missing or does not fit.
            TypeError: `program` is no program, or something in `fetch_list` no variable.
        """
        if not isinstance(program, (Program, type(None))):
            msg = f"program={program!r} is a {type(program).__name__}; it must be a static.Program or None."
            raise TypeError(msg)
        wanted = list(fetch_list or ())
        if not all(isinstance(variable, Variable) for variable in wanted):
            msg = "fetch_list must hold what static.data() or functions of it returned."
            raise TypeError(msg)
        placeholders = {id(each): each for variable in wanted for each in variable.placeholders()}
        arrays = feed or {}
        with torch.no_grad():
            known: dict[int, torch.Tensor] = {
                key: each.fed(arrays).to(self._device) for key, each in placeholders.items()
            }
            return [plain(variable.compute(known, self._device)).cpu().numpy() for variable in wanted]
