"""Mirrors `paddle.fluid.dygraph.parallel`, for one process alone."""

from __future__ import annotations

import os
from typing import Any

from ...distributed import Processes, only_one
from ...parallel import Alone
from .layers import Layer

__all__ = ["DataParallel", "ParallelEnv", "prepare_context"]


class ParallelEnv(Processes):
    """What the environment's variables say of processes that train together."""

    def __init__(self) -> None:
        super().__init__()
        self._dev_id = int(os.environ.get("FLAGS_selected_gpus", "0"))  # noqa: SIM112, so it is called

    @property
    def dev_id(self) -> int:
        """The GPU of this process; 0 where nothing is said."""
        return self._dev_id


def prepare_context(strategy: Any = None) -> None:
    """Connect processes; one alone needs nothing, and gets None.

    Raises:
        NotImplementedError: there are several.
    """
    only_one("fluid.dygraph.prepare_context", (ParallelEnv() if strategy is None else strategy).nranks)


class DataParallel(Alone, Layer):
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

    def set_dict(  # type: ignore[override]
        self, stat_dict: Any, include_sublayers: bool = True, use_structured_name: bool = True
    ) -> None:
        """Load a state of the layer."""
        self._layers.set_dict(stat_dict, include_sublayers, use_structured_name)

    load_dict = set_dict
