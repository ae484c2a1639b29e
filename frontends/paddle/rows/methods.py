"""What `paddle.Tensor` does: its operators, and the methods that are rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..dtype import default_dtype
from ..names import NAMES
from ..tensor import Tensor
from .arithmetic import compared, powered, promoted
from .linalg import product

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["add"]


def add() -> None:
    """Give the class its methods and operators."""
    NAMES.add_methods(Tensor, "Tensor", ("", "nn.functional."))
