"""The row of a metric that is a function."""

from __future__ import annotations

from typing import Any

import torch

from ...tensor import like, plain
from ..names import NAMES

__all__: list[str] = []


def accuracy(input: Any, label: Any, k: int = 1) -> Any:
    """Return the share of rows whose class is among the first k; input is (N, classes), label (N, 1)."""
    ranked = torch.topk(plain(input), k, dim=-1).indices
    hits = (ranked == plain(label)).any(-1)
    return like(hits.to(torch.float32).mean(), input)


NAMES.function("metric.accuracy", accuracy)
