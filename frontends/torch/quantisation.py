"""torch's quantisation and fusion go by the very class of a layer: they are told of ours, or it says what they skip.

`fuse_modules` can be told. Quantisation cannot: what it makes of a layer it makes of torch's class alone, and what it
does not know stays in floating point without a word.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import torch

__all__ = ["register_fusion", "warn_of_quantisation", "warn_of_quantising_trace"]


def register_fusion(layer: type[torch.nn.Module], original: type[torch.nn.Module]) -> None:
    """Let `torch.ao.quantization.fuse_modules` fuse this class with a batch norm, as it fuses torch's own."""
    with contextlib.suppress(ImportError):  # the table is torch's own; without it fuse_modules refuses the class
        from torch.ao.quantization.fuser_method_mappings import _DEFAULT_OP_LIST_TO_FUSER_METHOD as METHODS

        METHODS[layer, torch.nn.BatchNorm3d] = METHODS[original, torch.nn.BatchNorm3d]


def warn_of_quantisation(original: str = "ConvTranspose3d") -> None:
    """Say that a layer in the place of torch's `original`, which is being quantised, will not be."""
    warnings.warn(
        f"torch's quantisation knows torch.nn.{original} alone; it leaves one that runs on fourfold in floating point. "
        "Call restore() on what fourfold.accelerate() returned before you quantise, or build the layer as torch's.",
        stacklevel=3,
    )


def warn_of_quantising_trace(input: Any) -> None:
    """Say so where `torch.ao.quantization.quantize_fx` traces a call."""
    if type(getattr(input, "tracer", None)).__module__.startswith("torch.ao.quantization."):
        warn_of_quantisation()
