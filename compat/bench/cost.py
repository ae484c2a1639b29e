"""What a workload must compute and move at least, whatever the algorithm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..agreement.cases import Case

BACKWARD = "backward"
ITEM_SIZE = {"bfloat16": 2, "float32": 4, "float64": 8}


class Cost(NamedTuple):
    """Floating-point operations (a product and its addition are two), and bytes read and written once each."""

    flops: int
    bytes: int

    def seconds(self, flops_per_second: float, bytes_per_second: float) -> float:
        """Return the time that no implementation can beat at these rates: the roofline."""
        return max(self.flops / flops_per_second, self.bytes / bytes_per_second)


def cost(case: Case, mode: str) -> Cost:
    """Return the cost of a case.

    Products that padding cuts off are not counted. `backward` is the forward pass and the gradients of input, weight
    and bias: as many operations twice more, and every tensor and its gradient once more.

    Args:
        case: the operator, the volume and the dtype.
        mode: `forward` or `backward`.

    Example:
        >>> from fourfold.compat.agreement.cases import Case
        >>> one = Case(id="demo", source="", in_channels=1, out_channels=1, kernel_size=2, input_size=1, batch=1)
        >>> cost(one, "forward")  # 8 products; 1 + 8 + 1 values read, 8 written
        Cost(flops=16, bytes=72)
    """
    geometry = case.geometry()
    landing = math.prod(
        _landing(*axis)
        for axis in zip(
            case.input_size,
            case.kernel_size,
            geometry.stride,
            geometry.dilation,
            (low for low, _ in geometry.padding),
            geometry.output_size,
            strict=True,
        )
    )
    batch = 1 if case.batch is None else case.batch
    flops = 2 * batch * case.in_channels * (case.out_channels // case.groups) * landing
    read = math.prod(case.input_shape) + math.prod(case.weight_shape) + (case.out_channels if case.bias else 0)
    written = math.prod(case.output_shape)
    item = ITEM_SIZE[case.dtype]
    if mode == BACKWARD:
        bias = case.out_channels if case.bias else 0
        # the bias itself is not read again
        return Cost(3 * flops, (3 * read - bias + 2 * written) * item)
    return Cost(flops, (read + written) * item)


def _landing(size: int, kernel_size: int, stride: int, dilation: int, low: int, output_size: int) -> int:
    """Pairs of a voxel and a tap along an axis whose product lies within the output."""
    positions = (voxel * stride + tap * dilation - low for voxel in range(size) for tap in range(kernel_size))
    return sum(0 <= position < output_size for position in positions)
