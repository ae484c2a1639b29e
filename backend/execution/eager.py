"""The engine's own path: plain tensors, one autograd node, on the CPU slab by slab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..planning import costs, cuda, faults, tuning
from ..planning.case import Case, case_of, records
from ..planning.choice import chosen, is_final
from ..planning.planner import choose, choose_gradient
from . import shortcut, slabwise
from .autocast import without_autocast
from .autograd import recorded
from .shortcut import PLAIN

if TYPE_CHECKING:
    from ..algorithms import Algorithm, Gradient
    from ..spec import ConvTranspose3dSpec

_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def applies(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether a call may leave torch's operators: nothing traces, transforms or intercepts it."""
    return (
        (input.device.type == "cpu" or (tuning.active() is not None and cuda.is_cuda(input.device)))
        and takes(input, weight, bias)
        and not torch.compiler.is_compiling()
        and not torch._C._are_functorch_transforms_active()
        and not torch._C._len_torch_dispatch_stack()
        and torch._C._get_tracing_state() is None
        and torch.autograd.forward_ad._current_level < 0
    )


def takes(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether the algorithms are written for such operands."""
    return (
        input.dtype in _DTYPES
        and type(input) in PLAIN
        and type(weight) in PLAIN
        and (bias is None or type(bias) in PLAIN)
        and input.layout is torch.strided
    )


def run(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    slab: int | None = None,
) -> torch.Tensor:
    """Compute the output of checked operands by the planned algorithms; `slab` bounds their workspace in bytes."""
    if torch.is_autocast_enabled(input.device.type):
        return without_autocast(run, input, weight, bias, spec, slab)
    if input.dim() == 4:
        return run(input.unsqueeze(0), weight, bias, spec, slab).squeeze(0)
    case, has_gradient = case_of(spec, input), records(input, weight, bias)
    algorithm, gradient = chosen(case, input, weight, bias, bounded=slab is not None)
    if _is_torchs(case, algorithm, gradient, has_gradient):
        if is_final(case, has_gradient):
            trains = has_gradient or (tuning.active() is None and _is_torchs(case, None, gradient, records=True))
            shortcut.remember(input, weight, case, trains=trains)
        return slabwise.compute(None, case, input, weight, bias)
    if has_gradient:
        return recorded(algorithm, gradient, case, input, weight, bias, slab=slab)
    return slabwise.compute(algorithm, case, input, weight, bias, slab=slab)


def _is_torchs(case: Case, algorithm: Algorithm | None, gradient: Gradient, records: bool) -> bool:
    """Whether a call is torch's own, gradients included: where these are right, and keep no operands but the call's."""
    if algorithm is not None or not records:
        return algorithm is None
    return gradient.name == "native" and case.sums_in is case.dtype and not faults.misread(case.spec, case.size)


def leaves_to_torch(
    spec: ConvTranspose3dSpec, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> bool:
    """Whether torch's own operator, gradients included, is the plan of a batched call, whatever is permitted later."""
    has_gradient = records(input, weight, bias)
    # a compiler might choose the channels-last layout, where torch's gradients are faulty
    faulty = has_gradient and not faults.is_safe_in_any_layout(spec, input.size(-1))
    if tuning.active() is not None or faulty:
        return False
    case = case_of(spec, input)._replace(fft=True)
    if costs.native_operands(case) is not case.sums_in:  # exporters and compilers see casts to float32
        return False
    return _is_torchs(case, choose(case), choose_gradient(case), has_gradient)
