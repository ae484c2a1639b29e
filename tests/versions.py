"""Marks for what only newer versions of torch can do."""

from __future__ import annotations

import pytest
import torch

TORCH = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])

tells_free_sizes = pytest.mark.skipif(
    TORCH < (2, 8), reason="dynamo of torch before 2.8 cannot be asked which numbers a graph leaves free"
)
traces_parameters = pytest.mark.skipif(
    TORCH < (2, 8), reason="dynamo of torch before 2.8 does not trace parameters of a class of their own"
)
