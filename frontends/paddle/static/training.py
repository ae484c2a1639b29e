"""What a run of a program changes, once an optimizer has been told to minimize a loss of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...tensor import plain
from .. import unique_name
from ..tensor import Tensor
from ..values import single
from .graph import Variable, reached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Parameter
    from .program import Program

__all__ = ["Update", "learned"]


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
        at = torch.tensor([schedule.step_num - 1]) if self._counts else torch.tensor([schedule], dtype=torch.float32)
        self.position: Any = at.as_subclass(Tensor)
        self.position.name = "@LR_DECAY_COUNTER@" if self._counts else unique_name.generate("learning_rate")
        optimizer._begin_state(parameters)
        startup.begins(self.state())

    def state(self) -> dict[str, Any]:
        """Return what the optimizer has accumulated and where it is, as the tensors themselves, by name."""
        return {**self.optimizer._accumulators.state_dict(), self.position.name: self.position}

    def apply(self, loss: torch.Tensor) -> None:
        """Change the parameters by the gradients of a loss that was computed of them."""
        found = torch.autograd.grad(plain(loss), self.parameters, allow_unused=True)
        for parameter, gradient in zip(self.parameters, found, strict=True):
            parameter.grad = gradient
        self._go_on()
        self.optimizer.step()
        if self._counts:
            plain(self.position).fill_(self.schedule.step_num - 1)
        for parameter in self.parameters:
            parameter.grad = None

    def _go_on(self) -> None:
        """Take the place that was loaded."""
        position = plain(self.position).item()
        schedule = self.schedule
        if not self._counts and position != single(float(schedule)):
            self.optimizer.set_lr(position)
        while hasattr(schedule, "step_num"):  # one in another counts the same steps
            schedule.step_num = int(position) + 1
            schedule = schedule.learning_rate

    def rate(self) -> torch.Tensor:
        """Return the learning rate of the last step."""
        return torch.tensor([self.optimizer.get_lr()], dtype=torch.float32)


def learned(loss: Variable, among: Iterable[Any], without: Iterable[Any] = ()) -> list[Parameter]:
    """Return the parameters that a loss is computed from and that are learned.

    Args:
        loss: the loss.
        among: parameters.
        without: those, or their names, that are not.
    """
    read = {id(part) for each in reached([loss]) for part in each.parts()}
    left_out = {each if isinstance(each, str) else each.name for each in without}
    return [each for each in among if id(each) in read and each.trainable and each.name not in left_out]
