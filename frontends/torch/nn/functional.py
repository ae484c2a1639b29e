"""Mirrors `torch.nn.functional`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.overrides import handle_torch_function, has_torch_function_variadic

from ....backend import ConvTranspose3dSpec, OperatorError, OperatorTypeError
from ....backend import conv_transpose3d as engine
from ....backend.arguments import check_range, integer, triple
from ....backend.caching import remembered
from ...calls import explain_calls
from ..quantisation import warn_of_quantising_trace

if TYPE_CHECKING:
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


def spec_of(
    weight: Any,
    stride: IntOrTriple,
    padding: IntOrTriple,
    output_padding: IntOrTriple,
    groups: int,
    dilation: IntOrTriple,
) -> ConvTranspose3dSpec:
    """Return the operator that a weight in torch's layout and torch's arguments describe."""
    if not isinstance(weight, torch.Tensor):
        msg = f"weight is a {type(weight).__name__}; it must be a tensor. Convert it with torch.as_tensor()."
        raise OperatorTypeError(msg)
    if torch.compiler.is_dynamo_compiling() or type(weight) not in (torch.Tensor, torch.nn.Parameter):
        return _spec(tuple(weight.shape), stride, padding, output_padding, groups, dilation)
    # A layer passes the same objects every time: to compare them by their values would take longer than to find them.
    key = (weight.shape, id(stride), id(padding), id(output_padding), id(groups), id(dilation))
    found = _known.get(key)
    if found is None:
        given = (stride, padding, output_padding, groups, dilation)
        found = _Known(_spec(tuple(weight.shape), *given), given)
        if all(type(each) in (int, tuple) for each in given):  # others may change
            if len(_known) >= _MOST:
                _known.clear()
            _known[key] = found
    return found.spec


class _Known(NamedTuple):
    """An operator, and what it was made of, whose ids are nobody else's as long as it is kept here."""

    spec: ConvTranspose3dSpec
    given: tuple[IntOrTriple, ...]


_known: dict[Any, _Known] = {}
_MOST = 4096


def expanded(value: IntOrTriple) -> IntOrTriple:
    """Return three values for a list or tuple of one, which torch takes for all axes.

    >>> expanded((2,)), expanded(2), expanded((1, 2, 2))
    ((2, 2, 2), 2, (1, 2, 2))
    """
    return tuple(value) * 3 if isinstance(value, (list, tuple)) and len(value) == 1 else value


@remembered
def _spec(
    shape: tuple[int, ...],
    stride: IntOrTriple,
    padding: IntOrTriple,
    output_padding: IntOrTriple,
    groups: int,
    dilation: IntOrTriple,
) -> ConvTranspose3dSpec:
    if len(shape) != 5:
        msg = (
            f"weight has {len(shape)} dimensions, shape {shape}; it must have 5: "
            f"(in_channels, out_channels / groups, kD, kH, kW)."
        )
        raise OperatorError(msg)
    groups = integer(groups, "groups")
    if groups < 1:
        msg = f"groups={groups} is not legal (non-positive groups is not supported). Use 1 for a dense convolution."
        raise OperatorError(msg)
    padding = triple(expanded(padding), "padding")
    check_range(padding, "padding", 0, "negative padding is not supported; crop the output instead.")
    return ConvTranspose3dSpec(
        in_channels=shape[0],
        out_channels=shape[1] * groups,
        kernel_size=shape[2:],
        stride=expanded(stride),
        padding=padding,
        output_padding=expanded(output_padding),
        dilation=expanded(dilation),
        groups=groups,
    )


explain_calls(globals())
