"""Mirrors `paddle.distributed` for one process alone: what scripts ask before they train.

Groups, collectives and sharding are not served; torch.distributed works on these tensors and layers.
"""

from __future__ import annotations

import os
from typing import Any

__all__ = [
    "ParallelEnv",
    "ReduceOp",
    "get_rank",
    "get_world_size",
    "init_parallel_env",
    "is_available",
    "is_initialized",
]


class ReduceOp:
    """What a reduction over processes does."""

    SUM, MAX, MIN, PROD, AVG = range(5)


class Processes:
    """What the variables of the environment say of processes that train together."""

    def __init__(self) -> None:
        self._nranks = int(os.environ.get("PADDLE_TRAINERS_NUM", "1"))
        self._local_rank = int(os.environ.get("PADDLE_TRAINER_ID", "0"))
        self._current_endpoint = os.environ.get("PADDLE_CURRENT_ENDPOINT", "")
        self._trainer_endpoints = os.environ.get("PADDLE_TRAINER_ENDPOINTS", "").split(",")

    @property
    def nranks(self) -> int:
        """How many processes there are; 1 where nothing is said."""
        return self._nranks

    @property
    def local_rank(self) -> int:
        """Which process this is; 0 where nothing is said."""
        return self._local_rank

    @property
    def current_endpoint(self) -> str:
        """The address of this process; '' where nothing is said."""
        return self._current_endpoint

    @property
    def trainer_endpoints(self) -> list[str]:
        """The addresses of all processes."""
        return self._trainer_endpoints


class ParallelEnv(Processes):
    """What the variables of the environment say of processes that train together."""

    def __init__(self) -> None:
        super().__init__()
        self._device_type = os.environ.get("PADDLE_XCCL_BACKEND", "")

    @property
    def device_type(self) -> str:
        """The kind of device that a launcher chose; '' where nothing is said."""
        return self._device_type

    rank, world_size = Processes.local_rank, Processes.nranks


def get_rank(group: Any = None) -> int:
    """Return which process this is: 0 where no launcher has said another."""
    only_process(group)
    return ParallelEnv().rank


def get_world_size(group: Any = None) -> int:
    """Return how many processes there are: 1 where no launcher has said another."""
    only_process(group)
    return ParallelEnv().world_size


def init_parallel_env(nccl_config: Any = None) -> None:
    """Connect processes; one alone needs nothing, whatever the configuration of NCCL, and gets None.

    Raises:
        NotImplementedError: there are several.
    """
    only_one("init_parallel_env", ParallelEnv().world_size)


def is_initialized() -> bool:
    """Whether processes are connected: never here."""
    return False


def is_available() -> bool:
    """Whether the names of this module are there."""
    return True


def only_process(group: Any) -> None:
    """Refuse groups of processes."""
    if group is not None:
        msg = f"group={group!r}; groups of processes are not served here. Leave it out, or use torch.distributed."
        raise ValueError(msg)


def only_one(name: str, processes: int) -> None:
    """Refuse to connect several processes."""
    if processes > 1:
        msg = f"{name}: {processes} processes are not served here, one is. Use torch.distributed."
        raise NotImplementedError(msg)
