"""What a run of a program changes, once an optimizer has been told to minimize a loss of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ...tensor import plain
from .. import unique_name
from ..optimization.scheduler import Schedule
from ..tensor import Tensor
from ..values import single
from .derivatives import gradients
from .graph import Variable, listed, reached
from .program import default_startup_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Parameter
    from .program import Program

__all__ = ["Update", "append_backward", "learned", "minimized"]


class Update:
    """A step of an optimizer, and what it goes on from.

    Args:
        loss: what is minimized.
        parameters: what is changed.
        optimizer: says by how much.
        schedule: the learning rate that was asked for, a number or what changes it.
        startup: the program whose runs begin anew.

    Attributes:
        position: a tensor that is saved and loaded: the number of the last step, or the learning rate.
    """

    def __init__(
        self, loss: Variable, parameters: list[Parameter], optimizer: Any, schedule: Any, startup: Program
    ) -> None:
        self.loss, self.parameters, self.optimizer, self.schedule = loss, parameters, optimizer, schedule
        self._counts = hasattr(schedule, "step_num")
        # one that a script steps by itself says what the rate is, whatever was loaded
        self._follows = isinstance(schedule, Schedule) and not self._counts
        rate = schedule() if self._follows else schedule
        at = torch.tensor([schedule.step_num - 1]) if self._counts else torch.full(optimizer.rate_shape, float(rate))
        self.position: Any = at.as_subclass(Tensor)
        self.position.name = "@LR_DECAY_COUNTER@" if self._counts else unique_name.generate("learning_rate")
        optimizer._begin_state(parameters)
        self._followers: list[Any] = []
        startup.begins(self.state())

    def follow(self, follower: Any) -> None:
        """Call the `step()` of something after each step, and keep its `state()` with that of the optimizer."""
        self._followers.append(follower)

    def state(self) -> dict[str, Any]:
        """Return what the optimizer has accumulated and where it is, as the tensors themselves, by name."""
        kept = {**self.optimizer._accumulators.state_dict(), self.position.name: self.position}
        for follower in self._followers:
            kept |= follower.state()
        return kept

    def scheduled(self) -> list[Any]:
        """Return where the learning rate is, if a scheduler says so that a script steps by itself."""
        return [self.position] if self._follows else []

    def apply(self, loss: torch.Tensor) -> None:
        """Change the parameters by the gradients of a loss that was computed of them."""
        found = torch.autograd.grad(plain(loss), self.parameters, allow_unused=True)
        for parameter, gradient in zip(self.parameters, found, strict=True):
            parameter.grad = gradient
        self._go_on()
        self.optimizer.step()
        if self._counts or self._follows:
            plain(self.position).fill_(self.schedule.step_num - 1 if self._counts else self.optimizer.get_lr())
        for parameter in self.parameters:
            parameter.grad = None
        for follower in self._followers:
            follower.step()

    def _go_on(self) -> None:
        """Take the place that was loaded."""
        position = plain(self.position).item()
        schedule = self.schedule
        if not (self._counts or self._follows) and position != single(float(schedule)):
            self.optimizer.set_lr(position)
        while hasattr(schedule, "step_num"):  # one in another counts the same steps
            schedule.step_num = int(position) + 1
            schedule = schedule.learning_rate

    def rate(self) -> torch.Tensor:
        """Return the learning rate of the last step."""
        return torch.tensor([self.optimizer.get_lr()], dtype=torch.float32)


def minimized(
    optimizer: Any, loss: Variable, startup_program: Program | None, parameters: Any, no_grad_set: Any
) -> tuple[list[Any], list[tuple[Parameter, Variable]]]:
    """Tell a program to make a step of an optimizer whenever it is run.

    Args:
        optimizer: which has its parameters, or waits for them.
        loss: of one value.
        startup_program: begins anew. Default: None, the one of now.
        parameters: those that an optimizer which waits changes, or their names. None: all that are learned.
        no_grad_set: those that stay.

    Returns:
        an empty list, and (parameter, gradient) pairs.

    Raises:
        AssertionError: the loss has more values than one.
        ValueError: no parameter is learned from the loss.
        NotImplementedError: the program minimizes another loss already.
    """
    program = loss.program
    optimizer.check_loss(loss)
    if program.update is not None:
        msg = "minimize: the program minimizes a loss already, and makes one step. Write another program for this."
        raise NotImplementedError(msg)
    waiting = optimizer._waiting
    if waiting is None:
        among = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        chosen = learned(loss, among, no_grad_set)
    else:
        chosen = learned(loss, _named(program, parameters), no_grad_set)
        optimizer._begin_with(chosen, waiting.get("grad_clip") or program.gradient_clip)
    startup = startup_program or default_startup_program()
    program.update = Update(loss, chosen, optimizer, optimizer._learning_rate, startup)
    return [], list(zip(chosen, gradients([loss], chosen), strict=True))


def append_backward(
    loss: Variable,
    parameter_list: Any = None,
    no_grad_set: Any = None,
    callbacks: Any = None,
    checkpoints: Any = None,
    distop_context: Any = None,
) -> list[tuple[Parameter, Variable]]:
    """Return (parameter, gradient) pairs of what a loss is computed from; gradients are computed where they are run.

    Args:
        loss: of one value.
        parameter_list: parameters or their names. Default: None, all that are learned.
        no_grad_set: those that are left out.
        callbacks: must be None: nothing is appended that they could be called for.
        checkpoints: has no effect: it is about memory alone.
        distop_context: must be None.

    Raises:
        TypeError: the loss is nothing that a program will compute.
        AssertionError: it has more values than one.
        NotImplementedError: there are callbacks, or a context.
    """
    if not isinstance(loss, Variable):
        msg = f"The type of 'loss' in append_backward must be Variable, but received {type(loss).__name__}."
        raise TypeError(msg)
    if callbacks is not None or distop_context is not None:
        msg = "append_backward: callbacks and distop_context are not served here. Leave them out."
        raise NotImplementedError(msg)
    if math.prod(loss.shape) != 1:
        msg = f"The loss should be one value; it has shape {list(loss.shape)}. Call paddle.mean to process it."
        raise AssertionError(msg)
    chosen = learned(loss, _named(loss.program, parameter_list), no_grad_set)
    return list(zip(chosen, gradients([loss], chosen), strict=True))


def _named(program: Program, parameters: Any) -> list[Any]:
    """Return the parameters of a program that are listed, themselves or by their names; all where nothing is."""
    names = {each if isinstance(each, str) else each.name for each in listed(parameters)}
    return [each for each in program.all_parameters() if not names or each.name in names]


def learned(loss: Variable, among: Iterable[Any], without: Any = None) -> list[Parameter]:
    """Return the parameters that a loss is computed from and that are learned.

    Args:
        loss: the loss.
        among: parameters.
        without: those, or their names, that are not.

    Raises:
        ValueError: there are none.
    """
    read = {id(part) for each in reached([loss]) for part in each.parts()}
    given = without if isinstance(without, (set, frozenset)) else listed(without)
    left_out = {each if isinstance(each, str) else each.name for each in given}
    found = [each for each in among if id(each) in read and each.trainable and each.name not in left_out]
    if not found:
        msg = "the loss is computed from no parameter that is learned, of those given; there is nothing to minimize."
        raise ValueError(msg)
    return found
