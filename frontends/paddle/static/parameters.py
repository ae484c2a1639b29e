"""What functions of programs have in common that make parameters: of the main program, under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import unique_name
from ..activation import activation_of
from ..attributes import to_param_attr
from ..names import NAMES
from .graph import deferred
from .program import default_main_program

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

__all__ = ["Parameters", "channels_of", "computed", "serve"]


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

    def __call__(
        self, shape: Any, attr: Any, *, is_bias: bool = False, initial: Any = None, dtype: torch.dtype | None = None
    ) -> Any:
        """Return a parameter, or None for an attr of False; of another dtype, if one is given."""
        wanted = to_param_attr(attr)
        if wanted is None:
            return None
        sizes = tuple(int(size) for size in shape)
        return default_main_program().parameter(
            sizes, wanted, self.prefix, self.like, is_bias=is_bias, default_initializer=initial, dtype=dtype
        )


def serve(function: Callable[..., Any], name: str = "", **words: str) -> None:
    """Serve a function of `static.nn` under its own name; what it is called with reaches it as it is."""
    names = NAMES.signatures.signature(f"static.nn.{name or function.__name__}").parameters
    plainly = {each: "" for each in names if each in (*NAMES.tensors, "name")}
    NAMES.function(f"static.nn.{name or function.__name__}", function, **{**plainly, **words})


def computed(function: str, input: Any, *operands: Any, act: Any = None, **options: Any) -> Any:
    """Return what a function of `nn.functional`, and then an activation, gives or will give."""
    found = deferred(NAMES.get(f"nn.functional.{function}"), input, *operands, **options)
    return found if act is None else deferred(activation_of(act), found)


def channels_of(input: Any, data_format: str) -> int:
    """Return how many channels an input has."""
    return int(input.shape[-1 if data_format.endswith("C") else 1])
