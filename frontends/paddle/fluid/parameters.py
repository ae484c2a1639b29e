"""The parameters that functions of `fluid.layers` make: of the main program, under names of their own."""

from __future__ import annotations

from typing import Any

from .. import unique_name
from ..attributes import to_param_attr
from ..static.program import default_main_program
from .tensor import ParamBase

__all__ = ["Parameters"]


class Parameters:
    """Makes the parameters of one call.

    Args:
        kind: what the call is, such as 'conv2d'.
        name: prefix of the parameters' names, or None for one that is made up.
        like: of the dtype and on the device wanted.
    """

    def __init__(self, kind: str, name: str | None, like: Any) -> None:
        self.prefix = unique_name.generate(kind) if name is None else name
        self.like = like

    def __call__(self, shape: Any, attr: Any, *, is_bias: bool = False, initial: Any = None) -> Any:
        """Return a parameter, or None for an attr of False."""
        wanted = to_param_attr(attr)
        if wanted is None:
            return None
        found: Any = default_main_program().parameter(
            tuple(shape), wanted, self.prefix, self.like, is_bias=is_bias, default_initializer=initial
        )
        found.__class__ = ParamBase
        return found
