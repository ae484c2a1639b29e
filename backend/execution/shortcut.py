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


class _Call(NamedTuple):
    """What torch's operator takes after the bias, for a weight of this shape and these strides."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    arguments: tuple[Any, ...]
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
    if torch.compiler.is_compiling() or not (type(input) in PLAIN and type(weight) in PLAIN and type(bias) in _KNOWN):
        return None
    tuner = tuning.active()
    table = remembered if tuner is None else tuner.shortcuts
    found = table.get(_key(input, weight, bias, spec))
    if found is None or found.shape != weight.shape or found.stride != weight.stride():
        return None
    if weight.is_meta or (bias is not None and bias.is_meta) or torch._C._is_any_autocast_enabled():
        return None
    output = torch.nn.functional.conv_transpose3d(input, weight, bias, *found.arguments)
    return output if found.layout is None else output.contiguous(memory_format=found.layout)


def _key(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, spec: ConvTranspose3dSpec) -> Any:
    return (
        spec,
        input.shape,
        input.stride(),
        input.dtype,
        input.device,
        torch.get_num_threads(),
        fft_is_allowed(),
        records(input, weight, bias),
    )


def remember(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, case: Case) -> None:
    """Remember that calls like this one are torch's own, as they are."""
    spec, tuner, plan = case.spec, tuning.active(), window(case.spec)
    if plan.extend or plan.crop or case.sums_in is not case.dtype:
        return
    if not faults.is_safe(input, spec) or faults.ordered(weight) is not weight:
        return
    arguments = [_short(spec.stride), _short(plan.padding), _short(plan.output_padding), spec.groups]
    arguments.append(_short(spec.dilation))
    while arguments and arguments[-1] == _DEFAULTS[len(arguments) - 1]:
        arguments.pop()
    table = remembered if tuner is None else tuner.shortcuts
    if len(table) >= MOST:
        table.clear()
    layout = torch.channels_last_3d if case.channels_last else None
    table[_key(input, weight, bias, spec)] = _Call(spec.weight_shape, weight.stride(), tuple(arguments), layout)


_DEFAULTS = (1, 0, 0, 1, 1)


def _short(values: Triple) -> Any:
    """Return one number for three that are equal: torch reads it faster."""
    return values[0] if len(set(values)) == 1 else values
