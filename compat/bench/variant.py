"""One measurement: a workload in a mode, a dtype and a layout, on a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .cost import BACKWARD, Cost, cost

if TYPE_CHECKING:
    from ..agreement.cases import Case
    from .workloads import Workload

FORWARD = "forward"
MODES = (FORWARD, BACKWARD)
LAYOUTS = ("contiguous", "channels_last")
DTYPES = ("float32", "float64", "bfloat16")


@dataclass(frozen=True, slots=True)
class Variant:
    """What is measured.

    Attributes:
        workload: the operator and the volume.
        mode: `forward`, or `backward`: forward and the gradients of input, weight and bias.
        dtype: `float32`, `float64` or `bfloat16`.
        layout: of what goes in and what comes out: `contiguous` (NCDHW) or `channels_last` (NDHWC in memory).
        device: as torch names it. Default: `cpu`.
    """

    workload: Workload
    mode: str
    dtype: str
    layout: str
    device: str = "cpu"

    @property
    def case(self) -> Case:
        """The case, in this dtype."""
        return self.workload.case.replace(dtype=self.dtype)

    @property
    def cost(self) -> Cost:
        """What must be computed and moved at least."""
        return cost(self.case, self.mode)

    def __str__(self) -> str:
        return f"{self.workload.id} {self.mode} {self.dtype} {self.layout}"
