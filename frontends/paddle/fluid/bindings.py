"""What fluid's C++ gives out: dtypes by name, the error of its checks, and whether there is CUDA."""

from __future__ import annotations

import torch

__all__ = ["EnforceNotMet", "VarDesc", "is_compiled_with_cuda"]


class VarDesc:
    """Holds `VarType`, as in fluid."""

    class VarType:
        """fluid's numbers of dtypes, which are torch's dtypes here, and of what a variable holds: a tensor."""

        BOOL = torch.bool
        UINT8 = torch.uint8
        INT8 = torch.int8
        INT16 = torch.int16
        INT32 = torch.int32
        INT64 = torch.int64
        FP16 = torch.float16
        FP32 = torch.float32
        FP64 = torch.float64
        LOD_TENSOR = "VarType.LOD_TENSOR"


class EnforceNotMet(Exception):  # noqa: N818
    """A check of an operator failed while it ran.

    As in fluid it is neither a ValueError nor a RuntimeError: those are what constructors raise.
    """


def is_compiled_with_cuda() -> bool:
    """Whether `CUDAPlace` can be used: whether torch sees a CUDA device."""
    return torch.cuda.is_available()
