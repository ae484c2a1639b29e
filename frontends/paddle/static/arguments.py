"""What the functions named `conv3d_transpose` of `static.nn` and of `fluid.layers` do alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorTypeError
from .. import unique_name
from ..attributes import ParamAttr, check_weight_attr, to_param_attr
from .graph import Variable
from .program import default_main_program

if TYPE_CHECKING:
    from ....backend import ConvTranspose3dSpec
    from ..tensor import Parameter

__all__ = ["check_call", "create_parameters"]


def check_call(
    input: Any, param_attr: Any, use_cudnn: Any, filter_size: Any, output_size: Any, kind: str, convert: str
) -> None:
    """Check the arguments that mean the same in both functions.

    Args:
        input: a tensor, or what a program will compute.
        param_attr: of the weight.
        use_cudnn: a bool.
        filter_size: None, or anything.
        output_size: likewise, but not together.
        kind: what the framework calls a tensor.
        convert: the function that makes one.

    Raises:
        AssertionError: `param_attr` is False.
        TypeError: the input is no tensor.
        ValueError: another argument is illegal.
    """
    check_weight_attr(param_attr, "param_attr", "in conv3d_transpose")
    if not isinstance(input, (torch.Tensor, Variable)):
        msg = f"Input of conv3d_transpose must be {kind}; it is a {type(input).__name__}. Convert it with {convert}()."
        raise OperatorTypeError(msg)
    if not isinstance(use_cudnn, bool):
        msg = f"use_cudnn should be True or False; it is {use_cudnn!r}."
        raise ValueError(msg)
    if filter_size is None and output_size is None:
        msg = "output_size must be set when filter_size is None; give one of them."
        raise ValueError(msg)


def create_parameters(
    spec: ConvTranspose3dSpec, like: Any, param_attr: Any, bias_attr: Any, name: str | None
) -> tuple[Parameter, Parameter | None]:
    """Return the weight and the bias of a call, from the main program or new in it.

    Args:
        spec: the operator.
        like: of the dtype and on the device wanted.
        param_attr: of the weight.
        bias_attr: of the bias; False: none.
        name: prefix of generated names. None: `conv3d_transpose_` and a number.
    """
    prefix = unique_name.generate("conv3d_transpose") if name is None else name
    program = default_main_program()
    weight = program.parameter(spec.weight_shape, to_param_attr(param_attr) or ParamAttr(), prefix, like)
    attr = to_param_attr(bias_attr)
    if attr is None:
        return weight, None
    return weight, program.parameter((spec.out_channels,), attr, prefix, like, is_bias=True)
