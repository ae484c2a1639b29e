"""The engine's own autograd node: the output by one algorithm, its gradients by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..algorithms.native import native_gradients
from . import slabwise
from .layout import stored

if TYPE_CHECKING:
    from ..algorithms import Algorithm, Gradient
    from ..planning.case import Case


def recorded(
    algorithm: Algorithm | None,
    gradient: Gradient,
    case: Case,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    *,
    slab: int | None = None,
) -> torch.Tensor:
    """Compute the output of batched operands such that its gradients are computed by `gradient`."""
    result: torch.Tensor = _ConvTranspose3d.apply(  # type: ignore[no-untyped-call]
        input, weight, bias, case, algorithm, gradient, slab
    )
    return result


class _ConvTranspose3d(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        input: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        case: Case,
        algorithm: Algorithm | None,
        gradient: Gradient,
        slab: int | None,
    ) -> torch.Tensor:
        ctx.save_for_backward(input, weight)
        ctx.case, ctx.gradient, ctx.slab = case, gradient, slab
        return slabwise.compute(algorithm, case, input, weight, bias, slab=slab)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        input, weight = ctx.saved_tensors
        wanted = (ctx.needs_input_grad[0], ctx.needs_input_grad[1])
        of_input = of_weight = of_bias = None
        with torch.autocast(input.device.type, enabled=False):
            if torch.is_grad_enabled():
                if any(wanted):
                    of_input, of_weight = native_gradients(gradient, input, weight, ctx.case.spec, wanted)
            else:
                gradient = stored(gradient, ctx.case.channels_last)  # the order of sums is its, whoever hands it over
                if any(wanted):
                    of_input, of_weight = slabwise.backward(
                        ctx.gradient, ctx.case, gradient, input, weight, wanted, slab=ctx.slab
                    )
            if ctx.needs_input_grad[2]:
                of_bias = gradient.sum((0, 2, 3, 4))
        return of_input, of_weight, of_bias, None, None, None, None
