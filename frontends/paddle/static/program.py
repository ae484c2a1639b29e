"""Where the functions in `static.nn` keep the parameters that they create."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import torch

from .. import unique_name
from ..creation import new_parameter
from ..values import fitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..attributes import ParamAttr
    from ..nn.initializer import Initializer
    from ..tensor import Parameter

__all__ = ["Program", "default_main_program", "program_guard"]


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
        # what static graphs will compute, by the names that were asked for
        self.variables: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self.for_test = False
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
        made.variables.update(self.variables)
        made.for_test = for_test
        return made

    def global_block(self) -> Program:
        """Return the program: it has one block, and that is it."""
        return self

    current_block = global_block

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
        """Go through the parameters, and the variables that have been named."""
        yield from [*self._parameters.values(), *self.variables.values()]

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
        like: torch.Tensor,
        *,
        is_bias: bool = False,
        default_initializer: Initializer | None = None,
    ) -> Parameter:
        """Return the parameter that `attr` names, or a new one.

        Args:
            shape: its sizes.
            attr: its name and how it is created; a parameter that exists keeps what it was created with.
            prefix: of a generated name.
            like: tensor of the dtype and device wanted.
            is_bias: whether it is zero at first. Default: False.
            default_initializer: first values where `attr` names none. Default: None, Xavier uniform or zero.

        Raises:
            ValueError: a parameter of that name has another shape or dtype.
        """
        known = None if attr.name is None else self._parameters.get(attr.name)
        if known is None:
            name = attr.name or unique_name.generate(f"{prefix}.{'b' if is_bias else 'w'}")
            known = new_parameter(
                shape,
                attr,
                name,
                like.dtype,
                is_bias=is_bias,
                default_initializer=default_initializer,
                device=like.device,
            )
            self._parameters[name] = known
        elif known.shape != shape or known.dtype != like.dtype:
            msg = (
                f"Variable {attr.name!r} has been created before. The previous shape is {list(known.shape)} of "
                f"{known.dtype}, the new shape is {list(shape)} of {like.dtype}. They are not matched; choose another "
                f"name."
            )
            raise ValueError(msg)
        return known


_main = Program()


def default_main_program() -> Program:
    """Return the program that calls add their parameters to now."""
    return _main


@contextlib.contextmanager
def program_guard(main_program: Program, startup_program: Program | None = None) -> Iterator[None]:
    """Make `main_program` the default one inside the block.

    Args:
        main_program: where parameters go.
        startup_program: in Paddle it holds what initialises them; here they are initialised when created, and it
            stays empty. Default: None.

    Raises:
        TypeError: an argument is no program.

    >>> program = Program()
    >>> with program_guard(program):
    ...     default_main_program() is program
    True
    """
    global _main  # noqa: PLW0603
    for name, value in (("main_program", main_program), ("startup_program", startup_program or main_program)):
        if not isinstance(value, Program):
            msg = f"{name}={value!r} is a {type(value).__name__}; it must be a static.Program."
            raise TypeError(msg)
    outer, _main = _main, main_program
    try:
        yield
    finally:
        _main = outer
