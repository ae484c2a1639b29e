"""Run the engine as fluid's operator `conv3d_transpose`: what fails in it raises `EnforceNotMet`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, cast

import torch
from torch.overrides import handle_torch_function, has_torch_function_unary

from ....backend import ConvTranspose3dSpec, OperatorError
from ....backend.arguments import triple
from ....backend.caching import remembered
from ...tensor import plain, run
from ..dtype import dtype_name
from ..nn.padding import same_pads
from ..static.graph import Variable
from .bindings import EnforceNotMet

if TYPE_CHECKING:
    from ....backend.arguments import IntOrPads, IntOrTriple, Triple

__all__ = ["check_input", "conv3d_transpose"]


def conv3d_transpose(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    *,
    stride: Any,
    padding: IntOrPads | str,
    dilation: Any,
    groups: int,
    output_size: Any = None,
    use_cudnn: bool = True,
) -> torch.Tensor:
    """Apply the operator; the channels and the filter size are those of `weight`.

    Args:
        input: `(N, C_in, D, H, W)`.
        weight: `(C_in, C_out / groups, kD, kH, kW)`.
        bias: `(C_out,)`, or None.
        stride: as in `ConvTranspose3dSpec`.
        padding: likewise, or 'SAME', which takes the pads from the input's size and sets dilation to 1.
        dilation: likewise.
        groups: likewise.
        output_size: three ints, or None.
        use_cudnn: False turns cuDNN off while the operator runs on CUDA.

    Raises:
        EnforceNotMet: operands and arguments do not fit each other.
    """
    if not isinstance(input, torch.Tensor) and has_torch_function_unary(input):
        # symbolic tracing (torch.fx) sees one call of this function
        return handle_torch_function(
            conv3d_transpose,
            (input,),
            input,
            weight,
            bias,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            output_size=output_size,
            use_cudnn=use_cudnn,
        )
    check_input(input)
    arguments = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    if torch.compiler.is_compiling():
        # tracing a `try` needs a recent torch; without it a refused call raises the engine's own error
        return _run(input, weight, bias, _spec(input, weight, arguments), output_size, use_cudnn)
    try:
        return _run(input, weight, bias, _spec(input, weight, arguments), output_size, use_cudnn)
    except OperatorError as error:
        msg = f"{_key_phrase(input, weight, arguments, output_size)}{error}"
        raise EnforceNotMet(msg) from error


def check_input(input: Any) -> None:
    """Raise EnforceNotMet unless `input` is a tensor of five axes."""
    if not isinstance(input, (torch.Tensor, Variable)):
        msg = (
            f"Python object is not type of VarBase: input is a {type(input).__name__}. "
            f"Convert it with fluid.dygraph.to_variable()."
        )
        raise EnforceNotMet(msg)
    if input.dim() != 5:
        msg = (
            f"The input's dimension size and filter's dimension size of Op (conv_transpose) should be equal: the input "
            f"has {input.dim()}, shape {tuple(input.shape)}, the filter 5. Reshape it to (N, C, D, H, W)."
        )
        raise EnforceNotMet(msg)


def _spec(input: torch.Tensor, weight: torch.Tensor, arguments: dict[str, Any]) -> ConvTranspose3dSpec:
    # not .shape, which dynamo would have to run as a property of the parameter's class
    sizes = tuple(plain(weight).shape)
    stride, padding, dilation, groups = (arguments[name] for name in ("stride", "padding", "dilation", "groups"))
    if padding == "SAME":
        depth, height, width = plain(input).shape[2:]
        steps = triple(stride, "stride")
        padding, dilation = same_pads((depth, height, width), cast("Triple", sizes[2:]), steps), 1
    return _operator(sizes, stride, padding, dilation, groups)


@remembered
def _operator(
    sizes: tuple[int, ...], stride: IntOrTriple, padding: IntOrPads, dilation: IntOrTriple, groups: int
) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(
        in_channels=sizes[0],
        out_channels=sizes[1] * groups,
        kernel_size=sizes[2:],
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )


def _run(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    spec: ConvTranspose3dSpec,
    output_size: Triple | None,
    use_cudnn: bool,
) -> torch.Tensor:
    if use_cudnn or not input.is_cuda:
        return run(input, weight, bias, spec, output_size=output_size)
    with torch.backends.cudnn.flags(enabled=False):
        return run(input, weight, bias, spec, output_size=output_size)


def _key_phrase(
    input: torch.Tensor, weight: torch.Tensor, arguments: dict[str, Any], output_size: Triple | None
) -> str:
    """What fluid 1.8.5 says of the same mistake, to put before the engine's message."""
    phrase = ""
    if input.shape[1] != weight.shape[0]:
        phrase = "The number of input channels should be equal to filter channels for Op(conv_transpose): "
    elif not input.is_floating_point():
        phrase = f"Operator conv3d_transpose does not have kernel for data_type[{dtype_name(input.dtype)}]: "
    elif input.dtype != weight.dtype:
        phrase = (
            f"Tensor holds the wrong type, it holds {dtype_name(weight.dtype)}, but desires to be "
            f"{dtype_name(input.dtype)}: "
        )
    else:
        with contextlib.suppress(OperatorError):
            phrase = _size_phrase(_spec(input, weight, arguments), input, output_size)
    return phrase


def _size_phrase(spec: ConvTranspose3dSpec, input: torch.Tensor, output_size: Triple | None) -> str:
    depth, height, width = input.shape[2:]
    smallest, greatest = spec.output_size_range((depth, height, width))
    if output_size is not None:
        if any(size < least for size, least in zip(output_size, smallest, strict=True)):
            return "output_size of Op(ConvTransposeOp) should not be less than the infered output size: "
        if any(size > most for size, most in zip(output_size, greatest, strict=True)):
            return "output_size of Op(ConvTransposeOp) should be less than infered size + stride: "
    if min(smallest) < 0:
        return "the Tensor's numel must be equal or larger than zero: "
    return ""
