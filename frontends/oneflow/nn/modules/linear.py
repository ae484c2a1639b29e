"""Mirrors `oneflow.nn.Linear`, `Embedding` and `PReLU`; torch computes them."""

from __future__ import annotations

from typing import Any

import torch

from .....backend.arguments import integer
from .layer import Layer

__all__ = ["Embedding", "Linear", "PReLU"]


class Linear(Layer, torch.nn.Linear):
    """Multiply by a weight `(out_features, in_features)` and add a bias; drawn as torch's.

    >>> Linear(3, 2)(torch.ones(5, 3)).shape
    torch.Size([5, 2])
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(in_features, out_features, bias, device, dtype)


class Embedding(Layer, torch.nn.Embedding):
    """Rows of a weight, by index; arguments in OneFlow's order, which is torch's."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: torch.Tensor | None = None,
    ) -> None:
        if padding_idx is not None:
            padding_idx = integer(padding_idx, "padding_idx")
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, _weight
        )

    def forward(self, indices: torch.Tensor) -> Any:
        """Return rows by index, of the weight's class."""
        return torch.nn.Embedding.forward(self, indices)


class PReLU(Layer, torch.nn.PReLU):
    """Multiply what is below zero by a slope that is learned, one or one per channel; 0.25 to begin with."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__(num_parameters, init, device, dtype)
