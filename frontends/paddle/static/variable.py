"""`paddle.static.Variable`, which `isinstance` asks for: tensors are some, and so is what programs hold."""

from __future__ import annotations

from typing import Any, NoReturn

from ...names import Opaque
from ..tensor import Tensor
from . import graph

__all__ = ["Variable"]


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        # also of a class below it, as in the release
        return isinstance(value, (Tensor, graph.Variable))


class Variable(metaclass=_Kind):
    """A tensor, or what stands in a program for one.

    `paddle.static.data` makes them; a block of a program, which this takes, is not served.

    >>> isinstance(Tensor([1.0]), Variable), isinstance(1.0, Variable)
    (True, False)
    """

    def __init__(
        self,
        block: Any,
        type: Any = Opaque("<VarType.DENSE_TENSOR: 7>"),  # noqa: B008
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
    msg = "static.Variable takes a block of a program, which is not served; make one by static.data."
    raise NotImplementedError(msg)
