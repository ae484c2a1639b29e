"""Rows of normalisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from ..names import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__: list[str] = []


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise over the last axes, of sizes `normalized_shape`."""
    both = weight is not None and bias is not None  # the release takes neither without the other
    return F.layer_norm(input, tuple(normalized_shape), weight if both else None, bias if both else None, eps)


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Normalise each channel, by the batch in training, which updates the running statistics."""
    return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, False)


NAMES.function("nn.functional.layer_norm", layer_norm)
NAMES.function("nn.functional.batch_norm", batch_norm)
