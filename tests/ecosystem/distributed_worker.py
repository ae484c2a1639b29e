"""One of two processes: trains the model alone, under DDP and under FSDP2, and prints losses and gradients as JSON.

Run as `python distributed_worker.py RANK FILE [fsdp2]`; both ranks meet at FILE. All sums are exact: the data are small
integers, and a step is the sign of the gradient.
"""

from __future__ import annotations

import copy
import json
import sys
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed
from torch.nn.parallel import DistributedDataParallel

import fourfold

if TYPE_CHECKING:
    from collections.abc import Callable

WORLD = 2
STEPS = 3


def build() -> torch.nn.Module:
    """Return a decoder on the engine with small integer weights, the same in every process."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.ConvTranspose3d(4, 6, 2, stride=2),
        torch.nn.ReLU(inplace=True),
        torch.nn.ConvTranspose3d(6, 4, 3, stride=2, padding=1, output_padding=1),
        torch.nn.ReLU(),
        torch.nn.ConvTranspose3d(4, 4, 3, padding=1, groups=2),
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randint(-2, 3, parameter.shape))
    fourfold.accelerate(model)
    return model


def train(model: torch.nn.Module, batch: torch.Tensor, reduce_loss: Callable[[float], float]) -> dict[str, Any]:
    """Return the loss of every step, and the gradients of the last."""
    losses = []
    for _ in range(STEPS):
        model.zero_grad()
        loss = model(batch).sum() / len(batch)
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(parameter.grad.sign())  # type: ignore[union-attr]
        losses.append(reduce_loss(loss.item()))
    gradients = [parameter.grad for parameter in model.parameters()]
    return {"losses": losses, "gradients": [full(gradient).tolist() for gradient in gradients]}


def full(gradient: Any) -> torch.Tensor:
    """Return a gradient that FSDP2 may have split over the processes, whole."""
    whole: torch.Tensor = gradient.full_tensor() if hasattr(gradient, "full_tensor") else gradient
    return whole


def mean_over_ranks(loss: float) -> float:
    """Return the mean of the processes' losses."""
    total = torch.tensor(loss, dtype=torch.float64)
    torch.distributed.all_reduce(total)
    return total.item() / WORLD


def main(rank: int, store: str, with_fsdp2: bool) -> None:
    """Train each way from the same state and print what came of it."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=WORLD)
    model = build()
    batch = torch.randint(-2, 3, (4, 4, 3, 3, 3)).float()
    half = batch.chunk(WORLD)[rank]
    results = {"alone": train(copy.deepcopy(model), batch, lambda loss: loss)}
    results["ddp"] = train(DistributedDataParallel(copy.deepcopy(model)), half, mean_over_ranks)
    if with_fsdp2:
        from torch.distributed.fsdp import fully_shard

        sharded: Any = copy.deepcopy(model)
        for layer in sharded:
            if isinstance(layer, torch.nn.ConvTranspose3d):
                fully_shard(layer)
        results["fsdp2"] = train(fully_shard(sharded), half, mean_over_ranks)
    torch.distributed.destroy_process_group()
    print(json.dumps(results))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], "fsdp2" in sys.argv)
