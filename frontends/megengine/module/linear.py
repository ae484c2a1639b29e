"""Mirrors `megengine.module.linear` and `embedding`: how weights begin; rows make the classes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from .module import Module

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..tensor import Parameter

__all__: list[str] = []


class _Linear(Module):
    """Base class of linear maps."""

    if TYPE_CHECKING:
        in_features: int
        out_features: int
        weight: Parameter
        bias: Parameter | None

    def reset_parameters(self) -> None:
        """Draw the weight anew and set the bias to zero."""
        torch.nn.init.normal_(self.weight, 0.0, math.sqrt(1 / self._get_fanin()))
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def _get_fanin(self) -> int:
        return self.in_features

    def _module_info_string(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class _Table(Module):
    """Base class of the table whose rows are looked up."""

    if TYPE_CHECKING:
        weight: Parameter

    def reset_parameters(self) -> None:
        """Draw the weight anew from the standard normal distribution."""
        if not self.__dict__.pop("_is_given", False):  # at the end of the constructor it may be
            torch.nn.init.normal_(self.weight)

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: Any = None, max_norm: Any = None, norm_type: Any = None
    ) -> Self:
        """Return a layer that begins with a matrix; its weight gets no gradients unless `freeze=False`.

        Raises:
            ValueError: it is no matrix (a RuntimeError too).
        """
        if len(embeddings.shape) != 2:
            msg = (
                f"Embeddings parameter is expected to be 2-dimensional; its shape is {tuple(embeddings.shape)}. "
                f"Reshape it to one row per entry."
            )
            raise OperatorError(msg)
        sizes: Any = embeddings.shape
        make: Any = cls
        return make(*sizes, padding_idx, max_norm, norm_type, embeddings, freeze)  # type: ignore[no-any-return]
