"""What a run of a program changes, once an optimizer has been told to minimize a loss of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from ...tensor import plain
from .graph import Variable, reached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tensor import Parameter

__all__ = ["Update", "learned"]


@dataclass(frozen=True)
class Update:
    """A step of an optimizer.

    Attributes:
        loss: what is minimized.
        parameters: what is changed.
        optimizer: says by how much.
        schedule: the learning rate that was asked for, a number or what changes it.
    """

    loss: Variable
    parameters: list[Parameter]
    optimizer: Any
    schedule: Any

    def apply(self, loss: torch.Tensor) -> None:
        """Change the parameters by the gradients of a loss that was computed of them."""
        found = torch.autograd.grad(plain(loss), self.parameters, allow_unused=True)
        for parameter, gradient in zip(self.parameters, found, strict=True):
            parameter.grad = gradient
        self.optimizer.step()
        for parameter in self.parameters:
            parameter.grad = None

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
