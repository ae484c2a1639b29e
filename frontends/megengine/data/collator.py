"""Mirrors `megengine.data.collator`: many samples become one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["Collator"]


class Collator:
    """Stacks arrays and numbers along a new first axis, inside dicts, tuples and lists too; strings stay a tuple.

    Example:
        >>> Collator().apply(((1, "a"), (2, "b")))
        [array([1, 2]), ('a', 'b')]
    """

    def apply(self, inputs: Sequence[Any]) -> Any:
        """Return the batch.

        Raises:
            TypeError: a sample is neither of these.
        """
        first = inputs[0]
        if isinstance(first, (str, bytes)):
            return inputs
        if isinstance(first, np.ndarray) and first.dtype.kind not in "SaO":
            return np.ascontiguousarray(np.stack(inputs))
        if isinstance(first, (int, float, np.generic)):
            return np.array(inputs, dtype=np.float64 if type(first) is float else None)
        if isinstance(first, Mapping):
            return {key: self.apply([each[key] for each in inputs]) for key in first}
        if isinstance(first, Sequence):
            columns = [self.apply(column) for column in zip(*inputs, strict=False)]
            return type(first)(*columns) if hasattr(first, "_fields") else columns
        found = first.dtype if isinstance(first, np.ndarray) else type(first)
        msg = f"default_collator: inputs must contain arrays, numbers, strings, bytes, dicts or lists; found {found}."
        raise TypeError(msg)
