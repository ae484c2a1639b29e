"""The transposed convolution on DTensors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import convolving
from .intervals import Reach, length
from .roles import Channels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch

    from ..arguments import Triple
    from ..spec import ConvTranspose3dSpec
    from .intervals import Interval


@dataclass(frozen=True, eq=False)
class Transposed:
    """A transposed convolution with the channels of this process, as `halo.Linear` says."""

    run: Callable[..., torch.Tensor]
    spec: ConvTranspose3dSpec
    size: Triple
    weight: torch.Tensor
    bias: torch.Tensor | None

    def needs(self, axis: int, outputs: Interval) -> Interval:
        """Return the rows of the input that reach rows of the output."""
        return self._reach(axis).coarse(outputs)

    def reaches(self, axis: int, inputs: Interval) -> Interval:
        """Return the rows of the output that rows of the input reach."""
        return self._reach(axis).fine(inputs)

    def _reach(self, axis: int) -> Reach:
        spec, (size_in, size_out) = self.spec, self.sizes
        low = spec.padding[axis][0]
        return Reach(spec.kernel_size[axis], spec.stride[axis], spec.dilation[axis], low, size_in[axis], size_out[axis])

    def part(
        self, input: torch.Tensor, rows: Sequence[Interval], outputs: Sequence[Interval], *, whole: bool
    ) -> torch.Tensor:
        """Return what rows of the input add to a box of the output: the operator with another padding."""
        bias = self.bias if whole else None
        shape = (input.size(0), self.weight.size(1) * self.spec.groups, *map(length, outputs))
        if not input.numel() or 0 in shape:
            return convolving.blank(shape, input, self.weight, bias)
        pads = []
        for axis, ((first, last), (start, stop)) in enumerate(zip(rows, outputs, strict=True)):
            stride, span = self.spec.stride[axis], self.spec.dilation[axis] * (self.spec.kernel_size[axis] - 1)
            front = self.spec.padding[axis][0] + start - first * stride
            pads.append((front, (last - first - 1) * stride + span + 1 - front - (stop - start)))
        spec = replace(self.spec, padding=(pads[0], pads[1], pads[2]), output_padding=(0, 0, 0))
        return self.run(input, self.weight, bias, spec)

    @property
    def sizes(self) -> tuple[Triple, Triple]:
        """Return the whole sizes of input and output."""
        return self.size, self.spec.output_size(self.size)

    @property
    def channels(self) -> tuple[int, int]:
        """Return the channels of input and output in this process."""
        return self.weight.size(0), self.weight.size(1) * self.spec.groups

    @property
    def parameters(self) -> tuple[torch.Tensor, ...]:
        """Return weight and bias."""
        return (self.weight,) if self.bias is None else (self.weight, self.bias)


def conv_transpose3d(
    run: Callable[..., torch.Tensor], input: torch.Tensor, weight: torch.Tensor, bias: Any, spec: ConvTranspose3dSpec
) -> torch.Tensor:
    """Apply the operator to operands that are checked, one of which at least is a DTensor.

    Args:
        run: the operator on plain tensors.
        input: the volume. A plain tensor is whole, the same in every process; so are weight and bias.
        weight: in torch's layout.
        bias: one value per output channel, or None.
        spec: the operator, its output padding settled.

    Returns:
        The output, sharded as the input is: over batch and space, or over its channels. Where the input channels are
        sharded it is a sum that DTensor does when it is asked for.
    """
    channels = Channels(spec.in_channels, spec.out_channels, spec.groups, input_dim=0, output_dim=1)

    def local(size: Triple, weight: torch.Tensor, bias: torch.Tensor | None, groups: int) -> Transposed:
        of_part = object.__new__(type(spec))  # unchecked: a process may have no channels
        of_part.__dict__.update(spec.__dict__)
        of_part.__dict__.pop("_hash", None)
        of_part.__dict__.update(groups=groups, in_channels=weight.size(0), out_channels=weight.size(1) * groups)
        return Transposed(run, of_part, size, weight, bias)

    return convolving.run(f"conv_transpose3d({spec})", local, input, weight, bias, channels)
