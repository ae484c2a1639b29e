"""Rows of neighbours: what an operator needs of them is gathered, or what it adds to theirs is sent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import torch

from .exchange import Transfer, add_slices, cut, finish, post, tag, tie
from .intervals import common, exchanged, length, traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .intervals import Interval, Piece, Traffic
    from .layout import Axis


class Linear(Protocol):
    """An operator that is linear in its input, on (N, C, D, H, W)."""

    def needs(self, axis: int, outputs: Interval) -> Interval:
        """Return the rows of the input that reach rows of the output, along axis 0, 1 or 2 of space."""

    def reaches(self, axis: int, inputs: Interval) -> Interval:
        """Return the rows of the output that rows of the input reach."""

    def part(
        self, input: torch.Tensor, rows: Sequence[Interval], outputs: Sequence[Interval], *, whole: bool
    ) -> torch.Tensor:
        """Return what rows of the input add to a box of the output; with the bias if it is `whole`."""

    @property
    def sizes(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Return the whole sizes of input and output."""

    @property
    def channels(self) -> tuple[int, int]:
        """Return the channels of input and output in this process."""

    @property
    def parameters(self) -> tuple[torch.Tensor, ...]:
        """Return weight and bias."""


def apply(operator: Linear, input: torch.Tensor, axes: Sequence[Axis], *, once: bool) -> torch.Tensor:
    """Return this process's box of the output for its box of the input.

    Args:
        operator: what is computed.
        input: this process's part, batched.
        axes: the axes of space that are sharded, as DTensor does.
        once: round each output once: all rows are gathered before they are summed.
    """
    size_in, size_out = operator.sizes
    rows: list[Interval] = [(0, each) for each in size_in]
    outputs: list[Interval] = [(0, each) for each in size_out]
    for axis in axes:
        rows[axis.dim - 2] = axis.shard(size_in[axis.dim - 2])
        outputs[axis.dim - 2] = axis.shard(size_out[axis.dim - 2])
    moving = [axis for axis in axes if _rows_that_travel(operator, axis)]
    for axis in moving if once else moving[:-1]:
        input, rows[axis.dim - 2] = _gathered(operator, input, axis)
    if once or not moving:
        return operator.part(input, rows, outputs, whole=True)
    return _overlapped(operator, input, moving[-1], rows, outputs)


def _rows_that_travel(operator: Linear, axis: Axis) -> int:
    held, _, wanted, _ = _spans(operator, axis)
    return exchanged(held, wanted)


def _spans(operator: Linear, axis: Axis) -> tuple[Sequence[Interval], ...]:
    """Return per process: rows held of the input, due of the output, needed of the input, reached of the output."""
    index = axis.dim - 2
    size_in, size_out = operator.sizes
    held, due = axis.shards(size_in[index]), axis.shards(size_out[index])
    needed = [operator.needs(index, each) for each in due]
    reached = [operator.reaches(index, each) for each in held]
    return held, due, needed, reached


def _gathered(operator: Linear, input: torch.Tensor, axis: Axis) -> tuple[torch.Tensor, Interval]:
    held, _, needed, _ = _spans(operator, axis)
    return gathered(input, axis, held, needed), needed[axis.place]


def gathered(input: torch.Tensor, axis: Axis, held: Sequence[Interval], needed: Sequence[Interval]) -> torch.Tensor:
    """Return the rows that this process needs, of those that it and others hold."""
    dim, mine, wanted = axis.dim, held[axis.place], needed[axis.place]
    moves = traffic(held, needed, axis.place)
    own = common(mine, wanted)
    if not exchanged(held, needed):
        return _rows(input, dim, mine, own)
    input, *slices = cut(input, dim, [_within(piece.rows, mine) for piece in moves.sent])
    transfer = _transfer(axis, moves, input.shape, input)
    token, *came = finish(transfer, post(transfer, slices, [input]))
    found = [(piece.rows, rows) for piece, rows in zip(moves.received, came, strict=True)]
    if length(own) or not found:
        found.append((own, _rows(input, dim, mine, own)))
    parts = [rows for _, rows in sorted(found, key=lambda each: each[0])]
    unused = () if length(own) else (input,)  # whose gradient is zero, not missing
    return tie(parts[0] if len(parts) == 1 else torch.cat(parts, dim), token, *unused)


def _overlapped(
    operator: Linear, input: torch.Tensor, axis: Axis, rows: list[Interval], outputs: list[Interval]
) -> torch.Tensor:
    """Compute while rows travel along one axis: of the input, or of the output, whichever are fewer bytes."""
    held, due, needed, reached = _spans(operator, axis)
    index = axis.dim - 2
    plane_in = operator.channels[0] * math.prod(map(length, rows[:index] + rows[index + 1 :]))
    plane_out = operator.channels[1] * math.prod(map(length, outputs[:index] + outputs[index + 1 :]))
    if exchanged(held, needed) * plane_in <= exchanged(reached, due) * plane_out:
        return _with_inputs(operator, input, axis, rows, outputs)
    return _with_sums(operator, input, axis, rows, outputs)


def _with_inputs(
    operator: Linear, input: torch.Tensor, axis: Axis, rows: list[Interval], outputs: list[Interval]
) -> torch.Tensor:
    """Gather rows of the input; what they add is computed apart."""
    held, due, needed, _ = _spans(operator, axis)
    dim, mine = axis.dim, held[axis.place]
    moves = traffic(held, needed, axis.place)
    input, *slices = cut(input, dim, [_within(piece.rows, mine) for piece in moves.sent])
    transfer = _transfer(axis, moves, input.shape, input)
    posted = post(transfer, slices, [input])
    output = operator.part(input, rows, outputs, whole=True)
    token, *came = finish(transfer, posted)
    starts, parts = [], []
    for run, tensors in _runs(moves.received, came):
        reached = common(operator.reaches(dim - 2, run), due[axis.place])
        if length(reached):
            halo = tensors[0] if len(tensors) == 1 else torch.cat(tensors, dim)
            part = operator.part(halo, _put(rows, dim, run), _put(outputs, dim, reached), whole=False)
            starts.append(reached[0] - due[axis.place][0])
            parts.append(part)
    return add_slices(output, dim, starts, parts, token)


def _with_sums(
    operator: Linear, input: torch.Tensor, axis: Axis, rows: list[Interval], outputs: list[Interval]
) -> torch.Tensor:
    """Send what the rows of this process add to the outputs of others."""
    held, due, _, reached = _spans(operator, axis)
    dim, mine = axis.dim, held[axis.place]
    moves = traffic(reached, due, axis.place)
    sources = [common(operator.needs(dim - 2, piece.rows), mine) for piece in moves.sent]
    input, *slices = cut(input, dim, [_within(source, mine) for source in sources])
    sums = [
        operator.part(each, _put(rows, dim, source), _put(outputs, dim, piece.rows), whole=False)
        for each, source, piece in zip(slices, sources, moves.sent, strict=True)
    ]
    shape = (input.size(0), operator.channels[1], *map(length, outputs))
    transfer = _transfer(axis, moves, shape, sums[0] if sums else input)
    posted = post(transfer, sums, [input, *operator.parameters[:1]])
    output = operator.part(input, rows, outputs, whole=True)
    token, *came = finish(transfer, posted)
    starts = [piece.rows[0] - due[axis.place][0] for piece in moves.received]
    return add_slices(output, dim, starts, came, token)


def _transfer(axis: Axis, moves: Traffic, shape: Sequence[int], like: torch.Tensor) -> Transfer:
    """Return the transfer of pieces that have `shape` but along the axis."""
    shapes = [(*shape[: axis.dim], length(piece.rows), *shape[axis.dim + 1 :]) for piece in moves.received]
    return Transfer(
        targets=tuple(axis.ranks[piece.place] for piece in moves.sent),
        sources=tuple(axis.ranks[piece.place] for piece in moves.received),
        shapes=tuple(shapes),
        like=like.detach(),
        tag=tag(axis.ranks),
    )


def _runs(pieces: Sequence[Piece], tensors: Sequence[torch.Tensor]) -> list[tuple[Interval, list[torch.Tensor]]]:
    """Join pieces whose rows follow each other."""
    runs: list[tuple[Interval, list[torch.Tensor]]] = []
    for piece, tensor in sorted(zip(pieces, tensors, strict=True), key=lambda each: each[0].rows):
        if runs and runs[-1][0][1] == piece.rows[0]:
            rows, joined = runs[-1]
            runs[-1] = ((rows[0], piece.rows[1]), [*joined, tensor])
        else:
            runs.append((piece.rows, [tensor]))
    return runs


def _rows(tensor: torch.Tensor, dim: int, held: Interval, wanted: Interval) -> torch.Tensor:
    if held == wanted:
        return tensor
    return tensor.narrow(dim, max(wanted[0] - held[0], 0) if length(wanted) else 0, length(wanted))


def _within(rows: Interval, held: Interval) -> Interval:
    return (rows[0] - held[0], rows[1] - held[0])


def _put(intervals: Sequence[Interval], dim: int, interval: Interval) -> list[Interval]:
    return [interval if index == dim - 2 else each for index, each in enumerate(intervals)]
