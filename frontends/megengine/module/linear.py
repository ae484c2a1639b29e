"""Mirrors `megengine.module.Linear` and `Embedding`."""

from __future__ import annotations

import math
from typing import Any

import torch

from ....backend import OperatorError
from ..names import NAMES
from ..tensor import Parameter
from .module import Module

__all__ = ["Embedding", "Linear"]

linear, embedding = NAMES.get("functional.linear"), NAMES.get("functional.embedding")


class Linear(Module):
    """Multiply by a weight and add a bias.

    Args:
        in_features: size of the last axis of the input.
        out_features: size of the last axis of the output.
        bias: whether to add a learnable bias. Default: True.
        compute_mode: without effect: how wide the sums of float16 are is torch's choice.
        kwargs: `name`, kept as `.name`.

    Attributes:
        weight: `(out_features, in_features)`, drawn from the normal distribution of variance `1 / in_features`.
        bias: `(out_features,)`, zeros, or None.

    Example:
        >>> Linear(3, 2)(torch.ones(5, 3)).shape
        torch.Size([5, 2])
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, compute_mode: str = "default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if in_features == 0:
            msg = "in_features=0: division by zero; in_features must be 1 and above."
            raise ZeroDivisionError(msg)
        self.compute_mode = compute_mode
        self.in_features = in_features
        self.out_features = out_features
        self.bias = Parameter(torch.zeros(out_features)) if bias else None
        self.weight = Parameter(torch.zeros(out_features, in_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weight anew and set the bias to zero."""
        torch.nn.init.normal_(self.weight, 0.0, math.sqrt(1 / self.in_features))
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply `linear`."""
        return linear(x, self.weight, self.bias)  # type: ignore[no-any-return]

    def _module_info_string(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Embedding(Module):
    """Rows of a weight, by index.

    Args:
        num_embeddings: rows.
        embedding_dim: columns.
        padding_idx: only None, as in MegEngine.
        max_norm: only None, as in MegEngine.
        norm_type: only None, as in MegEngine.
        initial_weight: what to begin with, copied. Default: None, standard normal values.
        freeze: whether the weight gets no gradients. Default: False.
        kwargs: `name`, kept as `.name`.

    Raises:
        ValueError: an argument that MegEngine does not support, or a weight of another shape (a RuntimeError too).
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float | None = None,
        initial_weight: torch.Tensor | None = None,
        freeze: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (padding_idx, max_norm, norm_type) != (None, None, None):
            msg = "Not support padding index or weight normalize, as in MegEngine; legal is None. Leave them out."
            raise OperatorError(msg)
        shape = (num_embeddings, embedding_dim)
        if initial_weight is not None and tuple(initial_weight.shape) != shape:
            msg = (
                f"The weight shape should match num_embeddings and embedding_dim, {shape}; it is "
                f"{tuple(initial_weight.shape)}. Transpose or slice it."
            )
            raise OperatorError(msg)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.freeze = freeze
        if initial_weight is None:
            self.weight = Parameter(torch.empty(shape))
            self.reset_parameters()
        else:
            self.weight = Parameter(initial_weight.detach().clone())

    def reset_parameters(self) -> None:
        """Draw the weight anew from the standard normal distribution."""
        torch.nn.init.normal_(self.weight)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return rows by index."""
        return embedding(inputs, self.weight.detach() if self.freeze else self.weight)  # type: ignore[no-any-return]
