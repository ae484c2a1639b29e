"""What processes compute together in tests: an operator on shards beside the same on the whole, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import torch
from tests.operands import integers
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Partial, Replicate, Shard, distribute_tensor

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d

if TYPE_CHECKING:
    from collections.abc import Sequence


_meshes: dict[tuple[int, ...], Any] = {}


def mesh(*sizes: int) -> Any:
    """Return the mesh of these sizes over all processes, the same one each time."""
    if sizes not in _meshes:
        _meshes[sizes] = init_device_mesh("cpu", sizes)
    return _meshes[sizes]


def placement(letter: str) -> Any:
    """Return the placement that a word stands for: `r`, or the sharded axis."""
    return Replicate() if letter == "r" else Shard(int(letter))


def whole(tensor: Any) -> Any:
    """Return a DTensor whole."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def differences(names: str, got: Sequence[Any], due: Sequence[Any]) -> list[str]:
    """Say which tensors differ in a bit, shape or dtype."""
    found = []
    for name, one, other in zip(names.split(), got, due, strict=True):
        if (one is None) != (other is None):
            found.append(f"{name}: {one} instead of {other}")
        elif one is not None and not (one.dtype == other.dtype and torch.equal(one, other)):
            found.append(f"{name}: {tuple(one.shape)} {one.flatten()[:9]}; {tuple(other.shape)} {other.flatten()[:9]}")
    return found


def transposed(
    sizes: tuple[int, ...],
    placements: tuple[str, str],
    spec: ConvTranspose3dSpec,
    size: tuple[int, int, int],
    batch: int | None,
    seed: int,
    dtype: torch.dtype = torch.float32,
    has_bias: bool = True,
) -> list[str]:
    """Compare output and gradients of the operator on shards with those of the whole; return what differs."""
    lead = () if batch is None else (batch,)
    leaves = [
        integers((*lead, spec.in_channels, *size), seed, dtype),
        integers(spec.weight_shape, seed + 1, dtype),
        *([integers((spec.out_channels,), seed + 2, dtype)] if has_bias else []),
    ]
    grid = mesh(*sizes)
    of_input, of_weight = ([placement(each) for each in word] for word in placements)
    shards = [
        distribute_tensor(leaves[0], grid, of_input),
        distribute_tensor(leaves[1], grid, of_weight),
        *leaves[2:],  # plain: the same in every process
    ]
    alone = [leaf.clone().requires_grad_() for leaf in leaves]
    shards = [shard.detach().clone().requires_grad_() for shard in shards]
    due = conv_transpose3d(alone[0], alone[1], alone[2] if has_bias else None, spec)
    got: Any = conv_transpose3d(shards[0], shards[1], shards[2] if has_bias else None, spec)
    gradient = integers(tuple(due.shape), seed + 3, dtype)
    torch.autograd.backward(due, gradient)
    spread = [Replicate() if isinstance(each, Partial) else each for each in got.placements]
    torch.autograd.backward(got, distribute_tensor(gradient, grid, spread))
    return differences(
        "output input weight bias" if has_bias else "output input weight",
        [whole(got), *(whole(each.grad) for each in shards)],
        [due, *(each.grad for each in alone)],
    )


def second_order(
    sizes: tuple[int, ...], placements: tuple[str, str], spec: ConvTranspose3dSpec, size: tuple[int, int, int]
) -> list[str]:
    """Compare gradients of the squares of the gradients; return what differs."""
    shapes = ((2, spec.in_channels, *size), spec.weight_shape, (spec.out_channels,))
    leaves = [integers(shape, seed, torch.float64) for seed, shape in enumerate(shapes)]
    grid = mesh(*sizes)
    of_input, of_weight = ([placement(each) for each in word] for word in placements)
    shards = [distribute_tensor(leaves[0], grid, of_input), distribute_tensor(leaves[1], grid, of_weight)]
    results = []
    for operands in (leaves, [*shards, leaves[2]]):
        input, weight, bias = (each.detach().clone().requires_grad_() for each in operands)
        output = conv_transpose3d(input, weight, bias, spec)
        to_input, to_weight = torch.autograd.grad((output * output).sum(), (input, weight), create_graph=True)
        penalty = (to_input * to_input).sum() + (to_weight * to_weight).sum()
        results.append([whole(each) for each in torch.autograd.grad(penalty, (input, weight, bias))])
    return differences("input weight bias", results[1], results[0])


def another_operator(rank: int) -> None:
    """Call an operator with another stride in one process."""
    stride = 2 if torch.distributed.get_rank() == rank else 1
    spec = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=3, stride=stride)
    volume = distribute_tensor(torch.ones(1, 2, 4, 4, 4), mesh(torch.distributed.get_world_size()), [Shard(2)])
    conv_transpose3d(volume, torch.ones(spec.weight_shape), None, spec)


def another_layout(rank: int) -> None:
    """Call the operator with shards that are not DTensor's: 1 and 3 rows."""
    spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=3)
    part = torch.ones(1, 1, 3 if torch.distributed.get_rank() else 1, 1, 1)
    volume = DTensor.from_local(part, mesh(2), [Shard(2)], shape=torch.Size([1, 1, 4, 1, 1]), stride=(4, 4, 1, 1, 1))
    conv_transpose3d(volume, torch.ones(spec.weight_shape), None, spec)


def another_mesh() -> None:
    """Call the operator with operands on different meshes."""
    spec = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=3)
    volume = distribute_tensor(torch.ones(1, 2, 4, 4, 4), mesh(2), [Shard(2)])
    weight = distribute_tensor(torch.ones(spec.weight_shape), mesh(2, 1), [Replicate(), Replicate()])
    conv_transpose3d(volume, weight, None, spec)


def another_dtype() -> None:
    """Call the operator with a weight of another dtype."""
    spec = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=3)
    volume = distribute_tensor(torch.ones(1, 2, 4, 4, 4), mesh(2), [Shard(2)])
    conv_transpose3d(volume, torch.ones(spec.weight_shape).double(), None, spec)


def bytes_sent(spec: ConvTranspose3dSpec, shape: tuple[int, ...]) -> int:
    """Return what this process sends to others in a forward pass, in bytes."""
    from fourfold.backend.distributed import exchange

    volume = distribute_tensor(torch.ones(shape), mesh(torch.distributed.get_world_size()), [Shard(2)])
    exchange.BYTES.sent = 0
    conv_transpose3d(volume, torch.ones(spec.weight_shape), None, spec)
    return exchange.BYTES.sent


def order(spec: ConvTranspose3dSpec, shape: tuple[int, ...]) -> list[str]:
    """Return in what order this process sends, computes and receives in a forward pass."""
    from fourfold.backend.distributed import halo, transposed

    events: list[str] = []

    def noted(owner: Any, name: str) -> Any:
        real = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            events.append(name)
            return real(*arguments, **options)

        return mock.patch.object(owner, name, call)

    volume = distribute_tensor(torch.ones(shape), mesh(torch.distributed.get_world_size()), [Shard(2)])
    with noted(halo, "post"), noted(halo, "finish"), noted(transposed.Transposed, "part"):
        conv_transpose3d(volume, torch.ones(spec.weight_shape), None, spec)
    return events
