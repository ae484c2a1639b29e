"""`DataParallel` for one process alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .distributed import init_parallel_env, only_process
from .nn.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DataParallel"]


class Alone:
    """What a wrapper for several processes does of the network of one."""

    _layers: Any

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Call the network."""
        return self._layers(*inputs, **kwargs)

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss divided by the number of processes: the loss."""
        return loss

    def apply_collective_grads(self) -> None:
        """Do nothing: there is nobody to exchange gradients with."""

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the state of the network, under its own names."""
        return self._layers.state_dict(*args, **kwargs)


class DataParallel(Alone, Layer):
    """A network that one process trains: itself, with the methods of Paddle's wrapper.

    Args:
        layers: the network.
        strategy: has no effect on one process.
        comm_buffer_size: likewise, as are the other options.
        last_comm_buffer_size: likewise.
        find_unused_parameters: likewise.
        group: None; another is refused.

    Raises:
        NotImplementedError: the environment speaks of several processes.
        ValueError: a group is given.
    """

    def __init__(
        self,
        layers: Layer,
        strategy: Any = None,
        comm_buffer_size: int = 25,
        last_comm_buffer_size: float = 1,
        find_unused_parameters: bool = False,
        group: Any = None,
    ) -> None:
        super().__init__(f"{layers.full_name()}_data_parallel")
        only_process(group)
        init_parallel_env()
        self._layers = layers
        self.find_unused_parameters = find_unused_parameters

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """Train without exchange between processes: as always on one."""
        yield

    def set_state_dict(self, state_dict: Mapping[str, Any], use_structured_name: bool = True) -> Any:
        """Load the state of the network."""
        return self._layers.set_state_dict(state_dict, use_structured_name)

    set_dict = load_dict = set_state_dict
