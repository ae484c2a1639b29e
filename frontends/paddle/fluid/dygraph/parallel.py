"""Mirrors `paddle.fluid.dygraph.parallel`, for one process alone."""

from __future__ import annotations

import os
from typing import Any

from .layers import Layer

__all__ = ["DataParallel", "ParallelEnv", "prepare_context"]


class ParallelEnv:
    """What the environment's variables say of processes that train together."""

    def __init__(self) -> None:
        self._nranks = int(os.environ.get("PADDLE_TRAINERS_NUM", "1"))
        self._local_rank = int(os.environ.get("PADDLE_TRAINER_ID", "0"))
        self._dev_id = int(os.environ.get("FLAGS_selected_gpus", "0"))  # noqa: SIM112, so it is called
        self._trainer_endpoints = os.environ.get("PADDLE_TRAINER_ENDPOINTS", "").split(",")
        self._current_endpoint = os.environ.get("PADDLE_CURRENT_ENDPOINT", "")

    @property
    def nranks(self) -> int:
        """How many processes there are; 1 where nothing is said."""
        return self._nranks

    @property
    def local_rank(self) -> int:
        """Which of them this is; 0 where nothing is said."""
        return self._local_rank

    @property
    def dev_id(self) -> int:
        """The GPU of this process; 0 where nothing is said."""
        return self._dev_id

    @property
    def current_endpoint(self) -> str:
        """The address of this process; '' where nothing is said."""
        return self._current_endpoint

    @property
    def trainer_endpoints(self) -> list[str]:
        """The addresses of all processes."""
        return self._trainer_endpoints


def prepare_context(strategy: Any = None) -> None:
    """Connect processes; one alone needs nothing, and gets None.

    Raises:
        NotImplementedError: there are several.
    """
    ranks = (ParallelEnv() if strategy is None else strategy).nranks
    if ranks > 1:
        msg = f"fluid.dygraph.prepare_context: {ranks} processes are not served here, one is. Use torch.distributed."
        raise NotImplementedError(msg)


class DataParallel(Layer):
    """A layer that several processes would train; here there is one, and it does what the layer does.

    Args:
        layers: the layer.
        strategy: what `prepare_context` gave.

    Raises:
        NotImplementedError: there are several processes.
    """

    def __init__(self, layers: Any, strategy: Any) -> None:
        super().__init__(f"{layers.full_name()}_data_parallel")
        if strategy is not None:
            prepare_context(strategy)
        self._layers = layers

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """Return what the layer gives."""
        return self._layers(*inputs, **kwargs)

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss divided by the number of processes: the loss."""
        return loss

    def apply_collective_grads(self) -> None:
        """Add the gradients of all processes: nothing to do for one."""

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return the state of the layer, under its own names."""
        return self._layers.state_dict(*args, **kwargs)

    def set_dict(  # type: ignore[override]
        self, stat_dict: Any, include_sublayers: bool = True, use_structured_name: bool = True
    ) -> None:
        """Load a state of the layer."""
        self._layers.set_dict(stat_dict, include_sublayers, use_structured_name)

    load_dict = set_dict
