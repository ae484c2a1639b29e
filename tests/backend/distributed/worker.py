"""One process of a group: runs what it is told, until its pipe is closed."""

from __future__ import annotations

import importlib
import os
import traceback
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def main(pipe: Connection, rank: int, size: int, store: str, seconds: float) -> None:
    """Join the group, then answer calls."""
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=size, timeout=timedelta(seconds=seconds)
    )
    while True:
        try:
            function, arguments = pipe.recv()
        except EOFError:
            return
        module, _, name = function.partition(":")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                answer = True, getattr(importlib.import_module(module), name)(*arguments)
        except BaseException:
            answer = False, traceback.format_exc()
        pipe.send(answer)
