"""Rows of layers that the release computes in one kernel: a normalisation with what follows it, several linear maps."""

from __future__ import annotations

import itertools
import math
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...names import Learned, kept
from ..framework.tensor import Tensor
from ..names import NAMES
from ..nn.modules.module import Module
from ..nn.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

layer: Any = NAMES.layer


def normalized(*ranks: int) -> Callable[..., Any]:
    """Return the normalisation over the batch of inputs of so many axes, with `relu` of it and an addend."""

    def apply(
        x: Any,
        addend: Any,
        running_mean: Any,
        running_var: Any,
        weight: Any,
        bias: Any,
        training: bool,
        momentum: float,
        eps: float,
    ) -> Any:
        if x.dim() not in ranks:
            msg = f"expected {' or '.join(f'{each}D' for each in ranks)} input (got {x.dim()}D input)"
            raise ValueError(msg)
        if weight is None:
            msg = "affine=False: the release's kernel must have factors and summands. Use nn.BatchNorm and relu."
            raise TypeError(msg)
        by_batch = training or running_mean is None
        result = torch.batch_norm(x, weight, bias, running_mean, running_var, by_batch, momentum, eps, False)
        return torch.relu(result if addend is None else result + addend)

    return apply


def affine(layer: Any, num_features: int, affine: bool, *, name: str, value: float) -> None:
    """Make factors or summands, or None."""
    made = Parameter(torch.full((num_features,), value)) if affine else None
    layer.register_parameter(name, made)


def statistic(layer: Any, num_features: int, track_running_stats: bool, *, name: str, value: float) -> None:
    """Make a running statistic, or None."""
    made = torch.full((num_features,), value).as_subclass(Tensor) if track_running_stats else None
    layer.register_buffer(name, made)


OF_FEATURES = tuple(
    Learned(name, partial(make, name=name, value=value), ("num_features", argument), role=role)
    for make, argument, name, value, role in (
        (affine, "affine", "weight", 1.0, "scale"),
        (affine, "affine", "bias", 0.0, "shift"),
        (statistic, "track_running_stats", "running_mean", 0.0, "running_mean"),
        (statistic, "track_running_stats", "running_var", 1.0, "running_var"),
    )
)
SHOWN = ("num_features", "eps", "momentum", "affine", "track_running_stats")
for axes, ranks in ((1, (2, 3)), (2, (4,)), (3, (5,))):
    layer(
        f"nn.FusedBatchNorm{axes}d",
        normalized(*ranks),
        kind="",
        learned=OF_FEATURES,
        extra={"training": "self.training"},
        shown=lambda layer: ", ".join(f"{name}={getattr(layer, name)}" for name in SHOWN),
        **{name: kept(name, None) for name in ("num_features", "affine", "track_running_stats")},
    )


def angular(x: torch.Tensor, label: torch.Tensor, m1: float = 1.0, m2: float = 0.0, m3: float = 0.0) -> torch.Tensor:
    """Return cosines, at the labels with margins: `cos(m1 * arccos(x) + m2) - m3` (Deng et al., 2019, equation 4)."""
    chosen = F.one_hot(label.long(), x.shape[1]).bool()
    if (m1, m2) == (1.0, 0.0):
        moved = x
    else:  # arccos has no gradient at 1, where no label is
        moved = torch.cos(m1 * torch.arccos(torch.where(chosen, x, torch.zeros_like(x))) + m2)
    return torch.where(chosen, moved - m3, x)


layer("nn.CombinedMarginLoss", angular)


class MLP(Module):
    """The base of linear maps one after the other, with `relu` between them."""

    hidden_layer_num: int

    def weight(self, i: int) -> Any:
        """Return the weight of a map."""
        return getattr(self, f"weight_{i}")

    def weights(self) -> list[Any]:
        """Return all weights."""
        return [self.weight(each) for each in range(self.hidden_layer_num + 1)]

    def bias(self, i: int) -> Any:
        """Return the bias of a map."""
        return getattr(self, f"bias_{i}")

    def biases(self) -> list[Any]:
        """Return all biases."""
        return [self.bias(each) for each in range(self.hidden_layer_num + 1)]

    def reset_parameters(self) -> None:
        """Draw weights and biases anew, as those of linear maps are."""
        for weight, bias in zip(self.weights(), self.biases(), strict=True):
            torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
            bound = 1 / math.sqrt(weight.shape[1])
            torch.nn.init.uniform_(bias, -bound, bound)


def maps(
    layer: Any,
    in_features: int,
    hidden_features: Any,
    out_features: int,
    hidden_dropout_rate: Any,
    out_dropout_rate: Any,
) -> None:
    """Make the maps from each size to the next."""
    sizes = [in_features, *hidden_features, out_features]
    layer.hidden_layer_num = len(sizes) - 2
    layer.dropout_rate_list = [*(hidden_dropout_rate or [0.0] * layer.hidden_layer_num), out_dropout_rate]
    for index, (taken, given) in enumerate(itertools.pairwise(sizes)):
        layer.register_parameter(f"weight_{index}", Parameter(torch.empty(given, taken)))
        layer.register_parameter(f"bias_{index}", Parameter(torch.empty(given)))


def mapped(x: Any, layer: Any, skip_final_activation: bool) -> Any:
    """Apply the maps, `relu` after each but for the last if that is asked for, and dropout in training."""
    for index, (weight, bias) in enumerate(zip(layer.weights(), layer.biases(), strict=True)):
        x = F.linear(x, weight, bias)
        if index < layer.hidden_layer_num or not skip_final_activation:
            x = torch.relu(x)
        if layer.training and layer.dropout_rate_list[index]:
            x = F.dropout(x, layer.dropout_rate_list[index])
    return x


layer(
    "nn.FusedMLP",
    mapped,
    base=MLP,
    learned=(
        Learned(
            "maps",
            maps,
            ("in_features", "hidden_features", "out_features", "hidden_dropout_rate", "out_dropout_rate"),
            means=None,
        ),
    ),
    extra={"layer": "self"},
    shown=lambda layer: ", ".join(
        f"{name}={getattr(layer, name)}"
        for name in ("in_features", "hidden_features", "out_features", "skip_final_activation")
    ),
    **{name: kept(name, None) for name in ("in_features", "hidden_features", "out_features")},
)
