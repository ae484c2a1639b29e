"""Rows of the states of random generators."""

from __future__ import annotations

from typing import Any

import torch

from ..generator import Generator
from ..names import NAMES

__all__: list[str] = []

fn = NAMES.function


def states(device: Any = None) -> list[torch.Tensor]:
    """Return the states of torch's generators: of the CPU, or of all GPUs."""
    kind = device or torch.get_default_device().type
    return [torch.get_rng_state()] if str(kind).startswith("cpu") else torch.cuda.get_rng_state_all()


def set_states(state_list: Any, device: Any = None) -> None:
    """Set the states of torch's generators.

    Raises:
        ValueError: there is not one for each.
    """
    cpu = str(device or torch.get_default_device().type).startswith("cpu")
    wanted = 1 if cpu else torch.cuda.device_count()
    if len(state_list) != wanted:
        msg = f"Length of {'cpu' if cpu else 'gpu'} state list should be equal to {wanted}, not {len(state_list)}."
        raise ValueError(msg)
    if cpu:
        torch.set_rng_state(state_list[0])
    else:
        torch.cuda.set_rng_state_all(state_list)


def set_gpu_states(state_list: Any) -> None:
    """Set the states of the GPUs' generators.

    Raises:
        ValueError: there is not one for each GPU.
    """
    if len(state_list) != torch.cuda.device_count():
        msg = f"Length of cuda state list should be equal to the number of GPUs, {torch.cuda.device_count()}."
        raise ValueError(msg)
    torch.cuda.set_rng_state_all(state_list)


def _generator(device: Any) -> torch.Generator:
    return Generator(device)  # type: ignore[return-value]  # whose __new__ gives torch's


fn("get_rng_state", states)
fn("set_rng_state", set_states)
fn("get_cuda_rng_state", lambda: torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])
fn("set_cuda_rng_state", set_gpu_states)
fn("device.get_rng_state", lambda device=None: _generator(device).get_state())
fn("device.set_rng_state", lambda new_state, device=None: _generator(device).set_state(new_state) and None)
fn("device.manual_seed", lambda seed: (torch.manual_seed(int(seed)), None)[1])
