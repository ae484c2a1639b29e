"""Whether operands are sharded over processes: asked of every call that is not on plain tensors; and such whole."""

from __future__ import annotations

import sys
from typing import Any

import torch

_PLAIN = (torch.Tensor, torch.nn.Parameter, type(None))


def is_sharded(*operands: Any) -> bool:
    """Whether one of the operands is a DTensor; where none was ever made, torch's module is not imported.

    Example:
        >>> import torch
        >>> is_sharded(torch.zeros(2), None)
        False
    """
    if all(type(each) in _PLAIN for each in operands):  # what dynamo traces ends here
        return False
    kind = getattr(sys.modules.get("torch.distributed.tensor"), "DTensor", None)
    return kind is not None and any(isinstance(each, kind) for each in operands)


def whole(tensor: Any) -> Any:
    """Return a tensor that processes share whole, as a plain one; any other as it is."""
    return tensor.full_tensor() if is_sharded(tensor) else tensor
