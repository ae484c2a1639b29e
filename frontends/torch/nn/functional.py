"""Mirrors `torch.nn.functional`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.overrides import handle_torch_function, has_torch_function_variadic

from ....backend import conv_transpose3d as engine
from ....backend.torch_arguments import spec_of
from ...calls import explain_calls
from ..quantisation import warn_of_quantising_trace

if TYPE_CHECKING:
    import torch

    from ....backend.arguments import IntOrTriple

__all__ = ["conv_transpose3d"]


def conv_transpose3d(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: IntOrTriple = 1,
    padding: IntOrTriple = 0,
    output_padding: IntOrTriple = 0,
    groups: int = 1,
    dilation: IntOrTriple = 1,
) -> torch.Tensor:
    """Apply a 3-D transposed convolution; same arguments, in the same order, as torch's function.

    Args:
        input: the volume.
        weight: the kernel, not flipped.
        bias: one value per output channel, or None.
        stride: one int or three, 1 and above; a list or tuple of one is that one, here and below.
        padding: one int or three, 0 and above: `dilation * (kernel_size - 1) - padding` zeros are added
            to both sides of the input.
        output_padding: one int or three, 0..max(stride, dilation) - 1: added to the high side of the output.
        groups: a divisor of both channel counts.
        dilation: one int or three, 1 and above.

    Shape:
        - input: `(N, C_in, D, H, W)` or `(C_in, D, H, W)`
        - weight: `(C_in, C_out / groups, kD, kH, kW)`
        - bias: `(C_out,)`
        - output: `(N, C_out, D_out, H_out, W_out)` or `(C_out, D_out, H_out, W_out)`

    Raises:
        RuntimeError: a value or shape is illegal (a ValueError too).
        TypeError: an argument is of the wrong type.

    Example:
        >>> import torch
        >>> conv_transpose3d(torch.randn(2, 4, 5, 5, 5), torch.randn(4, 3, 3, 3, 3), stride=2).shape
        torch.Size([2, 3, 11, 11, 11])
    """
    if has_torch_function_variadic(input, weight, bias):
        # symbolic tracing (torch.fx) and tensor subclasses see one call of this function
        warn_of_quantising_trace(input)
        return handle_torch_function(
            conv_transpose3d,
            (input, weight, bias),
            input,
            weight,
            bias,
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            groups=groups,
            dilation=dilation,
        )
    return engine(input, weight, bias, spec_of(weight, stride, padding, output_padding, groups, dilation))


explain_calls(globals())
