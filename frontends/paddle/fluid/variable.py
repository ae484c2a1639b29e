"""`fluid.Variable`, which `isinstance` asks for: tensors of dygraph are some, and so is what programs hold."""

from __future__ import annotations

from typing import Any, NoReturn

from ...names import Opaque
from ..static import graph
from .tensor import VarBase

__all__ = ["Variable"]


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        # a class below it has none
        return cls is Variable and isinstance(value, (VarBase, graph.Variable))


class Variable(metaclass=_Kind):
    """A tensor of dygraph, or what stands in a program for an array.

    `fluid.data`, `fluid.layers` and `fluid.dygraph.to_variable` make them; a block of a program, which this takes,
    is not served.

    >>> isinstance(VarBase([1.0]), Variable), isinstance(1.0, Variable)
    (True, False)
    """

    def __init__(
        self,
        block: Any,
        type: Any = Opaque("VarType.LOD_TENSOR"),  # noqa: B008
        name: str | None = None,
        shape: Any = None,
        dtype: Any = None,
        lod_level: int | None = None,
        capacity: int | None = None,
        persistable: bool | None = None,
        error_clip: Any = None,
        stop_gradient: bool = False,
        is_data: bool = False,
        need_check_feed: bool = False,
        belong_to_optimizer: bool = False,
        **kwargs: Any,
    ) -> None:
        _refuse()


def _refuse() -> NoReturn:
    msg = "fluid.Variable takes a block of a program, which is not served; make one by fluid.data or to_variable."
    raise NotImplementedError(msg)
