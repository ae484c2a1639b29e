"""Writes plain data and arrays as a pickle, array by array, with the globals that old and new NumPy know."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .dtypes import BY_TORCH
from .errors import CheckpointError
from .source import CHUNK
from .values import Global, Instance, OrderedMap

if TYPE_CHECKING:
    from typing import BinaryIO

TEXT_LIMIT = (1 << 32) - 1  # protocol 2 counts a text's bytes in 32 bits


class PickleWriter:
    """Writes one pickle.

    `pickle.Pickler` names NumPy 2's modules, which the old frameworks' NumPy cannot import, and holds an array's
    bytes a second time.

    Args:
        file: where to.
        protocol: 2, or 4.
    """

    def __init__(self, file: BinaryIO, protocol: int) -> None:
        self.file = file
        self.protocol = protocol

    def write(self, value: Any) -> None:
        """Write the whole pickle."""
        self.file.write(b"\x80" + bytes([self.protocol]))
        self.value(value)
        self.file.write(b".")

    def value(self, value: Any) -> None:
        """Write one value."""
        if isinstance(value, torch.Tensor):
            self.array(value)
        elif value is None or isinstance(value, bool):
            self.file.write({None: b"N", True: b"\x88", False: b"\x89"}[value])
        elif isinstance(value, (int, float)):
            self.number(value)
        elif isinstance(value, str):
            self.text(value)
        elif isinstance(value, dict):
            self.mapping(value)
        elif isinstance(value, (list, tuple)):
            self.file.write(b"]" if isinstance(value, list) else b"")
            self.items(value, b"e" if isinstance(value, list) else b"t")
        elif isinstance(value, Global):
            self.file.write(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Instance):
            self.value(value.kind)
            self.value(value.arguments)
            self.file.write(b"\x81")
            self.value(value.state)
            self.file.write(b"b")
        else:
            msg = f"a value of type {type(value).__name__} cannot be written; pass tensors, numbers, texts, "
            "and lists or dictionaries of them."
            raise CheckpointError(msg)

    def number(self, value: float) -> None:
        """Write an int or a float."""
        if isinstance(value, float):
            self.file.write(b"G" + struct.pack(">d", value))
            return
        data = int(value).to_bytes(int(value).bit_length() // 8 + 1, "little", signed=True)
        if len(data) > 255:
            msg = f"an integer of {len(data)} bytes cannot be written."
            raise CheckpointError(msg)
        self.file.write(b"\x8a" + bytes([len(data)]) + data)

    def text(self, value: str) -> None:
        """Write a text, lone surrogates too, as Python's own pickles do."""
        data = value.encode("utf-8", "surrogatepass")
        self.file.write(b"X" + struct.pack("<I", len(data)) + data)

    def items(self, values: Any, end: bytes) -> None:
        """Write values between a mark and what takes them."""
        self.file.write(b"(")
        for value in values:
            self.value(value)
        self.file.write(end)

    def mapping(self, value: dict[Any, Any]) -> None:
        """Write a dictionary."""
        if isinstance(value, OrderedMap):
            self.value(Global("collections", "OrderedDict"))
            self.file.write(b")R")
        else:
            self.file.write(b"}")
        self.items((each for pair in value.items() for each in pair), b"u")

    def array(self, tensor: torch.Tensor) -> None:
        """Write a tensor as a NumPy array."""
        code = BY_TORCH[tensor.dtype].numpy if tensor.dtype in BY_TORCH else None
        if code is None:
            msg = f"NumPy has no {tensor.dtype}: convert the tensor."
            raise CheckpointError(msg)
        data = raw(tensor)
        self.value(Global("numpy.core.multiarray", "_reconstruct"))
        self.file.write(b"(")
        self.value(Global("numpy", "ndarray"))
        self.value((0,))
        self.bytes(np.frombuffer(b"b", np.uint8))
        self.file.write(b"tR(")
        self.value(1)
        self.value(tuple(tensor.shape))
        self.value(Global("numpy", "dtype"))
        self.value((code, False, True))
        self.file.write(b"R")
        self.value((3, "|" if code[1:] == "1" else "<", None, None, None, -1, -1, 0))
        self.file.write(b"b")
        self.value(False)
        self.bytes(data)
        self.file.write(b"tb")

    def bytes(self, data: Any) -> None:
        """Write bytes; protocol 2 has none and takes them as text of their Latin-1 characters."""
        if self.protocol > 2:
            head = (
                b"B" + struct.pack("<I", data.size)
                if data.size <= TEXT_LIMIT
                else b"\x8e" + struct.pack("<Q", data.size)
            )
            self.file.write(head)
            self.file.write(memoryview(data))
            return
        size = data.size + int(np.count_nonzero(data & 0x80))
        if size > TEXT_LIMIT:
            msg = (
                f"a tensor of {data.size} bytes does not fit into protocol 2, which counts {TEXT_LIMIT} bytes of text. "
                "Write format='paddle', or a folder."
            )
            raise CheckpointError(msg)
        self.value(Global("_codecs", "encode"))
        self.file.write(b"(X" + struct.pack("<I", size))
        for start in range(0, data.size, CHUNK):
            self.file.write(data[start : start + CHUNK].tobytes().decode("latin1").encode())
        self.text("latin1")
        self.file.write(b"tR")


def raw(tensor: torch.Tensor) -> Any:
    """Return a tensor's bytes in C order, as little-endian elements, without a copy where it lies so already."""
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
