"""One table of element types: how NumPy codes, Paddle, OneFlow and safetensors call what torch calls a dtype."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch


class Row(NamedTuple):
    """A dtype. None where a format does not have it."""

    torch: torch.dtype
    numpy: str | None  # NumPy's code without the byte order
    storage: str | None  # torch's class of typed storages
    paddle: int | None  # VarType.Type in framework.proto
    oneflow: str | None
    safetensors: str | None


ROWS: tuple[Row, ...] = (
    Row(torch.bool, "b1", "BoolStorage", 0, "kBool", "BOOL"),
    Row(torch.uint8, "u1", "ByteStorage", 20, "kUInt8", "U8"),
    Row(torch.int8, "i1", "CharStorage", 21, "kInt8", "I8"),
    Row(torch.int16, "i2", "ShortStorage", 1, "kInt16", "I16"),
    Row(torch.int32, "i4", "IntStorage", 2, "kInt32", "I32"),
    Row(torch.int64, "i8", "LongStorage", 3, "kInt64", "I64"),
    Row(torch.uint16, "u2", None, None, None, "U16"),
    Row(torch.uint32, "u4", None, None, None, "U32"),
    Row(torch.uint64, "u8", None, None, None, "U64"),
    Row(torch.float16, "f2", "HalfStorage", 4, "kFloat16", "F16"),
    Row(torch.float32, "f4", "FloatStorage", 5, "kFloat", "F32"),
    Row(torch.float64, "f8", "DoubleStorage", 6, "kDouble", "F64"),
    Row(torch.bfloat16, None, "BFloat16Storage", 22, "kBFloat16", "BF16"),
    Row(torch.complex64, "c8", "ComplexFloatStorage", 23, "kComplex64", "C64"),
    Row(torch.complex128, "c16", "ComplexDoubleStorage", 24, "kComplex128", None),
    Row(torch.float8_e4m3fn, None, None, 32, None, "F8_E4M3"),
    Row(torch.float8_e5m2, None, None, 33, None, "F8_E5M2"),
)
# Not in every torch that fourfold runs on: 2.4 lacks the last two.
LATER = {
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "float8_e8m0fnu": "F8_E8M0",
    "float4_e2m1fn_x2": "F4",
}
ROWS += tuple(
    Row(getattr(torch, name), None, None, None, None, code) for name, code in LATER.items() if hasattr(torch, name)
)
# Two numbers in a byte. torch counts the bytes along the last axis, safetensors the numbers.
PAIRS = "F4"
BY_TORCH = {row.torch: row for row in ROWS}
BY_NUMPY = {row.numpy: row.torch for row in ROWS if row.numpy}
BY_STORAGE = {row.storage: row.torch for row in ROWS if row.storage}
BY_PADDLE = {row.paddle: row.torch for row in ROWS if row.paddle is not None}
BY_ONEFLOW = {row.oneflow: row.torch for row in ROWS if row.oneflow}
BY_SAFETENSORS = {row.safetensors: row.torch for row in ROWS if row.safetensors}
BY_NAME = {str(row.torch).removeprefix("torch."): row.torch for row in ROWS}


def name_of(dtype: torch.dtype) -> str:
    """Return a dtype's name, such as `float32`."""
    return str(dtype).removeprefix("torch.")


def swap_bytes(data: Any, dtype: torch.dtype) -> None:
    """Turn the bytes of big-endian elements round, in place; a complex element has two parts."""
    width = dtype.itemsize // 2 if dtype.is_complex else dtype.itemsize
    if width > 1:
        data.view(np.dtype(f"u{width}")).byteswap(inplace=True)
