"""What optimizers accumulate, under Paddle's names: `conv3d_0.w_0_moment1_0`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...tensor import plain
from .. import unique_name
from ..tensor import Tensor
from ..values import fitting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import torch

    from ...updates import Kept

__all__ = ["Accumulators"]


class Accumulators:
    """The names of what an optimizer keeps of its parameters.

    Args:
        optimizer: the optimizer.
        kinds: what it keeps of every parameter.
        prefix: of their names, from that of the optimizer. Default: ''.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, kinds: tuple[Kept, ...], prefix: str = "") -> None:
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

    def _value(self, parameter: torch.Tensor, kind: Kept, name: str) -> Tensor:
        value = plain(self.optimizer.state[parameter][kind.name]).as_subclass(Tensor)
        value.name = name
        return value

    def _fill(self, parameter: torch.Tensor, state: Mapping[str, Any]) -> None:
        names = self.names[parameter]
        self._check(names, state)
        own = self.optimizer.state[parameter]
        for name, kind in zip(names, self.kinds, strict=True):
            own[kind.name] = fitting(state[name], own.get(kind.name, parameter), name).to(parameter.device, copy=True)
