"""Calls that were torch's own before go to torch's operator at once: small volumes, where every microsecond counts.

What is remembered was checked and planned, and is torch's own forwards and, where gradients are recorded, backwards;
a fault of torch's (`faults`) is never taken for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ..planning import faults, tuning
from ..planning.case import records
from ..planning.permission import fft_is_allowed
from .geometry import window

if TYPE_CHECKING:
    from ..arguments import Triple
    from ..planning.case import Case
    from ..spec import ConvTranspose3dSpec

PLAIN = (torch.Tensor, torch.nn.Parameter)  # tuples, not sets: dynamo of torch 2.8 traces no `in` of those
_KNOWN = (*PLAIN, type(None))
_is_traced = torch.compiler.is_dynamo_compiling


class _Call(NamedTuple):
    """What torch's operator takes after the bias."""

    arguments: tuple[Any, ...]
    trains: bool  # whether it is torch's own where gradients are recorded too
    stride: tuple[int, ...] | None  # that the weight must have, where that matters
    layout: torch.memory_format | None  # to bring the result into


remembered: dict[Any, _Call] = {}
MOST = 4096


def call(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec
) -> torch.Tensor | None:
    """Call torch's operator if a call like this one was torch's own before; return None where none was.

    Of weight and bias, what torch's operator refuses itself is not looked at; it does not refuse meta tensors.

    Raises:
        RuntimeError: torch's operator refuses the operands.
    """
    if _is_traced() or not (type(input) in PLAIN and type(weight) in PLAIN and type(bias) in _KNOWN):
        return None
    tuner = tuning.active()
    table = remembered if tuner is None else tuner.shortcuts[input.device]
    found = table.get(_key(input, weight, spec))
    if found is None or torch._C._is_any_autocast_enabled():
        return None
    if input.is_meta or weight.is_meta or (bias is not None and bias.is_meta):
        return None
    arguments, trains, stride, layout = found
    if (not trains and records(input, weight, bias)) or (stride is not None and stride != weight.stride()):
        return None
    output = torch.conv_transpose3d(input, weight, bias, *arguments)
    return output if layout is None else output.contiguous(memory_format=layout)


def _key(input: torch.Tensor, weight: torch.Tensor, spec: ConvTranspose3dSpec) -> Any:
    return (
        input.shape,
        input.stride(),
        input.dtype,
        weight.shape,
        spec,
        torch.get_num_threads(),
        fft_is_allowed(),
    )


def remember(input: torch.Tensor, weight: torch.Tensor, case: Case, *, trains: bool) -> None:
    """Remember that calls like this one are torch's own, as they are, and whether with their gradients."""
    spec, tuner, plan = case.spec, tuning.active(), window(case.spec)
    if plan.extend or plan.crop or case.sums_in is not case.dtype:
        return
    if not faults.is_safe(input, spec) or (spec.groups > 1 and faults.ordered(weight) is not weight):
        return
    arguments = [_short(spec.stride), _short(plan.padding), _short(plan.output_padding), spec.groups]
    arguments.append(_short(spec.dilation))
    while arguments and arguments[-1] == _DEFAULTS[len(arguments) - 1]:
        arguments.pop()
    table = remembered if tuner is None else tuner.shortcuts[input.device]
    if len(table) >= MOST:
        table.clear()
    stride = weight.stride() if spec.groups > 1 else None
    layout = torch.channels_last_3d if case.channels_last else None
    table[_key(input, weight, spec)] = _Call(tuple(arguments), trains, stride, layout)


_DEFAULTS = (1, 0, 0, 1, 1)


def _short(values: Triple) -> Any:
    """Return one number for three that are equal: torch reads it faster."""
    return values[0] if len(set(values)) == 1 else values
