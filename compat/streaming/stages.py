"""Layers as maps of planes: which planes of its input make a span of its output, and how.

A span is (start, stop) along depth. A slab is of shape (1, C, planes, H, W); a volume's shape is (C, D, H, W).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn import functional

from ...backend import OperatorError, conv_transpose3d
from ...backend.convolution import conv3d
from ...backend.execution.geometry import part
from .placing import centres, lattice

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from ...backend import ConvTranspose3dSpec
    from ...backend.arguments import Pads, Triple

__all__ = ["Convolution", "Pointwise", "Repeated", "Shape", "Span", "Stage", "Transposed", "check_size"]

Span = tuple[int, int]
Shape = tuple[int, int, int, int]


class Stage(ABC):
    """One layer, by its name in the decoder."""

    name: str

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that it makes of a volume; a ValueError says why it makes none."""

    @abstractmethod
    def reach(self, shape: Shape, wanted: Span) -> Span:
        """Return the planes of the input, one at the least, that make the wanted ones of the output."""

    @abstractmethod
    def run(self, slab: torch.Tensor, shape: Shape, wanted: Span, workspace: int) -> torch.Tensor:
        """Make the wanted planes of the planes that `reach` names; `workspace` in bytes is for intermediate results."""

    @abstractmethod
    def placement(self) -> npt.NDArray[np.float64]:
        """Return where in the input each voxel of the output lies, that of a convolution at its kernel's centre."""

    @abstractmethod
    def tensors(self) -> Iterator[torch.Tensor]:
        """Yield what it has learned."""

    @abstractmethod
    def describe(self) -> str:
        """Return all that decides on its result beside its tensors."""


def _check_channels(name: str, given: int, wanted: int) -> None:
    if given != wanted:
        msg = f"{name} gets {given} channels and has {wanted}; give a source, or a layer before it, with {wanted}."
        raise ValueError(msg)


@dataclass(frozen=True)
class Transposed(Stage):
    """A transposed convolution; `weight` is `spec.weight_shape`, `bias` `(out_channels,)` or None."""

    name: str
    spec: ConvTranspose3dSpec
    weight: torch.Tensor
    bias: torch.Tensor | None

    def output_shape(self, shape: Shape) -> Shape:
        _check_channels(self.name, shape[0], self.spec.in_channels)
        return (self.spec.out_channels, *self.spec.output_size(shape[1:]))

    def reach(self, shape: Shape, wanted: Span) -> Span:
        return part(self.spec, shape[1:], 0, *wanted)[0]

    def run(self, slab: torch.Tensor, shape: Shape, wanted: Span, workspace: int) -> torch.Tensor:
        depth = part(self.spec, shape[1:], 0, *wanted)[1]
        spec = replace(
            self.spec, padding=(depth, *self.spec.padding[1:]), output_padding=(0, *self.spec.output_padding[1:])
        )
        limit = workspace if slab.device.type == "cpu" else None
        return conv_transpose3d(slab, self.weight, self.bias, spec, max_workspace=limit)

    def placement(self) -> npt.NDArray[np.float64]:
        stride = self.spec.stride
        middle = centres(self.spec.kernel_size, self.spec.dilation, self.spec.padding)
        return lattice((1 / s for s in stride), (-c / s for c, s in zip(middle, stride, strict=True)))

    def tensors(self) -> Iterator[torch.Tensor]:
        yield from (each for each in (self.weight, self.bias) if each is not None)

    def describe(self) -> str:
        return f"{self.spec}"


@dataclass(frozen=True)
class Convolution(Stage):
    """A convolution; `weight` is `(C_out, C_in / groups, kD, kH, kW)`, `pads` are (low, high) zeros per axis."""

    name: str
    weight: torch.Tensor
    bias: torch.Tensor | None
    stride: Triple
    pads: Pads
    dilation: Triple
    groups: int

    def output_shape(self, shape: Shape) -> Shape:
        _check_channels(self.name, shape[0], self.weight.shape[1] * self.groups)
        depth, height, width = (
            (length + low + high - dilation * (kernel - 1) - 1) // stride + 1
            for length, (low, high), dilation, kernel, stride in zip(
                shape[1:], self.pads, self.dilation, self.weight.shape[2:], self.stride, strict=True
            )
        )
        return (self.weight.shape[0], depth, height, width)

    def reach(self, shape: Shape, wanted: Span) -> Span:
        low, high = self._window(wanted)
        first = min(max(low, 0), shape[1] - 1)
        return first, max(min(high, shape[1]), first + 1)

    def run(self, slab: torch.Tensor, shape: Shape, wanted: Span, workspace: int) -> torch.Tensor:
        (low, high), (first, last) = self._window(wanted), self.reach(shape, wanted)
        _, (top, bottom), (left, right) = self.pads
        zeros = (left, right, top, bottom, max(first - low, 0), max(high - last, 0))
        padded = functional.pad(slab, zeros) if any(zeros) else slab
        # where all that is wanted lies in the padding, the one plane that was read is cut off again
        padded = padded.narrow(2, max(low - first, 0), high - low)
        return conv3d(padded, self.weight, self.bias, self.stride, (0, 0, 0), self.dilation, self.groups)

    def placement(self) -> npt.NDArray[np.float64]:
        return lattice(self.stride, centres(self.weight.shape[2:], self.dilation, self.pads))

    def tensors(self) -> Iterator[torch.Tensor]:
        yield from (each for each in (self.weight, self.bias) if each is not None)

    def describe(self) -> str:
        return f"{self.stride} {self.pads} {self.dilation} {self.groups}"

    def _window(self, wanted: Span) -> Span:
        """Return the planes under the kernel, those of the padding included: below 0 and past the end."""
        stride, low = self.stride[0], self.pads[0][0]
        reach = self.dilation[0] * (self.weight.shape[2] - 1)
        return wanted[0] * stride - low, (wanted[1] - 1) * stride - low + reach + 1


@dataclass(frozen=True)
class Pointwise(Stage):
    """A layer that makes each voxel of the one in its place, and of its channels."""

    name: str
    layer: Any

    def output_shape(self, shape: Shape) -> Shape:
        learned = next(self.tensors(), torch.empty(0))
        voxel = torch.zeros(1, shape[0], 1, 1, 1, dtype=learned.dtype, device=learned.device)
        try:
            with torch.no_grad():
                given = self.layer(voxel).shape
        except (RuntimeError, ValueError) as error:
            msg = f"{self.name} does not take {shape[0]} channels: {error}"
            raise ValueError(msg) from error
        return (given[1], *shape[1:])

    def reach(self, shape: Shape, wanted: Span) -> Span:
        return wanted

    def run(self, slab: torch.Tensor, shape: Shape, wanted: Span, workspace: int) -> torch.Tensor:
        output: torch.Tensor = self.layer(slab)
        return output

    def placement(self) -> npt.NDArray[np.float64]:
        return np.eye(4)

    def tensors(self) -> Iterator[torch.Tensor]:
        yield from self.layer.parameters()
        yield from self.layer.buffers()

    def describe(self) -> str:
        # what repr() may leave out, such as a slope
        given = {name: value for name, value in vars(self.layer).items() if isinstance(value, (int, float, str, tuple))}
        return f"{self.layer!r} {sorted(given.items())}"


@dataclass(frozen=True)
class Repeated(Stage):
    """Nearest upsampling by whole factors: output o is input o // factor."""

    name: str
    factors: Triple

    def output_shape(self, shape: Shape) -> Shape:
        depth, height, width = (size * factor for size, factor in zip(shape[1:], self.factors, strict=True))
        return (shape[0], depth, height, width)

    def reach(self, shape: Shape, wanted: Span) -> Span:
        return wanted[0] // self.factors[0], (wanted[1] - 1) // self.factors[0] + 1

    def run(self, slab: torch.Tensor, shape: Shape, wanted: Span, workspace: int) -> torch.Tensor:
        for axis, factor in enumerate(self.factors):
            slab = slab.repeat_interleave(factor, 2 + axis)
        return slab.narrow(2, wanted[0] % self.factors[0], wanted[1] - wanted[0])

    def placement(self) -> npt.NDArray[np.float64]:
        return lattice((1 / f for f in self.factors), ((1 - f) / (2 * f) for f in self.factors))

    def tensors(self) -> Iterator[torch.Tensor]:
        return iter(())

    def describe(self) -> str:
        return f"{self.factors}"


def check_size(stage: Stage, shape: Shape, made: Shape) -> None:
    """Raise where a layer leaves no voxel.

    Raises:
        ValueError: it does.
    """
    if min(made[1:]) < 1:
        msg = (
            f"{stage.name} makes {made[1:]} voxels of {shape[1:]}; there must be one at the least along each axis. "
            f"Give a larger source, or reduce the padding."
        )
        raise OperatorError(msg)
