"""The parameters that functions of `fluid.layers` make: of the main program, under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..static import parameters
from .tensor import ParamBase

if TYPE_CHECKING:
    import torch

__all__ = ["Parameters"]


class Parameters(parameters.Parameters):
    """Makes the parameters of one call; stands where a layer would, to what makes a layer's.

    Args:
        kind: what the call is, such as 'conv2d'.
        name: prefix of the parameters' names, or None for one that is made up.
        like: of the dtype and on the device wanted, a variable of what a program will compute.
        dtype: another one. Default: None.
    """

    def __init__(self, kind: str, name: str | None, like: Any, dtype: torch.dtype | None = None) -> None:
        super().__init__(kind, name, like)
        self.dtype = dtype

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
        found = self(shape, attr, is_bias=is_bias, initial=default_initializer, dtype=dtype or self.dtype)
        if found is not None:
            found.__class__ = ParamBase
        return found

    def add_parameter(self, name: str, parameter: Any) -> None:
        """Keep a parameter under a name, as a layer does."""
        setattr(self, name, parameter)
