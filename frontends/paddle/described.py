"""Mirrors `paddle.summary`: a table of the layers that a network's forward calls."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from .dtype import to_torch_dtype
from .nn.container import Sequential
from .nn.recurrent import STACKS
from .progress import say
from .tensor import Tensor

__all__ = ["summary"]


def _shapes(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return list(value.shape)
    return [_shapes(each) for each in value] if isinstance(value, (list, tuple)) else []


def _count(shapes: Any) -> int:
    if all(isinstance(each, int) for each in shapes):
        return math.prod(shapes)
    return sum(_count(each) for each in shapes)


def _inputs(input_size: Any, dtypes: Any) -> list[Any]:
    sizes = list(input_size) if isinstance(input_size, (list, tuple)) else [input_size]
    if not isinstance(sizes[0], (list, tuple)):
        sizes = [sizes]
    kinds = dtypes if isinstance(dtypes, (list, tuple)) else [dtypes or "float32"] * len(sizes)
    # a size that is not known is 1
    known = [[1 if each is None or each == -1 else each for each in size] for size in sizes]
    return [
        torch.ones(size, dtype=to_torch_dtype(kind)).as_subclass(Tensor)
        for size, kind in zip(known, kinds, strict=True)
    ]


def summary(net: Any, input_size: Any = None, dtypes: Any = None, input: Any = None) -> dict[str, Any]:
    """Print a line for each layer that is called, and return the numbers of values in them.

    Each layer counts the parameters that are its own; one that is not called counts nothing.

    Args:
        net: a layer.
        input_size: of the input, or of several; None or -1 in it is 1. Default: None.
        dtypes: of the inputs. Default: None, float32.
        input: a tensor, or several, to call it with in place of sizes. Default: None.

    Returns:
        `total_params` and `trainable_params`.

    Raises:
        ValueError: neither sizes nor an input are given.
    """
    if input_size is None and input is None:
        msg = "input_size and input cannot be None at the same time; give one of them."
        raise ValueError(msg)
    given = _inputs(input_size, dtypes) if input is None else input
    arguments = list(given) if isinstance(given, (list, tuple)) else [given]
    rows: dict[str, tuple[Any, Any, int, int]] = {}

    def note(layer: Any, inputs: Any, outputs: Any) -> None:
        number = int(layer.full_name().rpartition("_")[2]) + 1
        own = [each for each in layer._parameters.values() if each is not None]
        counts = [math.prod(each.shape) for each in own]
        learned = sum(size for size, each in zip(counts, own, strict=True) if each.requires_grad)
        rows[f"{type(layer).__name__}-{number}"] = _shapes(inputs), _shapes(outputs), sum(counts), learned

    shown = [
        layer
        for layer in net.sublayers(include_self=True)
        if hasattr(layer, "full_name")
        and not isinstance(layer, Sequential)
        and (layer is not net or not layer.sublayers() or isinstance(layer, STACKS))
    ]
    hooks = [layer.register_forward_post_hook(note) for layer in shown]
    training = {layer: layer.training for layer in net.sublayers(include_self=True)}
    try:
        net.eval()
        with torch.no_grad():
            net(*arguments)
    finally:
        for hook in hooks:
            hook.remove()
        for layer, mode in training.items():
            layer.training = mode
    total, learned = (sum(row[index] for row in rows.values()) for index in (2, 3))
    _print(rows, total, learned, sum(_count(_shapes(each)) for each in arguments))
    return {"total_params": np.int64(total), "trainable_params": np.int64(learned)}


def _print(rows: dict[str, tuple[Any, Any, int, int]], total: int, learned: int, entering: int) -> None:
    header = ("Layer (type)", "Input Shape", "Output Shape", "Param #")
    lines = [(name, str(row[0]), str(row[1]), f"{row[2]:,}") for name, row in rows.items()]
    widths = [max([least, *(len(line[index]) for line in lines)]) for index, least in enumerate((15, 20, 20, 15))]
    width = sum(widths) + 5
    mega = 4.0 / 1024**2  # four bytes each, as the release counts every value
    sizes = [entering * mega, 2 * sum(_count(row[1]) for row in rows.values()) * mega, total * mega]
    text = ["-" * width, _line(header, widths), "=" * width, *(_line(each, widths) for each in lines), "=" * width]
    text += [
        f"Total params: {total:,}",
        f"Trainable params: {learned:,}",
        f"Non-trainable params: {total - learned:,}",
        "-" * width,
        f"Input size (MB): {sizes[0]:.2f}",
        f"Forward/backward pass size (MB): {sizes[1]:.2f}",
        f"Params size (MB): {sizes[2]:.2f}",
        f"Estimated Total Size (MB): {sum(sizes):.2f}",
        "-" * width,
    ]
    say("\n".join(text), "\n\n")


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return " ".join(f"{cell:^{width}}" for cell, width in zip(cells, widths, strict=True))
