"""Where the functions in `static.nn` keep the parameters that they create."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary, ref

import torch

from ...tensor import plain
from .. import unique_name
from ..creation import new_parameter
from ..values import fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..attributes import ParamAttr
    from ..nn.initializer import Initializer
    from ..tensor import Parameter

__all__ = ["Program", "default_main_program", "default_startup_program", "program_guard"]


# the parameters of what programs compute, by name: the last of each
_SCOPE: WeakValueDictionary[str, Parameter] = WeakValueDictionary()


def _same(tensor: Any) -> Any:
    return tensor


@dataclass
class _Initial:
    """A parameter of what programs compute, or what an optimizer keeps, and what makes its first values again.

    Attributes:
        parameter: gives it, or None where it is no more.
        again: gives one like it, with its first values.
        fresh: whether it has the values that it was created with, which the first run of the startup program takes.
    """

    parameter: Callable[[], Any]
    again: Callable[[], Any]
    fresh: bool = True


class Program:
    """The parameters that calls made, by name; it holds no operations, for calls run at once.

    Example:
        >>> import torch
        >>> from fourfold.frontends.paddle import static
        >>> program = static.Program()
        >>> with static.program_guard(program):
        ...     for _ in range(2):
        ...         y = static.nn.conv3d_transpose(
        ...             torch.ones(1, 2, 3, 3, 3), 4, filter_size=2, param_attr="up.w", bias_attr=False
        ...         )
        >>> [parameter.name for parameter in program.all_parameters()]
        ['up.w']
    """

    def __init__(self) -> None:
        self._parameters: dict[str, Parameter] = {}
        # what static graphs will compute, by the names that were asked for; clones have the same
        self.variables: dict[str, Any] = {}
        self.for_test = False
        # how a run changes the parameters, once an optimizer has been told to minimize a loss
        self.update: Any = None
        self.gradient_clip: Any = None  # of optimizers that have none of their own
        # of a startup program: what a run gives first values, by name
        self._initial: dict[str, _Initial] = {}
        self._seed = 0

    @property
    def random_seed(self) -> int:
        """What random numbers begin with; 0, the default, leaves torch's generator alone."""
        return self._seed

    @random_seed.setter
    def random_seed(self, seed: int) -> None:
        if not isinstance(seed, int):
            msg = f"Program.random_seed's input seed must be an integer, but received {type(seed).__name__}."
            raise ValueError(msg)
        self._seed = seed
        if seed:
            torch.manual_seed(seed)

    def clone(self, for_test: bool = False) -> Program:
        """Return a program of the same parameters and variables.

        Args:
            for_test: whether dropout and batch normalisation behave as in tests where an executor runs it.
        """
        made = Program()
        made._parameters.update(self._parameters)
        made.variables = self.variables
        made.for_test = for_test
        made.update, made.gradient_clip = None if for_test else self.update, self.gradient_clip
        return made

    def begins(self, tensors: Mapping[str, torch.Tensor], like: Mapping[str, torch.Tensor] | None = None) -> None:
        """Let runs of this startup program give tensors the values that they have now, or those of others then."""
        for name, each in tensors.items():
            first = plain(each).clone() if like is None else like[name]
            self._initial[name] = _Initial(functools.partial(_same, each), functools.partial(_same, first))

    def adopt(self, parameters: Iterable[Parameter]) -> None:
        """Add parameters of layers that were called with what this program will compute.

        Runs of the startup program give them the values that they have when they are first met.

        Raises:
            NotImplementedError: another parameter has the name of one.
        """
        for each in parameters:
            known = self._parameters.get(each.name)
            if known is None:
                self._parameters[each.name] = _SCOPE[each.name] = each
                _startup.begins({each.name: each})
            elif known is not each:
                msg = f"{each.name} is the name of another parameter of this program too. Give one of them another."
                raise NotImplementedError(msg)

    def initialise(self) -> None:
        """Give the parameters whose startup program this is their first values, as a run of it does."""
        for each in self._initial.values():
            parameter = each.parameter()
            if parameter is None or each.fresh:
                each.fresh = False
                continue
            with torch.no_grad():
                plain(parameter).copy_(plain(each.again()))

    def global_block(self) -> Program:
        """Return the program: it has one block, and that is it."""
        return self

    current_block = global_block

    @property
    def num_blocks(self) -> int:
        """How many blocks there are: one."""
        return 1

    def var(self, name: str) -> Any:
        """Return the parameter or variable of a name.

        Raises:
            ValueError: there is none.
        """
        found = self._parameters.get(name, self.variables.get(name))
        if found is None:
            msg = f"var {name} not in this block; it has {', '.join([*self._parameters, *self.variables]) or 'none'}."
            raise ValueError(msg)
        return found

    def list_vars(self) -> Iterator[Any]:
        """Go through the parameters, what an optimizer keeps of them, and the variables that have been named."""
        kept = {} if self.update is None else self.update.state()
        yield from [*self._parameters.values(), *kept.values(), *self.variables.values()]

    def all_parameters(self) -> list[Parameter]:
        """Return the parameters in the order in which they were created, to be given to an optimizer."""
        return list(self._parameters.values())

    def state_dict(self) -> dict[str, Parameter]:
        """Return the live parameters by name."""
        return dict(self._parameters)

    def set_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Copy arrays or tensors into the parameters of those names.

        Raises:
            KeyError: there is no such parameter.
            AssertionError: a shape or dtype differs. Nothing is copied then.
        """
        unknown = [name for name in state_dict if name not in self._parameters]
        if unknown:
            msg = f"{unknown} are no parameters of this program; it has {list(self._parameters)}. Run the model first."
            raise KeyError(msg)
        values = {name: fitting(value, self._parameters[name], name) for name, value in state_dict.items()}
        with torch.no_grad():
            for name, value in values.items():
                self._parameters[name].copy_(value)

    def parameter(
        self,
        shape: tuple[int, ...],
        attr: ParamAttr,
        prefix: str,
        like: Any,
        *,
        is_bias: bool = False,
        default_initializer: Initializer | None = None,
        dtype: torch.dtype | None = None,
    ) -> Parameter:
        """Return the parameter that `attr` names, or a new one.

        Args:
            shape: its sizes.
            attr: its name and how it is created; a parameter that exists keeps what it was created with.
            prefix: of a generated name.
            like: tensor of the dtype and device wanted.
            is_bias: whether it is zero at first. Default: False.
            default_initializer: first values where `attr` names none. Default: None, Xavier uniform or zero.
            dtype: another than that of `like`. Default: None.

        Raises:
            ValueError: a parameter of that name has another shape or dtype.
        """
        kind = dtype or like.dtype
        device = None if like is None else like.device
        known = None if attr.name is None else self._parameters.get(attr.name)
        if known is None:
            name = attr.name or unique_name.generate(f"{prefix}.{'b' if is_bias else 'w'}")

            def made() -> Parameter:
                options: Any = {"is_bias": is_bias, "default_initializer": default_initializer, "device": device}
                return new_parameter(shape, attr, name, kind, **options)

            # what is computed at once has parameters of its own; programs have those of their startup program
            known = made() if isinstance(like, torch.Tensor) else _started(name, made, shape, kind)
            self._parameters[name] = known
        elif known.shape != shape or known.dtype != kind:
            msg = (
                f"Variable {attr.name!r} has been created before. The previous shape is {list(known.shape)} of "
                f"{known.dtype}, the new shape is {list(shape)} of {kind}. They are not matched; choose another "
                f"name."
            )
            raise ValueError(msg)
        return known


_main = Program()
_startup = Program()


def _started(name: str, make: Callable[[], Parameter], shape: tuple[int, ...], dtype: torch.dtype) -> Parameter:
    """Return the parameter of a name that programs of this startup program share, or a new one."""
    before = _startup._initial.get(name)
    known = None if before is None else before.parameter()
    if known is None or tuple(known.shape) != tuple(shape) or known.dtype != dtype:
        known = make()
        _startup._initial[name] = _Initial(ref(known), make)
        _SCOPE[name] = known
    return known


def found(name: str) -> Any:
    """Return what has a name: of the main program, or the last parameter that a program computes with."""
    kept = {} if _main.update is None else _main.update.state()
    return {**kept, **_main.state_dict()}.get(name, _SCOPE.get(name))


def default_main_program() -> Program:
    """Return the program that calls add their parameters to now."""
    return _main


def default_startup_program() -> Program:
    """Return the program that gives parameters their first values; they have them since they were created."""
    return _startup


@contextlib.contextmanager
def program_guard(main_program: Program, startup_program: Program | None = None) -> Iterator[None]:
    """Make `main_program` the default one inside the block.

    Args:
        main_program: where parameters go.
        startup_program: what gives those of what programs compute their first values again where an executor runs
            it, but for the first time, for they have them since they were created; programs that share it share the
            parameters of a name. Default: None, as it is.

    Raises:
        TypeError: an argument is no program.

    >>> program = Program()
    >>> with program_guard(program):
    ...     default_main_program() is program
    True
    """
    global _main, _startup
    for name, value in (("main_program", main_program), ("startup_program", startup_program or main_program)):
        if not isinstance(value, Program):
            msg = f"{name}={value!r} is a {type(value).__name__}; it must be a static.Program."
            raise TypeError(msg)
    outer = _main, _startup
    _main, _startup = main_program, startup_program or _startup
    try:
        yield
    finally:
        _main, _startup = outer
