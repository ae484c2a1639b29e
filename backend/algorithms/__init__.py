"""One module per exact way to compute the operator, each an `Algorithm`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .native import Native

if TYPE_CHECKING:
    import torch

    from ..spec import ConvTranspose3dSpec

__all__ = ["ALGORITHMS", "Algorithm"]


class Algorithm(Protocol):
    """A way to compute `conv_transpose3d`: what the planner chooses from."""

    @property
    def name(self) -> str:
        """How plans and reports call it."""
        ...

    def refusal(self, spec: ConvTranspose3dSpec, input: torch.Tensor) -> str | None:
        """Why it does not apply to this case, or None where it does."""
        ...

    def run(
        self, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
    ) -> torch.Tensor:
        """Compute the output of validated operands."""
        ...


# In the order of preference; the last one applies to everything.
ALGORITHMS: tuple[Algorithm, ...] = (Native(),)
