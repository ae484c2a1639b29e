"""The engine in the graphs of `torch.compile`: two operators, planned when they run.

`fourfold::conv_transpose3d`, and `fourfold::conv_transpose3d_backward`: its gradients with respect to input and weight.
The derivatives of each are made of the two, so that every order runs on the engine. What is exported keeps torch's own
operators, for it has to run where fourfold is not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from . import eager, slabwise
from .case import case_of
from .layout import channels_last as to_channels_last
from .layout import is_channels_last_3d
from .spec import ConvTranspose3dSpec

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Options(NamedTuple):
    """What follows the tensors in both operators."""

    stride: Sequence[int]
    padding: Sequence[int]  # low and high of each axis
    output_padding: Sequence[int]
    dilation: Sequence[int]
    groups: int
    channels_last: bool  # of the results: a compiler may hand over other strides than it traced
    max_workspace: int | None


_OPTIONS = (
    "SymInt[] stride, SymInt[] padding, SymInt[] output_padding, SymInt[] dilation, SymInt groups, "
    "bool channels_last, SymInt? max_workspace"
)


def applies(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> bool:
    """Whether `torch.compile` traces a call that the engine takes; false where it cannot be told from an exporter."""
    return (
        torch.compiler.is_dynamo_compiling()
        and eager.takes(input, weight, bias)
        and input.device.type == "cpu"
        and torch.autograd.forward_ad._current_level < 0
        and not _transforms_or_exports()
    )


def _transforms_or_exports() -> bool:
    """Whether dynamo, which runs this untraced, traces for an exporter or within a transform of torch.func."""
    try:
        from torch._dynamo.symbolic_convert import InstructionTranslator

        exports = InstructionTranslator.current_tx().export or getattr(torch.compiler, "_is_exporting_flag", False)
        return bool(exports or torch._C._are_functorch_transforms_active())
    except (ImportError, AttributeError):
        return True


# What torch.compiler.assume_constant_result does, which imports all of dynamo
_transforms_or_exports._dynamo_marked_constant = True  # type: ignore[attr-defined]


def run(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    max_workspace: int | None,
) -> torch.Tensor:
    """Put the operator on checked operands into the graph."""
    if torch.is_autocast_enabled("cpu"):
        input, weight = eager.cast(input, "cpu"), eager.cast(weight, "cpu")
        bias = None if bias is None else eager.cast(bias, "cpu")
    if input.dim() == 4:
        return run(input.unsqueeze(0), weight, bias, spec, max_workspace).squeeze(0)
    result: torch.Tensor = _operator(
        input,
        weight,
        bias,
        spec.stride,
        [pad for pads in spec.padding for pad in pads],
        spec.output_padding,
        spec.dilation,
        spec.groups,
        is_channels_last_3d(input),
        max_workspace,
    )
    return result


def _spec_arguments(shape: Sequence[int], given: _Options) -> dict[str, Any]:
    return {
        "in_channels": shape[0],
        "out_channels": shape[1] * given.groups,
        "kernel_size": tuple(shape[2:]),
        "stride": tuple(given.stride),
        "padding": tuple(zip(given.padding[::2], given.padding[1::2], strict=True)),
        "output_padding": tuple(given.output_padding),
        "dilation": tuple(given.dilation),
        "groups": given.groups,
    }


@lru_cache(maxsize=4096)
def _spec(shape: Sequence[int], *options: Any) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(**_spec_arguments(shape, _Options(*options)))


def _hashable(options: Sequence[Any]) -> list[Any]:
    return [tuple(each) if isinstance(each, list) else each for each in options]


def _compute(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *options: Any) -> torch.Tensor:
    given = _Options(*_hashable(options))
    output = eager.run(input, weight, bias, _spec(weight.shape, *given), given.max_workspace)
    return to_channels_last(output) if given.channels_last else output.contiguous()


def _compute_backward(
    gradient: torch.Tensor, input: torch.Tensor, weight: torch.Tensor, *options: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    if torch.is_autocast_enabled("cpu"):
        with torch.autocast("cpu", enabled=False):
            return _compute_backward(gradient, input, weight, *options)
    *of_operator, of_input, of_weight = options
    given = _Options(*_hashable(of_operator))
    case = case_of(_spec(weight.shape, *given), input)._replace(channels_last=given.channels_last)
    to_input, to_weight = slabwise.backward(
        eager.gradient_of(case, input, weight, given.max_workspace),
        case,
        gradient,
        input,
        weight,
        (of_input, of_weight),
        slab=given.max_workspace,
    )
    return (
        input.new_empty(0) if to_input is None else to_input,
        input.new_empty(0) if to_weight is None else to_weight.contiguous(),
    )


def _empty(shape: Sequence[int], like: torch.Tensor, channels_last: bool) -> torch.Tensor:
    layout = torch.channels_last_3d if channels_last else torch.contiguous_format
    return torch.empty(tuple(shape), dtype=like.dtype, device=like.device, memory_format=layout)


def _trace(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *options: Any) -> torch.Tensor:
    given = _Options(*options)
    spec = object.__new__(ConvTranspose3dSpec)  # unchecked: a check would pin numbers that are symbols
    vars(spec).update(_spec_arguments(weight.shape, given))
    depth, height, width = input.shape[2:]
    shape = (input.shape[0], spec.out_channels, *spec.output_size((depth, height, width)))
    return _empty(shape, input, given.channels_last)


def _trace_backward(
    gradient: torch.Tensor, input: torch.Tensor, weight: torch.Tensor, *options: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    *of_operator, of_input, of_weight = options
    return (
        _empty(input.shape, input, _Options(*of_operator).channels_last) if of_input else input.new_empty(0),
        _empty(weight.shape, weight, False) if of_weight else input.new_empty(0),
    )


def _setup(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
    input, weight, _, *ctx.options = inputs
    ctx.save_for_backward(input, weight)


def _differentiate(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
    input, weight = ctx.saved_tensors
    of_input, of_weight, of_bias, *_ = ctx.needs_input_grad
    to_input = to_weight = None
    if of_input or of_weight:
        to_input, to_weight = _backward(gradient, input, weight, *ctx.options, of_input, of_weight)
    return (
        to_input if of_input else None,
        to_weight if of_weight else None,
        gradient.sum((0, 2, 3, 4)) if of_bias else None,
        *(None for _ in ctx.options),
    )


def _setup_backward(ctx: Any, inputs: tuple[Any, ...], output: tuple[torch.Tensor, torch.Tensor]) -> None:
    gradient, input, weight, *ctx.options = inputs
    ctx.save_for_backward(gradient, input, weight)
    ctx.set_materialize_grads(False)


def _differentiate_backward(
    ctx: Any, by_input: torch.Tensor | None, by_weight: torch.Tensor | None
) -> tuple[torch.Tensor | None, ...]:
    """Both results are linear in the gradient, and each in one of input and weight."""
    gradient, input, weight = ctx.saved_tensors
    *options, of_input, of_weight = ctx.options
    by_input, by_weight = by_input if of_input else None, by_weight if of_weight else None
    wanted = ctx.needs_input_grad
    to_gradient = to_input = to_weight = None
    if wanted[0]:
        if by_input is not None:
            to_gradient = _operator(by_input, weight, None, *options)
        if by_weight is not None:
            more = _operator(input, by_weight, None, *options)
            to_gradient = more if to_gradient is None else to_gradient + more
    if wanted[1] and by_weight is not None:
        to_input = _backward(gradient, input, by_weight, *options, True, False)[0]
    if wanted[2] and by_input is not None:
        to_weight = _backward(gradient, by_input, weight, *options, False, True)[1]
    return (to_gradient, to_input, to_weight, *(None for _ in ctx.options))


_library = torch.library.Library("fourfold", "DEF")  # type: ignore[no-untyped-call]


def _define(name: str, schema: str, compute: Any, trace: Any, differentiate: Any, setup: Any) -> Any:
    tags = (torch.Tag.pt2_compliant_tag, torch.Tag.needs_fixed_stride_order)
    _library.define(name + schema, tags=tags)  # type: ignore[no-untyped-call]
    _library.impl(name, compute, "CPU")  # type: ignore[no-untyped-call]
    torch.library.register_fake(f"fourfold::{name}", trace, lib=_library)
    torch.library.register_autograd(f"fourfold::{name}", differentiate, setup_context=setup, lib=_library)
    return getattr(torch.ops.fourfold, name).default


_operator = _define(
    "conv_transpose3d",
    f"(Tensor input, Tensor weight, Tensor? bias, {_OPTIONS}) -> Tensor",
    _compute,
    _trace,
    _differentiate,
    _setup,
)
_backward = _define(
    "conv_transpose3d_backward",
    f"(Tensor gradient, Tensor input, Tensor weight, {_OPTIONS}, bool of_input, bool of_weight) -> (Tensor, Tensor)",
    _compute_backward,
    _trace_backward,
    _differentiate_backward,
    _setup_backward,
)
