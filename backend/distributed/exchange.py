"""Tensors that travel between processes while others compute, with gradients that travel back.

`post` starts a transfer, `finish` waits for it; what is computed between the two overlaps with it. The gradients go
the other way: the backward of `finish` starts them, that of `post` waits. Every process runs both nodes, whether it
sends or receives anything or not, so that the backward pass meets on all of them.
"""

from __future__ import annotations

import itertools
import zlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .intervals import Interval

# Gradients may pass each other: each transfer has a tag of its own, the same in all processes that take part
_numbers: defaultdict[tuple[int, ...], itertools.count[int]] = defaultdict(itertools.count)
_BACKWARDS = 2**30


def tag(ranks: tuple[int, ...]) -> int:
    """Return the tag of the next transfer among processes; each has to ask once."""
    return (zlib.crc32(repr(ranks).encode()) + next(_numbers[ranks])) % _BACKWARDS


@dataclass(eq=False)
class Transfer:
    """What one process sends and receives: ranks, and shapes of what comes.

    Attributes:
        targets: the rank that each tensor goes to.
        sources: the rank that each comes from.
        shapes: of the tensors that come.
        like: gives their dtype and device.
        tag: tells transfers between the same processes apart.
    """

    targets: tuple[int, ...]
    sources: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    like: torch.Tensor
    tag: int
    pending: Pending | None = None

    def reversed(self, sent: Sequence[tuple[int, ...]]) -> Transfer:
        """Return the transfer of the gradients, to where the tensors, of shapes `sent`, came from."""
        return Transfer(self.sources, self.targets, tuple(sent), self.like, self.tag ^ _BACKWARDS)

    def start(self, tensors: Sequence[torch.Tensor]) -> Pending:
        """Send tensors, and receive others into new memory, without waiting."""
        held = [tensor.detach().contiguous() for tensor in tensors]
        buffers = [self.like.new_empty(shape) for shape in self.shapes]
        operations = [
            dist.P2POp(dist.irecv, buffer, source, tag=self.tag)
            for source, buffer in zip(self.sources, buffers, strict=True)
        ]
        operations += [
            dist.P2POp(dist.isend, tensor, target, tag=self.tag)
            for target, tensor in zip(self.targets, held, strict=True)
        ]
        works = dist.batch_isend_irecv(operations) if operations else []
        BYTES.sent += sum(tensor.nbytes for tensor in held)
        return Pending(works, buffers, held)


@dataclass(eq=False)
class Pending:
    """A transfer on its way; `held` keeps what is sent alive until then."""

    works: list[Any]
    buffers: list[torch.Tensor]
    held: list[torch.Tensor]

    def wait(self) -> list[torch.Tensor]:
        """Return what came."""
        for work in self.works:
            work.wait()
        self.held = []
        return self.buffers


@dataclass
class Counter:
    """Bytes that this process sent to others through transfers, since it was set to 0."""

    sent: int = 0


BYTES = Counter()


def post(
    transfer: Transfer, tensors: Sequence[torch.Tensor], anchors: Sequence[torch.Tensor]
) -> tuple[torch.Tensor, ...]:
    """Start a transfer; return a token and what will come, which is not there before `finish`.

    Args:
        transfer: who sends what to whom.
        tensors: what is sent.
        anchors: what those depend on in all processes: a process that sends nothing has gradients to hand on too.
    """
    found: tuple[torch.Tensor, ...] = _Post.apply(transfer, len(anchors), *anchors, *tensors)  # type: ignore[no-untyped-call]
    return found


def finish(transfer: Transfer, posted: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Wait for what `post` returned; return the token and what came."""
    found: tuple[torch.Tensor, ...] = _Finish.apply(transfer, *posted)  # type: ignore[no-untyped-call]
    return found


class _Post(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, transfer: Transfer, anchors: int, *tensors: torch.Tensor) -> Any:
        ctx.transfer, ctx.anchors = transfer, anchors
        transfer.pending = transfer.start(tensors[anchors:])
        return transfer.like.new_empty(0), *transfer.pending.buffers

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        transfer: Transfer = ctx.transfer
        pending, transfer.pending = transfer.pending, None
        assert pending is not None, "`finish` started it"
        return None, None, *(None for _ in range(ctx.anchors)), *pending.wait()


class _Finish(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, transfer: Transfer, token: torch.Tensor, *buffers: torch.Tensor) -> Any:
        ctx.transfer = transfer
        pending, transfer.pending = transfer.pending, None
        assert pending is not None, "a transfer is finished once"
        ctx.shapes = [tuple(tensor.shape) for tensor in pending.held]
        pending.wait()
        return token, *buffers

    @staticmethod
    def backward(ctx: Any, token: Any, *gradients: torch.Tensor) -> Any:
        if torch.is_grad_enabled():
            msg = (
                "gradients of gradients are not recorded through an exchange of rows between processes; legal are "
                "kernels that reach no row of a neighbour. Shard the batch or channels, or make the volume whole with "
                "full_tensor()."
            )
            raise NotImplementedError(msg)
        transfer: Transfer = ctx.transfer
        transfer.pending = transfer.reversed(ctx.shapes).start(gradients)
        return None, token, *gradients


def cut(tensor: torch.Tensor, dim: int, intervals: Sequence[Interval]) -> tuple[torch.Tensor, ...]:
    """Return the tensor and slices of it, whose gradients are added to its own without a whole tensor for each."""
    if not intervals:
        return (tensor,)
    found: tuple[torch.Tensor, ...] = _Cut.apply(tensor, dim, *intervals)  # type: ignore[no-untyped-call]
    return found


class _Cut(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor, dim: int, *intervals: Interval) -> Any:
        ctx.dim, ctx.intervals = dim, intervals
        return tensor, *(tensor.narrow(dim, start, stop - start).clone() for start, stop in intervals)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor, *slices: torch.Tensor) -> Any:
        total = gradient.clone()
        for (start, stop), each in zip(ctx.intervals, slices, strict=True):
            total.narrow(ctx.dim, start, stop - start).add_(each)
        return total, None, *(None for _ in ctx.intervals)


def add_slices(
    output: torch.Tensor, dim: int, starts: Sequence[int], slices: Sequence[torch.Tensor], *ties: torch.Tensor
) -> torch.Tensor:
    """Add slices to an output in its own memory, at `starts` along `dim`.

    `ties` get zeros for gradients: what an output does not depend on here, but does in other processes.
    """
    if output._is_view() or (output.is_leaf and output.requires_grad):
        output = output.clone()
    result: torch.Tensor = _AddSlices.apply(output, dim, tuple(starts), len(slices), *slices, *ties)  # type: ignore[no-untyped-call]
    return result


class _AddSlices(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, output: torch.Tensor, dim: int, starts: tuple[int, ...], count: int, *tensors: torch.Tensor
    ) -> Any:
        ctx.dim, ctx.starts = dim, starts
        ctx.sizes = [each.size(dim) for each in tensors[:count]]
        ctx.ties = [(each.shape, each.dtype) if each.requires_grad else None for each in tensors[count:]]
        ctx.mark_dirty(output)
        for start, each in zip(starts, tensors, strict=False):
            output.narrow(dim, start, each.size(dim)).add_(each)
        return output

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        slices = [gradient.narrow(ctx.dim, start, size) for start, size in zip(ctx.starts, ctx.sizes, strict=True)]
        zeros = [None if tie is None else gradient.new_zeros(tie[0], dtype=tie[1]) for tie in ctx.ties]
        return gradient, None, None, None, *slices, *zeros


def tie(tensor: torch.Tensor, *ties: torch.Tensor) -> torch.Tensor:
    """Return the tensor; `ties` get zeros for gradients, though it does not depend on them here."""
    result: torch.Tensor = _Tie.apply(tensor, *ties)  # type: ignore[no-untyped-call]
    return result


class _Tie(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor, *ties: torch.Tensor) -> Any:
        ctx.ties = [(each.shape, each.dtype) if each.requires_grad else None for each in ties]
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return gradient, *(None if tie is None else gradient.new_zeros(tie[0], dtype=tie[1]) for tie in ctx.ties)


def once_differentiable(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor; gradients of its gradients are refused: DTensor's own redistribution would lose them."""
    result: torch.Tensor = _Once.apply(tensor)  # type: ignore[no-untyped-call]
    return result


class _Once(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor) -> Any:
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        if torch.is_grad_enabled():
            msg = (
                "gradients of gradients are not recorded through a redistribution of DTensors, which loses them: input "
                "channels that are sharded, or a weight that is and has to be gathered. Shard the batch or space, or "
                "give the weight whole."
            )
            raise NotImplementedError(msg)
        return gradient


def sum_of_gradients(tensor: torch.Tensor, groups: Sequence[dist.ProcessGroup]) -> torch.Tensor:
    """Return the tensor; its gradient is summed over the processes of each group, one group after the other."""
    if not groups:
        return tensor
    result: torch.Tensor = _SumOfGradients.apply(tensor, groups)  # type: ignore[no-untyped-call]
    return result


def summed(tensor: torch.Tensor, groups: Sequence[dist.ProcessGroup]) -> torch.Tensor:
    """Return the sum over the processes of each group; its gradient, the same in all of them, is that of each part."""
    if not groups:
        return tensor
    result: torch.Tensor = _Summed.apply(tensor, groups)  # type: ignore[no-untyped-call]
    return result


class _SumOfGradients(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor, groups: Sequence[dist.ProcessGroup]) -> Any:
        ctx.groups = groups
        return tensor.view_as(tensor)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return summed(gradient, ctx.groups), None


class _Summed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor, groups: Sequence[dist.ProcessGroup]) -> Any:
        ctx.groups = groups
        total = tensor.detach().clone(memory_format=torch.contiguous_format)
        for group in groups:
            dist.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return gradient, None
