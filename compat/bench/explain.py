"""Why the engine computes a workload the way it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...backend import plan
from .subjects import memory_format, specification

if TYPE_CHECKING:
    from .variant import Variant


def explain(variant: Variant) -> str:
    """Return the engine's plan of a variant as text, the variant above it."""
    case = variant.case
    input = torch.empty(
        case.input_shape,
        dtype=getattr(torch, variant.dtype),
        device=variant.device,
        requires_grad=variant.mode == "backward",
    ).contiguous(memory_format=memory_format(variant))
    lines = str(plan(specification(case), input)).splitlines()
    return "\n".join([str(variant), *(f"  {line}" for line in lines)])
