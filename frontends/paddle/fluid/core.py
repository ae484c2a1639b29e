"""Mirrors the names of `paddle.fluid.core` that users' code meets."""

from __future__ import annotations

import torch

from ..place import CPUPlace, CUDAPlace

__all__ = ["CPUPlace", "CUDAPlace", "EnforceNotMet", "is_compiled_with_cuda"]


class EnforceNotMet(Exception):  # noqa: N818
    """A check of an operator failed while it ran.

    As in fluid it is neither a ValueError nor a RuntimeError: those are what constructors raise.
    """


def is_compiled_with_cuda() -> bool:
    """Whether `CUDAPlace` can be used: whether torch sees a CUDA device."""
    return torch.cuda.is_available()
