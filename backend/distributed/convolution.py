"""The ordinary 3-D convolution on DTensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ..errors import OperatorError
from . import convolving
from .intervals import Reach, length
from .roles import Channels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..arguments import Pads, Triple
    from .intervals import Interval


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution with the channels of this process, as `halo.Linear` says."""

    run: Callable[..., torch.Tensor]
    size: Triple
    weight: torch.Tensor
    bias: torch.Tensor | None
    stride: Triple
    padding: Pads
    dilation: Triple
    groups: int

    def needs(self, axis: int, outputs: Interval) -> Interval:
        """Return the rows of the input that reach rows of the output."""
        return self._reach(axis).fine(outputs)

    def reaches(self, axis: int, inputs: Interval) -> Interval:
        """Return the rows of the output that rows of the input reach."""
        return self._reach(axis).coarse(inputs)

    def _reach(self, axis: int) -> Reach:  # the output is the coarse axis here
        size_in, size_out = self.sizes
        low = self.padding[axis][0]
        taps = self.weight.size(2 + axis)
        return Reach(taps, self.stride[axis], self.dilation[axis], low, size_out[axis], size_in[axis])

    def part(
        self, input: torch.Tensor, rows: Sequence[Interval], outputs: Sequence[Interval], *, whole: bool
    ) -> torch.Tensor:
        """Return what rows of the input add to a box of the output: the operator with another padding."""
        bias = self.bias if whole else None
        shape = (input.size(0), self.weight.size(0), *map(length, outputs))
        if not input.numel() or 0 in shape:
            return convolving.blank(shape, input, self.weight, bias)
        both, ends = [], []
        for axis, ((first, last), (start, stop)) in enumerate(zip(rows, outputs, strict=True)):
            span = self.dilation[axis] * (self.weight.size(2 + axis) - 1)
            begin = start * self.stride[axis] - self.padding[axis][0]
            end = (stop - 1) * self.stride[axis] - self.padding[axis][0] + span + 1
            front, back = first - begin, end - last
            # torch pads both sides alike; what that adds behind is no whole stride, or cut from the output
            shared = front if front >= max(back, 0) else 0
            both.append(shared)
            ends.append((front - shared, 0 if shared else back))
        if any(pad for pair in ends for pad in pair):
            input = torch.nn.functional.pad(input, [pad for pair in reversed(ends) for pad in pair])
        output = self.run(input, self.weight, bias, self.stride, both, self.dilation, self.groups)
        for axis, rows_out in enumerate(shape[2:]):
            output = output if output.size(2 + axis) == rows_out else output.narrow(2 + axis, 0, rows_out)
        return output

    @property
    def sizes(self) -> tuple[Triple, Triple]:
        """Return the whole sizes of input and output."""
        return self.size, output_size(self.size, self.weight.shape[2:], self.stride, self.padding, self.dilation)

    @property
    def channels(self) -> tuple[int, int]:
        """Return the channels of input and output in this process."""
        return self.weight.size(1) * self.groups, self.weight.size(0)

    @property
    def parameters(self) -> tuple[torch.Tensor, ...]:
        """Return weight and bias."""
        return (self.weight,) if self.bias is None else (self.weight, self.bias)


def output_size(
    size: Sequence[int], kernel_size: Sequence[int], stride: Sequence[int], padding: Pads, dilation: Sequence[int]
) -> Triple:
    """Return the size of the output, `(n + lo + hi - d * (k - 1) - 1) // s + 1` per axis.

    >>> output_size((8, 8, 8), (3, 3, 3), (2, 2, 2), ((1, 1), (1, 1), (0, 0)), (1, 1, 1))
    (4, 4, 3)
    """
    depth, height, width = (
        (n + low + high - d * (k - 1) - 1) // s + 1
        for n, k, s, (low, high), d in zip(size, kernel_size, stride, padding, dilation, strict=True)
    )
    return (depth, height, width)


def conv3d(
    run: Callable[..., torch.Tensor],
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Triple,
    padding: Pads,
    dilation: Triple,
    groups: int,
) -> torch.Tensor:
    """Apply a convolution to operands of which one at least is a DTensor.

    Args:
        run: the convolution on plain tensors, with padding that is the same on both sides.
        input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`. A plain tensor is whole, the same in every process; so are
            weight and bias.
        weight: `(C_out, C_in / groups, kD, kH, kW)`.
        bias: `(C_out,)`, or None.
        stride: three, 1 and above.
        padding: three pairs (low, high), 0 and above.
        dilation: three, 1 and above.
        groups: a divisor of both channel counts.

    Raises:
        ValueError: input and weight do not fit (a RuntimeError too).
    """
    if input.dim() not in (4, 5) or weight.dim() != 5 or input.shape[-4] != weight.shape[1] * groups:
        msg = (
            f"input has shape {tuple(input.shape)} and weight {tuple(weight.shape)} with groups={groups}; legal are "
            f"inputs (N, C, D, H, W) or (C, D, H, W) with C = weight.shape[1] * groups. Reshape one of them."
        )
        raise OperatorError(msg)
    whole = output_size(input.shape[-3:], weight.shape[2:], stride, padding, dilation)
    if min(whole) < 1:
        msg = (
            f"an input of {tuple(input.shape[-3:])} is smaller than a kernel of {tuple(weight.shape[2:])} with "
            f"padding={padding} and dilation={dilation}; the output would be {whole}. Raise padding."
        )
        raise OperatorError(msg)
    channels = Channels(input.shape[-4], weight.shape[0], groups, input_dim=1, output_dim=0)

    def local(size: Triple, weight: torch.Tensor, bias: torch.Tensor | None, groups: int) -> Convolution:
        return Convolution(run, size, weight, bias, stride, padding, dilation, groups)

    return convolving.run(f"conv3d({stride}, {padding}, {dilation}, {groups})", local, input, weight, bias, channels)
