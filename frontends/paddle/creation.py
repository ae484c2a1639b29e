"""Make a parameter from a shape and a `ParamAttr`; layers and static functions do it alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .nn.initializer import Initializer, choose_initializer
from .place import to_device
from .tensor import Parameter

if TYPE_CHECKING:
    from .attributes import ParamAttr

__all__ = ["new_parameter"]


def new_parameter(
    shape: Any,
    attr: ParamAttr,
    name: str,
    dtype: torch.dtype,
    *,
    is_bias: bool = False,
    default_initializer: Initializer | None = None,
    device: Any = None,
) -> Parameter:
    """Return an initialised parameter; on the meta device, where there are no values, an initializer is not called.

    Args:
        shape: its sizes, 0 and above.
        attr: how it is initialised and trained; its name is not used.
        name: the parameter's name.
        dtype: of the values.
        is_bias: whether the default values are zero. Default: False.
        default_initializer: first values where `attr` names none. Default: None, Xavier uniform or zero.
        device: a place, or what names one. Default: None, torch's default device.

    Raises:
        AssertionError: a size is negative.
        TypeError: the shape holds no integers.
    """
    values = torch.empty(_sizes(shape), dtype=dtype, device=to_device(device))
    parameter = Parameter(values, attr.trainable)
    parameter.name = name
    parameter.optimize_attr = {"learning_rate": attr.learning_rate}
    parameter.regularizer = attr.regularizer
    parameter.do_model_average = attr.do_model_average
    parameter.need_clip = attr.need_clip
    if not values.is_meta:
        (attr.initializer or choose_initializer(is_bias, default_initializer))(parameter)
    return parameter


def _sizes(shape: Any) -> list[int]:
    try:
        sizes = [int(size) for size in shape] if not isinstance(shape, int) else [shape]
    except TypeError:
        msg = f"shape={shape!r} is a {type(shape).__name__}; it must be a list or tuple of integers."
        raise TypeError(msg) from None
    for axis, size in enumerate(sizes):
        if size < 0:
            msg = (
                f"shape={sizes}: Expected every dim's size to be larger than or equal to 0, but the size of the "
                f"{axis}-th dim is {size}."
            )
            raise AssertionError(msg)
    return sizes
