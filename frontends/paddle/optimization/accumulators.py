"""What optimizers accumulate, under Paddle's names: `conv3d_0.w_0_moment1_0`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import plain
from .. import unique_name
from ..tensor import Tensor
from ..values import fitting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ADAM", "MOMENTUM", "Accumulator", "Accumulators"]


@dataclass(frozen=True)
class Accumulator:
    """One tensor per parameter.

    Attributes:
        name: Paddle's, put between a parameter's name and a number.
        key: torch's, in the state of a parameter; None: a power of a beta, where torch counts steps.
        beta: which of the betas.
    """

    name: str
    key: str | None
    beta: int = 0


MOMENTUM = (Accumulator("velocity", "momentum_buffer"),)
ADAM = (
    Accumulator("moment1", "exp_avg"),
    Accumulator("moment2", "exp_avg_sq"),
    Accumulator("beta1_pow_acc", None, 0),
    Accumulator("beta2_pow_acc", None, 1),
)
# by then both of Adam's corrections are 1 in float32
LONG_AGO = 1 << 20


class Accumulators:
    """The names of what a torch optimizer holds.

    Args:
        optimizer: the optimizer.
        kinds: what it accumulates for every parameter.
        prefix: of their names, from that of the optimizer. Default: ''.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, kinds: tuple[Accumulator, ...], prefix: str = "") -> None:
        self.optimizer = optimizer
        self.kinds = kinds
        self.prefix = prefix
        self.names: dict[torch.Tensor, list[str]] = {}
        self.waiting: Mapping[str, Any] = {}

    def begin(self, parameters: Iterable[torch.Tensor]) -> None:
        """Name what the next step creates, as Paddle does then, and fill it if a loaded state waits for it."""
        for parameter in parameters if self.kinds else ():
            if parameter not in self.names:
                own = getattr(parameter, "name", None) or unique_name.generate("parameter")
                self.names[parameter] = [unique_name.generate(f"{own}_{self.prefix}{kind.name}") for kind in self.kinds]
                if self.waiting:
                    self._fill(parameter, self.waiting)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the accumulated tensors, kind by kind."""
        return {
            names[index]: self._value(parameter, kind, names[index])
            for index, kind in enumerate(self.kinds)
            for parameter, names in self.names.items()
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Overwrite what is there, and keep the rest for `begin`; nothing is overwritten unless all of it is there."""
        for names in self.names.values():
            self._check(names, state)
        for parameter in self.names:
            self._fill(parameter, state)
        self.waiting = state

    def _check(self, names: list[str], state: Mapping[str, Any]) -> None:
        missing = [name for name in names if name not in state]
        if missing:
            msg = f"optimizer Tensor {missing[0]} not found; the state has {', '.join(map(str, state)) or 'nothing'}."
            raise AssertionError(msg)

    def _value(self, parameter: torch.Tensor, kind: Accumulator, name: str) -> Tensor:
        state = self.optimizer.state[parameter]
        if kind.key is not None:
            value = plain(state[kind.key]).as_subclass(Tensor)
        else:
            # Paddle starts from beta itself, so that its power is one ahead of the steps
            power = self._betas(parameter)[kind.beta] ** (float(state["step"]) + 1)
            value = torch.tensor([power], dtype=torch.float32).as_subclass(Tensor)
        value.name = name
        return value

    def _fill(self, parameter: torch.Tensor, state: Mapping[str, Any]) -> None:
        names = self.names[parameter]
        self._check(names, state)
        own = self.optimizer.state[parameter]
        powers = []
        for name, kind in zip(names, self.kinds, strict=True):
            if kind.key is None:
                powers.append(float(np.asarray(state[name]).reshape(())))
            else:
                own[kind.key] = fitting(state[name], own.get(kind.key, parameter), name).to(parameter.device, copy=True)
        if powers:
            own["step"] = torch.tensor(_steps(powers, self._betas(parameter)))

    def _betas(self, parameter: torch.Tensor) -> tuple[float, float]:
        groups = self.optimizer.param_groups
        betas: tuple[float, float] = next(
            group["betas"] for group in groups if any(member is parameter for member in group["params"])
        )
        return betas


def _steps(powers: list[float], betas: tuple[float, float]) -> float:
    """Return after how many steps the powers are what they are, by the one that can tell.

    >>> _steps([0.9**4, 0.999**4], (0.9, 0.999))
    3.0
    """
    for power, beta in zip(reversed(powers), reversed(betas), strict=True):
        if 0 < power < 1:
            return float(round(math.log(power) / math.log(beta)) - 1)
    return float(LONG_AGO)
