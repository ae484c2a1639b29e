"""One module per exact way to compute the operator. `native` is torch's own call; the others compute slab by slab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .deconvolution import Deconvolution
from .fold import Fold
from .gradients import ChannelsLastGradient, NativeGradient, TapsGradient, VoxelGradient
from .optional.fft import Fft
from .patches import Patches
from .rows import RowsGradient
from .subpixel import Subpixel
from .taps import Taps
from .unfold import UnfoldGradient
from .voxel import Voxel

if TYPE_CHECKING:
    import torch

    from ..planning.case import Case
    from ..planning.costs import Counts
    from ..spec import ConvTranspose3dSpec

__all__ = ["ALGORITHMS", "GRADIENTS", "Algorithm", "Gradient"]


class Way(Protocol):
    """What both have: when it applies, what it costs, and what it makes of the weight beforehand."""

    def __hash__(self) -> int:
        """Predictions are remembered by it."""
        ...

    @property
    def name(self) -> str:
        """How plans and reports call it."""
        ...

    @property
    def slab(self) -> int:
        """Bytes of workspace per slab that it is fastest with."""
        ...

    def refusal(self, case: Case) -> str | None:
        """Why it does not apply to this case, or None where it does."""
        ...

    def counts(self, case: Case) -> Counts:
        """What it consists of, in seconds at the rates of the machine: what predictions are made of."""
        ...

    def operands(self, case: Case) -> torch.dtype:
        """In what dtype it takes the operands: bfloat16 where that is exact and pays, else the dtype of the sums."""
        ...

    def workspace(self, case: Case) -> float:
        """Bytes it needs per output voxel of a slab."""
        ...

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Bring the weight into the form that the computation takes, once for all slabs."""
        ...


class Algorithm(Way, Protocol):
    """A way to compute a slab of the output: what the planner chooses from, beside torch's own operator."""

    @property
    def alone(self) -> int:
        """Bytes of workspace per slab where one thread computes it, beside others; 0 where all share each slab."""
        ...

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write `output`, a view of any strides; operands are in the dtype of `operands`."""
        ...


ALGORITHMS: tuple[Algorithm, ...] = (Deconvolution(), Taps(), Subpixel(), Fold(), Patches(), Voxel(), Fft())


class Gradient(Way, Protocol):
    """A way to compute the gradients of a slab; its cost is that of the gradients of input and weight."""

    def gradients(
        self,
        gradient: torch.Tensor,
        input: torch.Tensor,
        prepared: Any,
        spec: ConvTranspose3dSpec,
        wanted: tuple[bool, bool],
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the gradients with respect to input and weight, those that are wanted."""
        ...


GRADIENTS: tuple[Gradient, ...] = (
    NativeGradient(),
    ChannelsLastGradient(),
    TapsGradient(),
    UnfoldGradient(),
    RowsGradient(),
    VoxelGradient(),
)
