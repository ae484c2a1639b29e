"""Mirrors `oneflow.placement`: where a global tensor lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ....backend import OperatorError
from .sbp import sbp

__all__ = ["placement"]


class placement:  # noqa: N801, its name
    """Which processes have a part of a tensor, by their ranks, and on which kind of device.

    >>> placement("cpu", [0])
    oneflow.placement(type="cpu", ranks=[0])
    """

    def __init__(self, type: str, ranks: Any) -> None:
        if type not in ("cpu", "cuda"):
            msg = f"Expected one of cpu, cuda device type at start of device string: {type}"
            raise RuntimeError(msg)
        self._type, self._ranks = type, np.array(ranks)

    @staticmethod
    def all(device_type: str) -> placement:
        """Return the placement on all processes: this one."""
        return placement(device_type, [0])

    @property
    def type(self) -> str:
        """The kind of device."""
        return self._type

    @property
    def device_type(self) -> str:
        """The kind of device, by an older name."""
        return self._type

    @property
    def ranks(self) -> Any:
        """The ranks of the processes, an array."""
        return self._ranks

    @property
    def hierarchy(self) -> Any:
        """The shape of the ranks."""
        return self._ranks.shape

    def alone(self) -> None:
        """Check that this process is the only one.

        Raises:
            NotImplementedError: there are others.
        """
        if self._ranks.ravel().tolist() != [0]:
            msg = f"placement of ranks {self._ranks.tolist()}: there is one process here, of rank 0. Use ranks=[0]."
            raise NotImplementedError(msg)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, placement) and self._type == other._type and np.array_equal(self._ranks, other._ranks)

    def __hash__(self) -> int:
        return hash((self._type, self._ranks.tobytes()))

    def __repr__(self) -> str:
        return f'oneflow.placement(type="{self._type}", ranks={self._ranks.tolist()})'


_Placement, _Distribution = placement, sbp  # whose names the arguments have


def are_given(placement: Any, sbp: Any) -> bool:
    """Return whether these are a placement and a way to distribute, or several."""
    parts = sbp if isinstance(sbp, (list, tuple)) else (sbp,)
    return isinstance(placement, _Placement) and all(isinstance(each, _Distribution) for each in parts)


def placed(input: Any, placement: Any = None, sbp: Any = None) -> Any:
    """Return the tensor itself, on the kind of device that a placement says: all of it lies in this process.

    Raises:
        RuntimeError: placement or sbp is not given (a ValueError too).
        TypeError: one of them is something else.
        NotImplementedError: the placement has other processes.
    """
    if placement is None or sbp is None:
        msg = "Converting a local tensor to global tensor must have placement and sbp parameters. Give both."
        raise OperatorError(msg)
    if not are_given(placement, sbp):
        msg = f"placement={placement!r}, sbp={sbp!r}: give an oneflow.placement and what oneflow.sbp has."
        raise TypeError(msg)
    placement.alone()
    if placement.type == "cuda" and not torch.cuda.is_available():
        msg = "placement of 'cuda': torch finds no GPU here. Use oneflow.placement('cpu', [0])."
        raise RuntimeError(msg)
    return input if input.device.type == placement.type else input.to(placement.type)
