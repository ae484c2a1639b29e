"""Why the engine computes a workload the way it does."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch

from ...backend import plan
from .subjects import memory_format, specification

if TYPE_CHECKING:
    from ...backend import Plan
    from .variant import Variant


def explain(variant: Variant) -> str:
    """Return the engine's plan of a variant as text, the variant above it."""
    lines = str(_plan(variant)).splitlines()
    return "\n".join([str(variant), *(f"  {line}" for line in lines)])


def as_json(variant: Variant) -> dict[str, Any]:
    """Return the engine's plan of a variant, ready for JSON: what is taken, and each candidate's predicted seconds."""
    found = _plan(variant)
    return {
        "workload": variant.workload.id,
        "mode": variant.mode,
        "dtype": variant.dtype,
        "layout": variant.layout,
        "device": variant.device,
        "algorithm": found.algorithm,
        "candidates": [asdict(each) for each in found.candidates],
    }


def _plan(variant: Variant) -> Plan:
    case = variant.case
    input = torch.empty(
        case.input_shape,
        dtype=getattr(torch, variant.dtype),
        device=variant.device,
        requires_grad=variant.mode == "backward",
    ).contiguous(memory_format=memory_format(variant))
    return plan(specification(case), input)
