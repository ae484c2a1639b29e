"""The parameters that functions of `fluid.layers` make: of the main program, under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import unique_name
from ..attributes import to_param_attr
from ..static.program import default_main_program
from .tensor import ParamBase

if TYPE_CHECKING:
    import torch

__all__ = ["Parameters"]


class Parameters:
    """Makes the parameters of one call; stands where a layer would, to what makes a layer's.

    Args:
        kind: what the call is, such as 'conv2d'.
        name: prefix of the parameters' names, or None for one that is made up.
        like: of the dtype and on the device wanted, a variable of what a program will compute.
        dtype: another one. Default: None.
    """

    def __init__(self, kind: str, name: str | None, like: Any, dtype: torch.dtype | None = None) -> None:
        self.prefix = unique_name.generate(kind) if name is None else name
        self.like, self.dtype = like, dtype

    def create_parameter(
        self,
        shape: Any,
        attr: Any = None,
        *,
        is_bias: bool = False,
        default_initializer: Any = None,
        dtype: torch.dtype | None = None,
    ) -> Any:
        """Return a parameter, or None for an attr of False."""
        wanted = to_param_attr(attr)
        if wanted is None:
            return None
        found: Any = default_main_program().parameter(
            tuple(shape),
            wanted,
            self.prefix,
            self.like,
            is_bias=is_bias,
            default_initializer=default_initializer,
            dtype=dtype or self.dtype,
        )
        found.__class__ = ParamBase
        return found

    def add_parameter(self, name: str, parameter: Any) -> None:
        """Keep a parameter under a name, as a layer does."""
        setattr(self, name, parameter)
