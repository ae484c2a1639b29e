"""The engine's own path: plain tensors, one autograd node, on the CPU slab by slab."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from . import cuda, slabwise, tuning
from .algorithms.native import is_safe, misread, native, native_gradients
from .case import Case, case_of
from .geometry import window
from .permission import fft_is_allowed
from .planner import choose, choose_gradient, possible, possible_gradients

if TYPE_CHECKING:
    from collections.abc import Callable

    from .algorithms import Algorithm, Gradient
    from .arguments import Triple
    from .spec import ConvTranspose3dSpec
    from .tuning import Tuner

# Tuples, not sets: dynamo of torch 2.8 traces no `in` of those.
_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_PLAIN = (torch.Tensor, torch.nn.Parameter)
_KNOWN = (*_PLAIN, type(None))


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
        and type(input) in _PLAIN
        and type(weight) in _PLAIN
        and (bias is None or type(bias) in _PLAIN)
        and input.layout is torch.strided
    )


# What torch's operator takes in calls that were checked and planned before, and are torch's own forwards and backwards:
# small volumes, where every microsecond counts. Each has the weight's shape, the arguments after the bias, and the
# layout to bring the result into, if any.
_Shortcut = tuple[tuple[int, ...], tuple[Any, ...], "torch.memory_format | None"]
_known: dict[Any, _Shortcut] = {}
_MOST = 4096


def shortcut(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor | None:
    """Call torch's operator at once where a call like this one was torch's own before; None where none was.

    Of weight and bias, what torch's operator refuses itself is not looked at; it does not refuse meta tensors.

    Raises:
        RuntimeError: torch's operator refuses the operands.
    """
    if torch.compiler.is_compiling() or not (type(input) in _PLAIN and type(weight) in _PLAIN and type(bias) in _KNOWN):
        return None
    tuner = tuning.active()
    table: dict[Any, _Shortcut] = _known if tuner is None else tuner.shortcuts
    found = table.get(_key(input, weight, bias, spec))
    if found is None or found[0] != weight.shape or weight.is_meta or (bias is not None and bias.is_meta):
        return None
    output = torch.nn.functional.conv_transpose3d(input, weight, bias, *found[1])
    return output if found[2] is None else output.contiguous(memory_format=found[2])


def _key(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec) -> Any:
    return (
        spec,
        input.shape,
        input.stride(),
        input.dtype,
        input.device,
        torch.get_num_threads(),
        fft_is_allowed(),
        _records(input, weight, bias),
    )


def _remember(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, case: Case) -> None:
    spec, tuner, plan = case.spec, tuning.active(), window(case.spec)
    if plan.extend or plan.crop or not is_safe(input, spec):
        return
    arguments = [_short(spec.stride), _short(plan.padding), _short(plan.output_padding), spec.groups]
    arguments.append(_short(spec.dilation))
    while arguments and arguments[-1] == _DEFAULTS[len(arguments) - 1]:
        arguments.pop()
    table = _known if tuner is None else tuner.shortcuts
    if len(table) >= _MOST:
        table.clear()
    layout = torch.channels_last_3d if case.channels_last else None
    table[_key(input, weight, bias, spec)] = (spec.weight_shape, tuple(arguments), layout)


_DEFAULTS = (1, 0, 0, 1, 1)


def _short(values: Triple) -> Any:
    """Return one number for three that are equal: torch reads it faster."""
    return values[0] if len(set(values)) == 1 else values


def _records(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether autograd records the call."""
    return torch.is_grad_enabled() and (
        input.requires_grad or weight.requires_grad or (bias is not None and bias.requires_grad)
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
        return _autocast(input, weight, bias, spec, slab)
    if input.dim() == 4:
        return run(input.unsqueeze(0), weight, bias, spec, slab).squeeze(0)
    case, tuner, records = case_of(spec, input), tuning.active(), _records(input, weight, bias)
    algorithm: Algorithm | None
    if slab is not None:
        algorithm, gradient = choose(case, bounded=True), choose_gradient(case, bounded=True)
    elif tuner is None:
        algorithm, gradient = choose(case), choose_gradient(case)
    else:
        algorithm, gradient = _tuned(tuner, case, input, weight, bias)
    if _is_torchs(case, algorithm, gradient, records):
        if tuner is None or (case, records) in tuner.plans:  # not what a graph is captured with, unmeasured
            _remember(input, weight, bias, case)
        return _compute(None, case, input, weight, bias)
    if records:
        result: torch.Tensor = _ConvTranspose3d.apply(  # type: ignore[no-untyped-call]
            input, weight, bias, case, algorithm, gradient, slab
        )
        return result
    return _compute(algorithm, case, input, weight, bias, slab)


def _is_torchs(case: Case, algorithm: Algorithm | None, gradient: Gradient, records: bool) -> bool:
    return algorithm is None and (not records or (gradient.name == "native" and not misread(case.spec, case.size)))


def _compute(
    algorithm: Algorithm | None,
    case: Case,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    slab: int | None = None,
) -> torch.Tensor:
    if algorithm is None:
        return _native(input, weight, bias, case)
    with torch.no_grad():
        return slabwise.forward(algorithm, case, input, weight, bias, slab=slab)


def _native(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, case: Case) -> torch.Tensor:
    output = native(input, weight, bias, case.spec)
    return output.contiguous(memory_format=torch.channels_last_3d) if case.channels_last else output


def _tuned(
    tuner: Tuner, case: Case, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> tuple[Algorithm | None, Gradient]:
    """Return what was measured to be the fastest for a case, now or before."""
    records = _records(input, weight, bias)
    plan: tuple[Algorithm | None, Gradient] | None = tuner.plans.get((case, records))
    if plan is None:
        if case.gpu is not None and cuda.capturing():
            return None, choose_gradient(case)
        with torch.no_grad():
            gradient = _tuned_gradient(tuner, case, input, weight) if records else choose_gradient(case)
            plan = _tuned_forward(tuner, case, input, weight, bias), gradient
        _keep(tuner, (case, records), plan)
    return plan


def _keep(tuner: Tuner, key: Any, plan: Any) -> None:
    if len(tuner.plans) >= _MOST:
        tuner.plans.clear()
    tuner.plans[key] = plan


def _tuned_forward(
    tuner: Tuner, case: Case, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> Algorithm | None:
    named: dict[str, Algorithm | None] = {"native": None, **{each.name: each for each in possible(case)}}
    calls = {name: partial(_compute, each, case, input, weight, bias) for name, each in named.items()}

    def magnitude() -> tuple[torch.Tensor, ...]:
        return (native(input.abs(), weight.abs(), None if bias is None else bias.abs(), case.spec),)

    return named[tuner.choose(f"forward {case}", calls, _fastest(case, input.device, magnitude))]


def _tuned_gradient(tuner: Tuner, case: Case, input: torch.Tensor, weight: torch.Tensor) -> Gradient:
    named = {each.name: each for each in possible_gradients(case)}
    shape = (case.batch, case.spec.out_channels, *case.spec.output_size(case.size))
    gradient = torch.ones(shape, dtype=case.dtype, device=input.device)
    wanted = (True, True)
    calls = {
        name: partial(slabwise.backward, each, case, gradient, input, weight, wanted) for name, each in named.items()
    }

    def magnitude() -> tuple[torch.Tensor | None, ...]:
        return native_gradients(gradient, input.abs(), weight.abs(), case.spec, wanted)

    return named[tuner.choose(f"backward {case}", calls, _fastest(case, input.device, magnitude))]


def leaves_to_torch(
    spec: ConvTranspose3dSpec, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> bool:
    """Whether torch's own operator, gradients included, is the plan of a batched call, whatever is permitted later."""
    records = _records(input, weight, bias)
    # torch 2.13's gradient fails channels-last volumes there; a compiler might choose that layout
    faulty = records and spec.groups > 1 and max(spec.dilation) > 1
    if tuning.active() is not None or faulty:
        return False
    case = case_of(spec, input)._replace(fft=True)
    return _is_torchs(case, choose(case), choose_gradient(case), records)


def gradient_of(case: Case, input: torch.Tensor, weight: torch.Tensor, slab: int | None) -> Gradient:
    """Return what computes the gradients of a case, where its output was planned apart from them."""
    tuner = tuning.active()
    if slab is not None or tuner is None:
        return choose_gradient(case) if slab is None else choose_gradient(case, bounded=True)
    plan: Gradient | None = tuner.plans.get(case)
    if plan is None:
        with torch.no_grad():
            plan = _tuned_gradient(tuner, case, input, weight)
        _keep(tuner, case, plan)
    return plan


def _fastest(case: Case, device: torch.device, magnitude: Callable[[], cuda.Results]) -> Any:
    """Return what picks the fastest of candidates; None for the way of the CPU."""
    return None if case.gpu is None else partial(cuda.fastest, magnitude=magnitude, dtype=case.dtype, device=device)


def _autocast(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    slab: int | None,
) -> torch.Tensor:
    """Cast as torch casts the operands of a convolution; then run as without autocast."""
    device = input.device.type
    input, weight, bias = cast(input, device), cast(weight, device), None if bias is None else cast(bias, device)
    with torch.autocast(device, enabled=False):
        return run(input, weight, bias, spec, slab)


def cast(operand: torch.Tensor, device: str) -> torch.Tensor:
    """Cast an operand of a convolution as torch's autocast does."""
    return operand if operand.dtype is torch.float64 else operand.to(torch.get_autocast_dtype(device))


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
        return _compute(algorithm, case, input, weight, bias, slab)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        input, weight = ctx.saved_tensors
        wanted = (ctx.needs_input_grad[0], ctx.needs_input_grad[1])
        of_input = of_weight = of_bias = None
        with torch.autocast(input.device.type, enabled=False):
            if any(wanted) and torch.is_grad_enabled():
                of_input, of_weight = native_gradients(gradient, input, weight, ctx.case.spec, wanted)
            elif any(wanted):
                of_input, of_weight = slabwise.backward(
                    ctx.gradient, ctx.case, gradient, input, weight, wanted, slab=ctx.slab
                )
            if ctx.needs_input_grad[2]:
                of_bias = gradient.sum((0, 2, 3, 4))
        return of_input, of_weight, of_bias, None, None, None, None
