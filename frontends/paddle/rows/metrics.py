"""The rows of a metric that is a function."""

from __future__ import annotations

from typing import Any

import torch

from ....backend import OperatorError
from ...tensor import like, plain
from ..names import NAMES

__all__: list[str] = []


def accuracy(input: Any, label: Any, k: int = 1) -> Any:
    """Return the share of rows whose class is among the first k; input is (N, classes), label (N, 1).

    Raises:
        ValueError: the label is of another shape, or no integer.
    """
    expected = (*input.shape[:1], 1)
    if tuple(label.shape) != expected or label.dtype not in (torch.int32, torch.int64):
        msg = f"label is {label.dtype} of shape {list(label.shape)}; expected are int32 or int64 of {list(expected)}."
        raise OperatorError(msg)
    ranked = torch.topk(plain(input), k, dim=-1).indices
    hits = (ranked == plain(label)).any(-1)
    return like(hits.to(torch.float32).mean(), input)


def accuracy_of_long(input: Any, label: Any, k: int = 1) -> Any:
    """Return the share of rows whose class is among the first k; labels are int64.

    Raises:
        ValueError: the label is of another shape or dtype.
    """
    if label.dtype is not torch.int64:
        msg = f"label is {label.dtype}; static.accuracy takes int64 alone. Use metric.accuracy."
        raise OperatorError(msg)
    return accuracy(input, label, k)


NAMES.function("metric.accuracy", accuracy)
NAMES.function("static.accuracy", accuracy_of_long)
