"""The engine in the graphs of `torch.compile`: operators of its own, planned when they run.

dynamo's graph has `fourfold::conv_transpose3d`. AOT autograd takes it apart: into torch's operator where all sizes are
known and the plan is torch's own, else into `fourfold::conv_transpose3d_forward` and `_backward`, which compilers do
not look into. The derivatives of each are made of the two, so that every order runs on the engine. What is exported
keeps torch's own operators, for it has to run where fourfold is not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ..algorithms.native import native
from ..planning.case import case_of
from ..planning.choice import gradient_of
from ..spec import ConvTranspose3dSpec
from . import eager, shortcut, slabwise
from .autocast import cast
from .layout import is_channels_last_3d, stored

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Options(NamedTuple):
    """What follows the tensors in each operator."""

    stride: Sequence[int]
    padding: Sequence[int]  # low and high of each axis
    output_padding: Sequence[int]
    dilation: Sequence[int]
    groups: int
    channels_last: bool  # the layout of the results; a compiler may hand over other strides than it traced
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
        input, weight, bias = cast(input, "cpu"), cast(weight, "cpu"), None if bias is None else cast(bias, "cpu")
    if input.dim() == 4:
        return run(input.unsqueeze(0), weight, bias, spec, max_workspace).squeeze(0)
    result: torch.Tensor = torch.ops.fourfold.conv_transpose3d.default(
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


def _call(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *options: Any) -> torch.Tensor:
    """Compute the whole operator: at once on plain tensors, else by what AOT autograd shall see."""
    given = _Options(*_hashable(options))
    if eager.applies(input, weight, bias):
        output = eager.run(input, weight, bias, _spec(weight.shape, *given), given.max_workspace)
        return stored(output, given.channels_last)
    numbers = [*input.shape, *weight.shape, *(number for part in given[:4] for number in part), given.groups]
    known = all(type(number) is int for number in numbers)  # not symbols
    if known and not given.channels_last and given.max_workspace is None:
        spec = _spec(weight.shape, *given)
        if eager.leaves_to_torch(spec, input, weight, bias):
            return native(input, weight, bias, spec)
    return _recorded(input, weight, bias, options)


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor as torch's: graphs run on the parameters of front ends, whose attributes are another's."""
    return tensor if type(tensor) in (torch.Tensor, torch.nn.Parameter) else tensor.as_subclass(torch.Tensor)


def _forward(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *options: Any) -> torch.Tensor:
    input, weight, bias = _plain(input), _plain(weight), None if bias is None else _plain(bias)
    given = _Options(*_hashable(options))
    spec = _spec(weight.shape, *given)
    output = None if given.max_workspace else shortcut.call(input, weight, bias, spec)
    if output is None:
        output = eager.run(input, weight, bias, spec, given.max_workspace)
    return stored(output, given.channels_last)


def _backward(
    gradient: torch.Tensor, input: torch.Tensor, weight: torch.Tensor, *options: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    if torch.is_autocast_enabled("cpu"):
        with torch.autocast("cpu", enabled=False):
            return _backward(gradient, input, weight, *options)
    *of_operator, of_input, of_weight = options
    given = _Options(*_hashable(of_operator))
    gradient, input, weight = _plain(gradient), _plain(input), _plain(weight)
    case = case_of(_spec(weight.shape, *given), input)._replace(channels_last=given.channels_last)
    to_input, to_weight = slabwise.backward(
        gradient_of(case, input, weight, given.max_workspace),
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


def _trace_forward(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *options: Any) -> torch.Tensor:
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


class _ConvTranspose3d(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *options: Any) -> Any:
        ctx.save_for_backward(input, weight)
        ctx.options = options
        return torch.ops.fourfold.conv_transpose3d_forward.default(input, weight, bias, *options)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        input, weight = ctx.saved_tensors
        of_input, of_weight, of_bias, *_ = ctx.needs_input_grad
        to_input, to_weight = _gradients(gradient, input, weight, ctx.options, of_input, of_weight)
        return to_input, to_weight, gradient.sum((0, 2, 3, 4)) if of_bias else None, *(None for _ in ctx.options)


class _Gradients(torch.autograd.Function):
    """Both gradients are linear in that of the output, and each in one of input and weight."""

    @staticmethod
    def forward(
        ctx: Any, gradient: torch.Tensor, input: torch.Tensor, weight: torch.Tensor, options: Any, *wanted: bool
    ) -> Any:
        ctx.save_for_backward(gradient, input, weight)
        ctx.options = options
        ctx.set_materialize_grads(False)
        return torch.ops.fourfold.conv_transpose3d_backward.default(gradient, input, weight, *options, *wanted)

    @staticmethod
    def backward(ctx: Any, by_input: torch.Tensor | None, by_weight: torch.Tensor | None) -> Any:
        gradient, input, weight = ctx.saved_tensors
        of_gradient, of_input, of_weight, *_ = ctx.needs_input_grad
        to_gradient = to_input = to_weight = None
        if by_input is not None:
            if of_gradient:
                to_gradient = _recorded(by_input, weight, None, ctx.options)
            to_weight = _gradients(gradient, by_input, weight, ctx.options, False, of_weight)[1]
        if by_weight is not None:
            if of_gradient:
                more = _recorded(input, by_weight, None, ctx.options)
                to_gradient = more if to_gradient is None else to_gradient + more
            to_input = _gradients(gradient, input, by_weight, ctx.options, of_input, False)[0]
        return to_gradient, to_input, to_weight, None, None, None


def _recorded(
    input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, options: Sequence[Any]
) -> torch.Tensor:
    result: torch.Tensor = _ConvTranspose3d.apply(input, weight, bias, *options)  # type: ignore[no-untyped-call]
    return result


def _gradients(
    gradient: torch.Tensor, input: torch.Tensor, weight: torch.Tensor, options: Any, of_input: bool, of_weight: bool
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    if not of_input and not of_weight:
        return None, None
    to_input, to_weight = _Gradients.apply(  # type: ignore[no-untyped-call]
        gradient, input, weight, options, of_input, of_weight
    )
    return to_input if of_input else None, to_weight if of_weight else None


# Compilers keep graphs on disk, which know the operators by name: a schema that changes takes a new one.
_library = torch.library.Library("fourfold", "DEF")  # type: ignore[no-untyped-call]


def _define(name: str, schema: str, **kernels: Any) -> None:
    tags = (torch.Tag.pt2_compliant_tag, torch.Tag.needs_fixed_stride_order)
    _library.define(name + schema, tags=tags)  # type: ignore[no-untyped-call]
    for key, kernel in kernels.items():
        _library.impl(name, kernel, key)  # type: ignore[no-untyped-call]


_FORWARD = f"(Tensor input, Tensor weight, Tensor? bias, {_OPTIONS}) -> Tensor"
_BACKWARD = (
    f"(Tensor gradient, Tensor input, Tensor weight, {_OPTIONS}, bool of_input, bool of_weight) -> (Tensor, Tensor)"
)
_define("conv_transpose3d", _FORWARD, CompositeImplicitAutograd=_call)
_define("conv_transpose3d_forward", _FORWARD, CPU=_forward, Autograd=torch.library.fallthrough_kernel)
_define("conv_transpose3d_backward", _BACKWARD, CPU=_backward, Autograd=torch.library.fallthrough_kernel)
torch.library.register_fake("fourfold::conv_transpose3d_forward", _trace_forward, lib=_library)
torch.library.register_fake("fourfold::conv_transpose3d_backward", _trace_backward, lib=_library)
