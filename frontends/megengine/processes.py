"""Mirrors what `megengine.distributed` says of one process, which is all that there is here."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ..names import Opaque
from .names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["make_allreduce_cb"]

fn = NAMES.function
WORLD = Opaque("<megengine.distributed.group.Group object>")  # the default group, all processes


def check_began() -> None:
    """Raise: what several processes do together is for those that `init_process_group` has joined.

    Raises:
        AssertionError: there are none.
    """
    msg = "please call init_process_group first, in each of several processes; here is one. Use torch.distributed."
    raise AssertionError(msg)


class make_allreduce_cb:  # noqa: N801, its name
    """Would add up gradients over processes, as a callback of `GradManager.attach`.

    Args:
        reduce_method: 'sum' or 'mean'.
        group: of processes.
        backend: of their talk.

    Raises:
        AssertionError: in any case: there is one process.
    """

    def __init__(self, reduce_method: str, group: Any = WORLD, backend: Any = None) -> None:
        check_began()

    def __call__(self, param: Any, grad: Any) -> Any:
        """Return the gradient."""
        return grad


def alone(*args: Any, **kwargs: Any) -> Any:
    """Refuse as `check_began` does."""
    check_began()


fn("distributed.get_rank", lambda: 0)
fn("distributed.get_world_size", lambda: 1)
fn("distributed.is_distributed", lambda: False)
fn("distributed.group_barrier", lambda group=None: None)
for name in ("get_backend", "get_client", "get_py_server_addr", "get_mm_server_addr"):
    fn(f"distributed.{name}", alone)


def in_one_process(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what calls the function: there is no other process to wait for."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return called


fn("distributed.synchronized", in_one_process)
