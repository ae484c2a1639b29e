"""The normalised operator: its arguments, its geometry, its validation."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from .arguments import AXES, IntOrPads, IntOrTriple, Pads, Triple, check_range, integer, is_free, pads, triple
from .errors import OperatorError


class UnknownNumbersError(TypeError):
    """What was asked of an operator depends on numbers that a graph leaves open."""


@dataclass(frozen=True, init=False)
class ConvTranspose3dSpec:
    """One 3-D transposed convolution, whatever framework it was written for.

    Per axis, with input size `n`, kernel size `k`, stride `s`, dilation `d`, pads `lo`, `hi` and output padding `op`:

        full = (n - 1) * s + d * (k - 1) + 1      input times kernel, scatter-added
        out  = full - lo - hi + op                the slice [lo, lo + out) of full, zeros outside it; then the bias

    Args:
        in_channels: channels of the input, 1 and above.
        out_channels: channels of the output, 1 and above.
        kernel_size: one int or (depth, height, width), 1 and above.
        stride: one int or three, 1 and above. Default: 1.
        padding: how many voxels to cut from each side of `full`: one int, three, or three (low, high) pairs.
            A negative pad adds that many zeros instead. Default: 0.
        output_padding: voxels added to the high side, 0..max(stride, dilation) - 1. Default: 0.
        dilation: one int or three, 1 and above. Default: 1.
        groups: a divisor of both channel counts. Default: 1.

    Raises:
        ValueError: a value is out of range; the message names it, the axis, the legal range and the remedy.
        TypeError: a value is not an integer. (Both are also RuntimeErrors: see `backend/errors.py`.)

    Example:
        >>> spec = ConvTranspose3dSpec(in_channels=4, out_channels=6, kernel_size=3, stride=2, padding=1, groups=2)
        >>> spec.weight_shape
        (4, 3, 3, 3, 3)
        >>> spec.output_size((4, 4, 5))
        (7, 7, 9)
        >>> spec.output_size_range((4, 4, 5))
        ((7, 7, 9), (8, 8, 10))
    """

    in_channels: int
    out_channels: int
    kernel_size: Triple
    stride: Triple
    padding: Pads
    output_padding: Triple
    dilation: Triple
    groups: int

    def __init__(
        self,
        *,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTriple,
        stride: IntOrTriple = 1,
        padding: IntOrPads = 0,
        output_padding: IntOrTriple = 0,
        dilation: IntOrTriple = 1,
        groups: int = 1,
    ) -> None:
        values: dict[str, Any] = {
            "in_channels": integer(in_channels, "in_channels"),
            "out_channels": integer(out_channels, "out_channels"),
            "kernel_size": triple(kernel_size, "kernel_size"),
            "stride": triple(stride, "stride"),
            "padding": pads(padding),
            "output_padding": triple(output_padding, "output_padding"),
            "dilation": triple(dilation, "dilation"),
            "groups": integer(groups, "groups"),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check_channels()
        check_range(self.kernel_size, "kernel_size", 1, "A kernel has at least one tap per axis.")
        check_range(self.stride, "stride", 1, "Use 1 to keep the size.")
        check_range(self.dilation, "dilation", 1, "Use 1 for a dense kernel.")
        self._check_output_padding()

    def __hash__(self) -> int:
        try:
            found: int = self.__dict__["_hash"]  # computed once: every call looks the operator up
        except KeyError:  # not when it is made: dynamo of torch 2.8 does not trace hash()
            if self.is_free:
                msg = "an operator with free numbers has no hash: they have no values"
                raise UnknownNumbersError(msg) from None
            found = hash(tuple(getattr(self, field.name) for field in fields(self)))
            object.__setattr__(self, "_hash", found)
        return found

    def _check_channels(self) -> None:
        for name, value in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if value < 1:
                msg = f"{name}={value} is not legal; it must be 1 and above. Give the number of channels."
                raise OperatorError(msg)
        if self.groups < 1:
            msg = f"groups={self.groups} is not legal; it must be 1 and above. Use 1 for a dense convolution."
            raise OperatorError(msg)
        for name, value in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if value % self.groups:
                common = math.gcd(self.in_channels, self.out_channels)
                legal = [groups for groups in range(1, min(common, 64) + 1) if common % groups == 0]
                msg = (
                    f"{name}={value} is not divisible by groups={self.groups}; {name} must be divisible by groups. "
                    f"Legal groups for these channels: {legal}."
                )
                raise OperatorError(msg)

    def _check_output_padding(self) -> None:
        for axis, value, stride, dilation in zip(AXES, self.output_padding, self.stride, self.dilation, strict=True):
            limit = max(stride, dilation)
            if not 0 <= value < limit:
                msg = (
                    f"output_padding={self.output_padding} is {value} along {axis}; legal values there are "
                    f"0..{limit - 1} (below stride or dilation). Raise stride, or pass output_size to forward()."
                )
                raise OperatorError(msg)

    @property
    def is_free(self) -> bool:
        """Whether a graph that is being traced leaves paddings open, as it does where they follow free sizes."""
        return any(map(is_free, (*(pad for sides in self.padding for pad in sides), *self.output_padding)))

    @property
    def weight_shape(self) -> tuple[int, int, int, int, int]:
        """Shape of the weight, `(in_channels, out_channels / groups, kD, kH, kW)`."""
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    @property
    def fan_in(self) -> int:
        """`out_channels / groups` times the taps of the kernel: what torch and Paddle call fan_in of this weight.

        Both read it off the weight's second axis, although each output sums over `in_channels / groups` inputs
        (`torch.nn.init._calculate_fan_in_and_fan_out`).
        """
        return self.out_channels // self.groups * math.prod(self.kernel_size)

    @property
    def fan_out(self) -> int:
        """`in_channels` times the taps of the kernel, read off the weight's first axis likewise."""
        return self.in_channels * math.prod(self.kernel_size)

    def full_size(self, input_size: Triple) -> Triple:
        """Size of input times kernel before any padding is cut, `(n - 1) * s + d * (k - 1) + 1` per axis."""
        depth, height, width = (
            (n - 1) * s + d * (k - 1) + 1
            for n, s, d, k in zip(input_size, self.stride, self.dilation, self.kernel_size, strict=True)
        )
        return (depth, height, width)

    def output_size(self, input_size: Triple) -> Triple:
        """Spatial size (D_out, H_out, W_out) for an input of `input_size` (D, H, W), in voxels.

        The result is not checked: a padding that cuts everything away gives zero or less.

        >>> ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=3, stride=2).output_size((4, 4, 4))
        (9, 9, 9)
        """
        depth, height, width = (
            full - low - high + extra
            for full, (low, high), extra in zip(
                self.full_size(input_size), self.padding, self.output_padding, strict=True
            )
        )
        return (depth, height, width)

    def output_size_range(self, input_size: Triple) -> tuple[Triple, Triple]:
        """Smallest and greatest output size, both legal, that a convolution maps back to `input_size`.

        That is the size without output padding, and up to `stride - 1` voxels more per axis
        (torch: `_ConvTransposeNd._output_padding`; Paddle: `[min, min + stride)`).
        """
        smallest = self._smallest(input_size)
        depth, height, width = (size + stride - 1 for size, stride in zip(smallest, self.stride, strict=True))
        return smallest, (depth, height, width)

    def output_padding_for(self, input_size: Triple, output_size: IntOrTriple) -> Triple:
        """Output padding that makes an input of `input_size` give `output_size`.

        Raises:
            ValueError: a size is outside `output_size_range(input_size)`.

        >>> spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=3, stride=2, padding=1)
        >>> spec.output_padding_for((4, 4, 4), (8, 7, 8))
        (1, 0, 1)
        """
        wanted = triple(output_size, "output_size")
        smallest, greatest = self.output_size_range(input_size)
        for axis, size, least, most, source in zip(AXES, wanted, smallest, greatest, input_size, strict=True):
            if not least <= size <= most:
                msg = (
                    f"output_size={wanted} is {size} along {axis}; legal values there are {least}..{most} for an "
                    f"input of {source}. Choose one of them, or change stride, padding or kernel_size."
                )
                raise OperatorError(msg)
        depth, height, width = (size - least for size, least in zip(wanted, smallest, strict=True))
        return (depth, height, width)

    def _smallest(self, input_size: Triple) -> Triple:
        depth, height, width = (
            size - extra for size, extra in zip(self.output_size(input_size), self.output_padding, strict=True)
        )
        return (depth, height, width)
