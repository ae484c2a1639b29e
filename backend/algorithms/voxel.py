"""One matrix product that is the output already: for an input of one voxel per sample, as at the start of a generator.

Cost: the products of the definition, bound by reading the weight; a copy where padding cuts or a stride spreads taps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..execution.products import product_of
from ..planning import costs
from ..planning.costs import Counts
from .flat import no_product

if TYPE_CHECKING:
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec


class Voxel:
    """Samples times weight."""

    name = "voxel"
    slab = 8 * 2**20  # stays in the cache
    alone = 0

    def refusal(self, case: Case) -> str | None:
        """It needs inputs of one voxel, and a window on the kernel alone."""
        spec = case.spec
        if case.size != (1, 1, 1):
            return f"the input is {case.size}, not one voxel"
        if spec.groups > 1 or max(spec.dilation) > 1:
            return "groups and dilation need another layout"
        if any(min(pads) < 0 for pads in spec.padding) or any(spec.output_padding):
            return "the output reaches beyond the kernel"
        return no_product(case)

    def counts(self, case: Case) -> Counts:
        """Count the products, and reading the weight."""
        return Counts(f"voxel/{costs.dtype_of(case, self.operands(case))}", _parts(case))

    def operands(self, case: Case) -> torch.dtype:
        """Products whose results are added up."""
        return costs.operands(case, "bfloat16_sums")

    def workspace(self, case: Case) -> float:
        """Bytes per output voxel: its channels once more."""
        return float(case.sums_in.itemsize * case.spec.out_channels)

    def prepare(self, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
        """Take the weight as it lies."""
        return weight.reshape(spec.in_channels, -1)

    def compute(
        self,
        input: torch.Tensor,
        prepared: Any,
        bias: torch.Tensor | None,
        spec: ConvTranspose3dSpec,
        output: torch.Tensor,
    ) -> None:
        """Write the output of one slab."""
        product = product_of(input.reshape(-1, spec.in_channels), prepared)
        (front, _), (top, _), (left, _) = spec.padding
        depth, height, width = output.shape[2:]
        whole = product.view(-1, spec.out_channels, *spec.kernel_size)
        part = whole[:, :, front : front + depth, top : top + height, left : left + width]
        output.copy_(part if bias is None else part + bias.reshape(-1, 1, 1, 1))


def _parts(case: Case) -> dict[str, float]:
    return {
        "calls": costs.calls(case, 1),
        "products": costs.products(case, "bfloat16_sums"),
        "weights": costs.weights(case),
        "passes": costs.passes(case),
        "cast": costs.cast(case, costs.operands(case, "bfloat16_sums")),
    }


def counts_of_gradients(case: Case) -> Counts:
    """Count two products, and writing a gradient as large as the weight."""
    kind = costs.dtype_of(case, costs.operands(case, "bfloat16_sums"))
    return Counts(f"gradient voxel/{kind}", _parts(case))


def gradients(
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    spec: ConvTranspose3dSpec,
    wanted: tuple[bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Return the gradients with respect to input and weight: the same product, transposed."""
    whole = gradient
    if any(map(any, spec.padding)):
        margins = [amount for pads in reversed(spec.padding) for amount in pads]
        whole = torch.nn.functional.pad(gradient, margins)
    rows = whole.reshape(input.size(0), -1)
    matrix, voxels = weight.reshape(spec.in_channels, -1), input.reshape(-1, spec.in_channels)
    of_input = product_of(rows, matrix.t()).view(input.shape) if wanted[0] else None
    of_weight = product_of(voxels.t(), rows).view(weight.shape) if wanted[1] else None
    return of_input, of_weight
