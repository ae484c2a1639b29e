"""Mirrors `oneflow.nn.Parameter`."""

from __future__ import annotations

import torch

from ...tensor import FrontendParameter, rebuild_parameter
from ..framework.tensor import Tensor

__all__ = ["Parameter"]


class Parameter(FrontendParameter, Tensor):
    """A tensor that a module trains; what is computed from it is a `Tensor`.

    Args:
        data: the values; the memory is shared.
        requires_grad: whether to record gradients. Default: True.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> Parameter(flow.ones(2))
        tensor([1., 1.], dtype=oneflow.float32, requires_grad=True)
    """

    tensor_type = Tensor

    def __new__(cls, data: torch.Tensor | None = None, requires_grad: bool = True) -> Parameter:
        # integers, which take no gradients, are legal all the same
        return super().__new__(cls, data, requires_grad and (data is None or data.is_floating_point()))


torch.serialization.add_safe_globals([Parameter, rebuild_parameter])
