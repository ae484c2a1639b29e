"""The operator that torch's arguments describe: one number for all axes, a list of one, padding on both sides alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from .arguments import check_range, integer, triple
from .caching import remembered
from .errors import OperatorError, OperatorTypeError
from .spec import ConvTranspose3dSpec

if TYPE_CHECKING:
    from .arguments import IntOrTriple


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
