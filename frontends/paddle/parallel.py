"""`DataParallel` for one process alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .distributed import init_parallel_env, only_process
from .nn.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import torch

__all__ = ["DataParallel"]


class DataParallel(Layer):
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

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Call the network."""
        return self._layers(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """Train without exchange between processes: as always on one."""
        yield

    def scale_loss(self, loss: torch.Tensor) -> torch.Tensor:
        """Return the loss of one process: itself."""
        return loss

    def apply_collective_grads(self) -> None:
        """Do nothing: there is nobody to exchange gradients with."""

    def state_dict(  # type: ignore[override]
        self, destination: Any = None, include_sublayers: bool = True, structured_name_prefix: str = ""
    ) -> Any:
        """Return the state of the network, under its own names."""
        return self._layers.state_dict(destination, include_sublayers, structured_name_prefix)

    def set_state_dict(self, state_dict: Mapping[str, Any], use_structured_name: bool = True) -> Any:
        """Load the state of the network."""
        return self._layers.set_state_dict(state_dict, use_structured_name)

    set_dict = load_dict = set_state_dict
