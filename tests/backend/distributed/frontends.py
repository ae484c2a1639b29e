"""What processes compute together in tests: layers of the front ends on DTensors, and what `shard` makes."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import torch
from tests.backend.distributed.decoders import NETWORKS
from tests.backend.distributed.decoders import differences as close
from tests.backend.distributed.operators import differences, mesh, whole
from tests.operands import integers
from torch.distributed.tensor import DTensor, Shard, distribute_tensor
from torch.distributed.tensor.parallel import parallelize_module

import fourfold
from fourfold.backend.distributed.channels import channel_plan
from fourfold.backend.distributed.sharding import VolumeParallel
from fourfold.backend.distributed.slabs import from_slabs
from fourfold.frontends.tensor import plain


def _layer(name: str) -> Any:
    if name == "torch":
        return fourfold.frontends.torch.nn.ConvTranspose3d(4, 6, 3, stride=2, padding=1)
    if name == "paddle":
        from fourfold.frontends import paddle

        return paddle.nn.Conv3DTranspose(4, 6, 3, stride=2, padding=1)
    if name == "fluid":
        from fourfold.frontends.paddle import fluid

        return fluid.dygraph.Conv3DTranspose(4, 6, 3, stride=2, padding=1)
    if name == "megengine":
        from fourfold.frontends import megengine

        return megengine.module.ConvTranspose3d(4, 6, 3, stride=2, padding=1)
    from fourfold.frontends import oneflow

    return oneflow.nn.ConvTranspose3d(4, 6, 3, stride=2, padding=1)


def layer(name: str) -> list[str]:
    """Compare a front end's transposed convolution on a DTensor with the same on the whole."""
    made = _layer(name)
    parameters = list(torch.nn.Module.parameters(made))
    with torch.no_grad():
        for index, parameter in enumerate(parameters):
            plain(parameter).detach().copy_(integers(tuple(parameter.shape), index))
    volume = integers((2, 4, 5, 4, 3), 9)
    results = []
    for input in (volume, distribute_tensor(volume, mesh(2), [Shard(2)])):
        for parameter in parameters:
            parameter.grad = None
        output = made(input)
        torch.autograd.backward(output.sum())
        gradients: list[Any] = [each.grad for each in parameters]
        results.append([whole(output.detach()), *map(plain, gradients)])
    return differences("output " + "parameter " * len(parameters), results[1], results[0])


def slabs(sizes: list[int]) -> list[Any]:
    """Return the rows that this process has of a volume made of slabs, and whether it is right."""
    start = sum(sizes[: torch.distributed.get_rank()])
    volume = integers((1, 2, sum(sizes), 2, 2), 0)
    made = from_slabs(volume[:, :, start : start + sizes[torch.distributed.get_rank()]], mesh(2))
    return [made.to_local().shape[2], torch.equal(whole(made), volume)]


def sharded(dims: Any) -> None:
    """Shard a layer over the two processes."""
    fourfold.shard(torch.nn.Conv3d(1, 1, 1), mesh(2), dims)


def parallelized() -> bool:
    """Return whether a network under a plan computes what it computes without."""
    network = torch.nn.Sequential(torch.nn.Conv3d(1, 2, 1), torch.nn.ConvTranspose3d(2, 1, 2, stride=2))
    parallelize_module(network, mesh(2), VolumeParallel("height"))
    volume = integers((1, 1, 3, 3, 3), 0)
    got = network(volume)
    network._forward_pre_hooks.clear()
    return bool(got.placements == (Shard(3),)) and torch.allclose(whole(got), network(volume))


def places() -> None:
    """Ask a pool of a sharded volume for indices."""
    network = fourfold.shard(torch.nn.MaxPool3d(2, return_indices=True), mesh(2))
    network(integers((1, 1, 4, 4, 4), 0))


def compiled(fullgraph: bool) -> None:
    """Compile a network that is sharded."""
    warnings.filterwarnings("ignore", "`torch.jit", DeprecationWarning)  # of torch's own, as it compiles
    torch.compile(fourfold.shard(torch.nn.Conv3d(1, 1, 1), mesh(2)), fullgraph=fullgraph)(integers((1, 1, 4, 4, 4), 0))


def channels(name: str, folder: str) -> list[str]:
    """Return what differs where a network's channels are shared: outputs, gradients, statistics, sizes, checkpoints."""
    torch.manual_seed(0)
    alone = NETWORKS[name]().double()
    shared = copy.deepcopy(alone)
    parallelize_module(shared, mesh(2), channel_plan(shared))
    volume = torch.randn(2, 1, 8, 6, 10, dtype=torch.float64)
    results = []
    for model in (alone, shared):
        output = model(volume)
        output.square().mean().backward()
        state = [whole(each) for each in model.buffers()]
        results.append([whole(output), *(whole(each.grad) for each in model.parameters()), *state])
    held = sum(each.to_local().numel() for each in shared.parameters() if isinstance(each, DTensor))
    total = sum(each.numel() for each in shared.parameters() if isinstance(each, DTensor))
    found = [] if total and held <= 0.6 * total else [f"{held} of {total} values are held"]
    optimizer = torch.optim.Adam(shared.parameters())
    optimizer.step()
    moments = [state["exp_avg"] for state in optimizer.state.values()]
    held_by_it = sum(each.to_local().numel() for each in moments if isinstance(each, DTensor))
    found += [] if held_by_it == held else [f"the optimizer holds {held_by_it} values of {held} weights"]
    return found + close(results[1], results[0], exact=False) + _checkpoint(alone, shared, folder)


def _checkpoint(alone: torch.nn.Module, shared: torch.nn.Module, folder: str) -> list[str]:
    """Say what differs of weights that were saved shared and are loaded whole, and shared once more."""
    from torch.distributed.checkpoint import state_dict_loader, state_dict_saver

    state = shared.state_dict()
    state_dict_saver.save({"model": state}, checkpoint_id=folder)
    wanted = [whole(each).clone() for each in state.values()]
    again = {"model": {name: torch.zeros_like(each) for name, each in state.items()}}
    plain = {"model": {name: torch.zeros_like(each) for name, each in alone.state_dict().items()}}
    for loaded in (again, plain):
        state_dict_loader.load(loaded, checkpoint_id=folder)
    found = [[whole(each) for each in loaded["model"].values()] for loaded in (again, plain)]
    return [line for each in found for line in close(each, wanted, exact=True)]
