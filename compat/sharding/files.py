"""Files that the script of several processes saves by a front end: the first process writes them."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

import torch

from ..checkpoints.native import fluid, megengine, oneflow, paddle, static

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NATIVE = (fluid, megengine, oneflow, paddle, static)


@contextlib.contextmanager
def saved_once() -> Iterator[None]:
    """Let the first process alone write what front ends save to a path; the others wait until it is there."""
    saving = False

    def once(save: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(save)
        def saved(*args: Any, **kwargs: Any) -> None:
            nonlocal saving
            to_memory = any(hasattr(each, "write") for each in (*args, *kwargs.values()))
            if saving or to_memory:
                save(*args, **kwargs)
                return
            if torch.distributed.get_rank() == 0:
                saving = True
                try:
                    save(*args, **kwargs)
                finally:
                    saving = False
            torch.distributed.barrier()

        return saved

    with contextlib.ExitStack() as stack:
        for module in NATIVE:
            for name in [each for each in vars(module) if each.startswith("save")]:
                stack.callback(setattr, module, name, getattr(module, name))
                setattr(module, name, once(getattr(module, name)))
        yield
