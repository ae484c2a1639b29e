"""Mirrors `fluid.DataFeeder`, which makes of samples what a program is fed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..dtype import to_torch_dtype
from ..static.graph import Placeholder
from ..static.program import default_main_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["DataFeeder"]


def check_array(value: Any) -> np.ndarray[Any, Any]:
    """Return an array.

    Raises:
        TypeError: lists in it are of unlike lengths.
    """
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().numpy()
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.empty(0, object)
    if array.dtype == object:
        msg = "Faild to convert input data to a regular ndarray: it has lists of different lengths. Pad them."
        raise TypeError(msg)
    return array


class DataFeeder:
    """Makes of samples what `Executor.run` is fed.

    Args:
        feed_list: what `fluid.data` returned, or names of it, one for each field of a sample.
        place: has no effect: the executor says where.
        program: whose names they are. Default: None, the main program.

    Raises:
        TypeError: there is something else in the list.
    """

    def __init__(self, feed_list: Sequence[Any], place: Any, program: Any = None) -> None:
        known = program or default_main_program()
        found = [known.var(each) if isinstance(each, str) else each for each in feed_list]
        if not all(isinstance(each, Placeholder) for each in found):
            msg = "Feed list should contain a list of variable: what fluid.data() returned, or its names."
            raise TypeError(msg)
        self._fields = found

    def feed(self, iterable: Iterable[Any]) -> dict[str, Any]:
        """Return tensors by the names of the fields, of samples that stand along the first axis.

        Raises:
            AssertionError: a sample has another number of fields.
        """
        samples = [tuple(sample) for sample in iterable]
        for sample in samples:
            if len(sample) != len(self._fields):
                msg = (
                    f"The number of fields in data ({len(sample)}) does not match len(feed_list) ({len(self._fields)})"
                )
                raise AssertionError(msg)
        fed = {}
        for index, field in enumerate(self._fields):
            values = torch.from_numpy(check_array([check_array(sample[index]) for sample in samples]))
            values = values.to(to_torch_dtype(field.dtype))
            shape = list(field.shape)
            fed[field.name] = values if values.dim() == len(shape) else values.reshape(shape)
        return fed
