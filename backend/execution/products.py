"""Matrix products on a CPU, of bfloat16 operands too: rounded once, or left in float32 for sums of several.

torch's product of bfloat16 matrices sums in float32 and rounds the result: too early where several products are added
up. MKL, which torch's library holds, has one whose result is float32. On any processor: `costs.operands` says where it
pays.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from .libtorch import function

_ROW_MAJOR, _AS_IT_IS, _TRANSPOSED = 101, 111, 112  # of CBLAS
_INT, _FLOAT, _POINTER = ctypes.c_int, ctypes.c_float, ctypes.c_void_p


def sums_of(dtype: torch.dtype) -> torch.dtype:
    """Return the dtype in which products of such operands are added up."""
    return torch.float32 if dtype is torch.bfloat16 else dtype


@lru_cache(maxsize=1)
def has_rounded() -> bool:
    """Whether torch leaves bfloat16 operands to oneDNN; its own loops are slow, or round in between."""
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return torch.backends.mkldnn.is_available() and supported is not None and supported()  # type: ignore[no-untyped-call]


def has_sums() -> bool:
    """Whether there is a product of bfloat16 operands with a float32 result."""
    return _mkl() is not None


@lru_cache(maxsize=1)
def _mkl() -> Any:
    """Return MKL's product, if it is there and gets a small one right: what C holds under a name is not known."""
    found = function("cblas_gemm_bf16bf16f32")
    if found is None:
        return None
    found.restype = None
    matrix = [_POINTER, _INT]
    found.argtypes = [*[_INT] * 6, _FLOAT, *matrix, *matrix, _FLOAT, *matrix]
    with _disable_current_modes():  # of whoever calls first: counters of operations, tensors without memory
        left = torch.tensor([[1, 2, 3, 0], [4, 5, 6, 0]], dtype=torch.bfloat16, device="cpu")[:, :3]
        right = torch.tensor([[7, 9, 11], [8, 10, 255]], dtype=torch.bfloat16, device="cpu").t()
        out = torch.ones(2, 5, dtype=torch.float32, device="cpu")
        _call(found, left, right, out[:, :2], add=True)
        return found if out.tolist() == [[59, 794, 1, 1, 1], [140, 1613, 1, 1, 1]] else None


def _call(product: Any, left: torch.Tensor, right: torch.Tensor, out: torch.Tensor, *, add: bool) -> None:
    (rows, terms), columns = left.shape, right.size(1)
    product(
        _ROW_MAJOR,
        *(_AS_IT_IS if each.stride(1) == 1 else _TRANSPOSED for each in (left, right)),
        *(rows, columns, terms),
        *(1.0, *_lies(left), *_lies(right)),
        *(float(add), *_lies(out)),
    )


def multiply(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor, *, add: bool = False) -> None:
    """Write `left @ right`, or add it to what is there.

    Shape:
        - left: `(rows, terms)`; right: `(terms, columns)`. Each has neighbours along one of its axes.
        - out: `(rows, columns)`, with neighbours along its rows; in the operands' dtype, or float32 for bfloat16.
          Nothing is added to what is bfloat16.

    Example:
        >>> left, right = torch.tensor([[256.0, 1.0]]).bfloat16(), torch.ones(2, 1).bfloat16()
        >>> rounded = torch.empty(1, 1).bfloat16()
        >>> multiply(left, right, rounded)  # bfloat16 has no 257
        >>> rounded.item()
        256.0
    """
    if left.dtype is out.dtype:
        if add:
            out.addmm_(left, right)
        else:
            torch.mm(left, right, out=out)
        return
    if left.size(1):
        _call(_mkl(), left, right, out, add=add)
    elif not add:
        out.zero_()


def multiply_each(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor) -> None:
    """Write the products of batches of matrices, as `multiply` does each."""
    if left.dtype is out.dtype and out.size(0) > 1:  # a batch of one takes another way
        torch.bmm(left, right, out=out)
    else:
        for one, other, product in zip(left, right, out, strict=True):
            multiply(one, other, product)


def product_of(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the product, in float32 for bfloat16."""
    out = left.new_empty(left.size(0), right.size(1), dtype=sums_of(left.dtype))
    multiply(left, right, out)
    return out


def _lies(matrix: torch.Tensor) -> tuple[int, int]:
    """Return the address of a matrix, and how far apart its rows or columns lie."""
    rows, columns = matrix.shape
    along = matrix.stride(1) == 1
    return matrix.data_ptr(), max(matrix.stride(0), columns) if along else max(matrix.stride(1), rows)
