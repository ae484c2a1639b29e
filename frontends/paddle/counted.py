"""Mirrors `paddle.flops`: the multiplications and additions of a network, by the release's rules for each layer."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import torch

from .names import NAMES
from .nn.layer import Layer
from .progress import say
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["flops"]


def _convolved(layer: Any, inputs: Any, output: Any) -> int:
    """Return products for each output: as many as a kernel has values for one, and one more for a bias."""
    kernel = math.prod(layer.weight.shape[2:])
    products = kernel * (layer._in_channels / layer._groups) + (layer.bias is not None)
    return int(output.numel()) * int(products)


def _averaged(layer: Any, inputs: Any, output: Any) -> int:
    """Return additions for each output, as many as its window has values, and a division."""
    sizes, wanted = inputs[0].shape[2:], vars(layer).get("_output_size", vars(layer).get("output_size"))
    wanted = [wanted] * len(sizes) if isinstance(wanted, int) else wanted
    window = math.prod(size // each for size, each in zip(sizes, wanted, strict=True))
    return int(output.numel()) * int(window + 1)


# The rules of 3.3.1, for layers of exactly these classes; what has none counts 0.
RULES: dict[str, Callable[[Any, Any, Any], int]] = {
    **{f"Conv{axes}D{which}": _convolved for axes in (1, 2, 3) for which in ("", "Transpose")},
    **dict.fromkeys(["BatchNorm", "BatchNorm2D"], lambda layer, inputs, output: 2 * int(inputs[0].numel())),
    **dict.fromkeys(["ReLU", "ReLU6", "Dropout"], lambda layer, inputs, output: 0),
    **dict.fromkeys(["AvgPool1D", "AvgPool2D", "AvgPool3D"], lambda layer, inputs, output: int(output.numel())),
    **dict.fromkeys(["AdaptiveAvgPool1D", "AdaptiveAvgPool2D", "AdaptiveAvgPool3D"], _averaged),
    "LeakyReLU": lambda layer, inputs, output: int(inputs[0].numel()),
    "Linear": lambda layer, inputs, output: int(output.numel()) * int(layer.weight.shape[0]),
}


def flops(
    net: Any, input_size: Any, custom_ops: Mapping[type, Callable[..., Any]] | None = None, print_detail: bool = False
) -> int:
    """Print and return how much a network computes, layer by layer; what is no layer of its own counts nothing.

    Args:
        net: a layer that has others: one alone counts 0, as in the release.
        input_size: of the input, which is drawn.
        custom_ops: for a class of layers a function of one, its inputs and its output, which adds to the layer's
            `total_ops`. Default: None.
        print_detail: whether to print a table. Default: False.

    Returns:
        the sum; -1 where `net` is no layer.

    Example:
        >>> from fourfold.frontends import paddle
        >>> paddle.flops(paddle.nn.Sequential(paddle.nn.Linear(4, 3)), [2, 4])  # doctest: +ELLIPSIS
        <class ...Linear'>'s flops has been counted
        Total Flops: 24     Total Params: 15
        24
    """
    if not isinstance(net, Layer):
        warnings.warn(f"flops counts layers; {net!r} is a {type(net).__name__}.", stacklevel=2)
        return -1
    rules = {NAMES.get(f"nn.{name}"): rule for name, rule in RULES.items()}
    custom, told = dict(custom_ops or {}), set[type]()
    layers: list[Any] = list(net.sublayers(include_self=True))
    leaves = [layer for layer in layers if not layer.sublayers()]
    shapes: dict[Any, tuple[Any, Any]] = {}

    def count(layer: Any, inputs: Any, output: Any) -> None:
        kind = type(layer)
        if kind in custom:
            custom[kind](layer, inputs, output)
        elif kind in rules:
            layer.total_ops += rules[kind](layer, inputs, output)
        shapes[layer] = list(inputs[0].shape), list(output.shape) if isinstance(output, torch.Tensor) else []

    for layer in leaves:
        if type(layer) not in told:
            told.add(type(layer))
            say(_said(type(layer), type(layer) in custom, type(layer) in rules))
    input = torch.randn([input_size] if isinstance(input_size, int) else list(input_size)).as_subclass(Tensor)
    _run(net, leaves, input, count)
    within = {
        layer: (*shapes[layer], _parameters(layer), int(layer.total_ops))
        for layer in leaves
        if layer in shapes and layer is not net
    }
    for layer in leaves:
        del layer.total_ops
    if print_detail:
        _print([(layer.full_name(), *found) for layer, found in within.items()])
    operations, parameters = (sum(found[index] for found in within.values()) for index in (3, 2))
    say(f"Total Flops: {operations}     Total Params: {parameters}")
    return operations


def _run(net: Any, leaves: list[Any], input: Tensor, count: Callable[..., None]) -> None:
    """Call the network as it is where it is used, and leave it as it was."""
    hooks = [layer.register_forward_post_hook(count) for layer in leaves]
    training = {layer: layer.training for layer in net.sublayers(include_self=True)}
    for layer in leaves:
        # as in the release, whose functions of callers add to it
        layer.register_buffer("total_ops", torch.zeros(1, dtype=torch.int64).as_subclass(Tensor), persistable=False)
    try:
        net.eval()
        with torch.no_grad():
            net(input)
    finally:
        for hook in hooks:
            hook.remove()
        for layer, mode in training.items():
            layer.training = mode


def _parameters(layer: Any) -> int:
    """Return the number of values that a layer keeps: averages of a batch are parameters in Paddle."""
    averages = (layer._buffers.get(name) for name in ("_mean", "_variance"))
    kept = [*layer._parameters.values(), *averages]
    return sum(math.prod(each.shape) for each in kept if each is not None)


def _said(kind: type, custom: bool, known: bool) -> str:
    if custom:
        return f"Customize Function has been applied to {kind}"
    if known:
        return f"{kind}'s flops has been counted"
    return f"Cannot find suitable count function for {kind}. Treat it as zero FLOPs."


def _print(rows: list[tuple[Any, ...]]) -> None:
    lines = [("Layer Name", "Input Shape", "Output Shape", "Params", "Flops"), *(tuple(map(str, row)) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(5)]
    border = "+".join(["", *("-" * (width + 2) for width in widths), ""])
    text = [_row(line, widths) for line in lines]
    say("\n".join([border, text[0], border, *text[1:], border]))


def _row(cells: tuple[Any, ...], widths: list[int]) -> str:
    return "|".join(["", *(f" {cell.center(width)} " for cell, width in zip(cells, widths, strict=True)), ""])
