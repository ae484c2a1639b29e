"""Batch norms folded into the convolutions before them, for evaluation, and back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Folding", "norms_behind"]


class Folding:
    """Batch norms that the convolutions before them compute, until `undo`.

    Parameters and buffers stay as they are and are folded at every call, which is little next to a volume: their
    gradients, and changes of them, are as before.

    Example:
        >>> import fourfold
        >>> model = torch.nn.Sequential(torch.nn.Conv3d(1, 2, 3, bias=False), torch.nn.BatchNorm3d(2, eps=0.0)).eval()
        >>> _ = torch.nn.init.ones_(model[0].weight)
        >>> model[1].running_var.fill_(9.0)
        tensor([9., 9.])
        >>> acceleration = fourfold.accelerate(model)
        >>> folding = Folding({model[0]: model[1]})
        >>> model(torch.ones(1, 1, 3, 3, 3)).flatten().tolist()
        [9.0, 9.0]
        >>> folding.undo()
    """

    def __init__(self, norms: dict[Any, Any]) -> None:
        self._norms = norms
        for convolution, norm in norms.items():
            convolution.forward = _Convolution(convolution, norm)
            norm.forward = _Passed(norm)

    def undo(self) -> None:
        """Let every norm compute again; once more does nothing more."""
        for layer in (*self._norms, *self._norms.values()):
            vars(layer).pop("forward", None)
        self._norms = {}


class _Passed:
    """The forward of a folded norm."""

    def __init__(self, norm: torch.nn.BatchNorm3d) -> None:
        self.norm = norm

    def __call__(self, input: torch.Tensor) -> torch.Tensor:
        if self.norm.training:
            msg = (
                "this BatchNorm3d was folded into the convolution before it, which cannot be trained. Call eval() on "
                "the model, or restore() on what accelerate() returned before you train."
            )
            raise RuntimeError(msg)
        return input


class _Convolution:
    """The forward of a convolution, and of the norm folded into it."""

    def __init__(self, layer: Any, norm: Any) -> None:
        self.layer, self.norm = layer, norm

    def __call__(self, input: torch.Tensor, *arguments: Any, **named: Any) -> torch.Tensor:
        layer, norm = self.layer, self.norm
        if layer.weight.numel() > input[:, :1].numel() * layer.out_channels:  # to scale the weight would take longer
            norm_of = type(norm).forward
            return norm_of(norm, layer._conv_forward(input, layer.weight, layer.bias, *arguments, **named))  # type: ignore[no-any-return]
        return layer._conv_forward(input, *fold(layer, norm), *arguments, **named)  # type: ignore[no-any-return]


def fold(layer: Any, norm: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weight and bias of the convolution that computes a convolution and the norm behind it."""
    factor = (norm.running_var + norm.eps).rsqrt()
    if norm.weight is not None:
        factor = factor * norm.weight
    offset = -norm.running_mean if layer.bias is None else layer.bias - norm.running_mean
    bias = offset * factor
    if norm.bias is not None:
        bias = bias + norm.bias
    if isinstance(layer, torch.nn.ConvTranspose3d):  # weight: (C_in, C_out / groups, kD, kH, kW)
        blocks = layer.weight.view(layer.groups, -1, *layer.weight.shape[1:]) * factor.view(
            layer.groups, 1, -1, 1, 1, 1
        )
        weight = blocks.flatten(0, 1)
    else:
        weight = layer.weight * factor.view(-1, 1, 1, 1, 1)
    return weight.to(layer.weight.dtype), bias.to(layer.weight.dtype)


def norms_behind(model: torch.nn.Module) -> dict[Any, Any]:
    """Return each convolution whose output goes to one batch norm and nowhere else, and that norm.

    Raises:
        ValueError: the model is in training, or `torch.fx` cannot trace it.
    """
    if model.training:
        msg = (
            "fold_batch_norm=True is given with a model in training, whose batch norms change. Call model.eval() first."
        )
        raise ValueError(msg)
    try:
        graph = _Tracer().trace(model)
    except Exception as error:
        msg = (
            f"fold_batch_norm=True needs to see how the layers of this {type(model).__name__} are connected, and "
            f"torch.fx cannot trace it: {error} Leave fold_batch_norm out."
        )
        raise ValueError(msg) from error
    return dict(_pairs(model, graph))


def _pairs(model: torch.nn.Module, graph: torch.fx.Graph) -> Iterator[tuple[Any, Any]]:
    modules: dict[Any, Any] = dict(model.named_modules(remove_duplicate=False))
    calls = [node for node in graph.nodes if node.op == "call_module"]
    counts = Counter(modules[node.target] for node in calls)
    for node in calls:
        norm = modules[node.target]
        source: Any = node.args[0] if node.args else None
        if not isinstance(norm, torch.nn.BatchNorm3d) or source not in calls or len(source.users) > 1:
            continue
        layer = modules[source.target]
        if (
            isinstance(layer, (torch.nn.Conv3d, torch.nn.ConvTranspose3d))
            and type(norm).forward is torch.nn.BatchNorm3d.forward
            and norm.running_mean is not None
            and not norm.training
            and counts[layer] == counts[norm] == 1
            and not any("forward" in vars(each) for each in (layer, norm))
            and not layer._forward_hooks  # they see the convolution's own output
            and not norm._forward_pre_hooks
        ):
            yield layer, norm


class _Tracer(torch.fx.Tracer):
    def is_leaf_module(self, module: torch.nn.Module, name: str) -> bool:
        leaves = (torch.nn.Conv3d, torch.nn.ConvTranspose3d, torch.nn.BatchNorm3d)
        return isinstance(module, leaves) or super().is_leaf_module(module, name)
