"""Rows of a layer and a normalisation behind it, which are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..names import Learned
from . import learned, learned_norms
from .learned_maps import FEATURES, alone
from .names import NAMES
from .tensor import Parameter

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

ROOMS = (learned, learned_norms)  # their rows are what is joined
layer: Any = NAMES.layer


def followed(name: str, part: str, first: str, norm: str, *own: Learned, **arguments: Any) -> None:
    """Serve a layer and a normalisation behind it, and `relu` of them where the name says so.

    Args:
        name: of the class.
        part: the attribute of the first layer.
        first: the class of the first layer.
        norm: the class of the second.
        *own: what the class makes beside them.
        **arguments: what it keeps.
    """
    signature = NAMES.signatures.signature
    taken = [each for each in signature(f"module.{name}").parameters if each != "kwargs"]
    outputs = taken[1]

    def made(attribute: str, kind: str) -> Learned:
        takes = [each for each in taken if each in signature(f"module.{kind}").parameters]

        def make(layer: Any, **given: Any) -> None:
            if attribute == "bn":
                given["num_features"] = given.pop(outputs)
            setattr(layer, attribute, NAMES.get(f"module.{kind}")(**given))

        return Learned(attribute, make, (*takes, outputs) if attribute == "bn" else tuple(takes))

    def forward(inp: Tensor, bn: Any, **parts: Any) -> Tensor:
        result: Tensor = bn(parts[part](inp))
        return torch.relu(result) if "Relu" in name else result

    layer(f"module.{name}", forward, learned=(*own, made(part, first), made("bn", norm)), **arguments)


def unused_bias(layer: Any, out_features: int, bias: Any) -> None:
    """Make the bias that the release makes, and applies nowhere."""
    layer.bias = Parameter(torch.zeros(out_features, dtype=torch.float32)) if bias else None


UNUSED = Learned("bias", unused_bias, ("out_features", "bias"), means=None)
for end in ("", "Relu"):
    followed(f"ConvBn{end}2d", "conv", "Conv2d", "BatchNorm2d")
    followed(f"ConvTransposeBn{end}2d", "conv_transpose2d", "ConvTranspose2d", "BatchNorm2d")
    followed(f"LinearBn{end}1d", "linear", "Linear", "BatchNorm1d", UNUSED, **alone(*FEATURES))
