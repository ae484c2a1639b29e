"""Mirrors `megengine.data.dataset`: samples by index, or one after the other."""

from __future__ import annotations

import bisect
from abc import ABC, abstractmethod
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ArrayDataset", "ConcatDataset", "Dataset", "StreamDataset"]


class Dataset(ABC):
    """Samples by index: a class derived from it says how many there are, and gives one."""

    @abstractmethod
    def __init__(self) -> None: ...

    @abstractmethod
    def __getitem__(self, index: Any) -> Any: ...

    @abstractmethod
    def __len__(self) -> int: ...


class StreamDataset(Dataset):
    """Samples one after the other, without an index or an end that is known."""

    @abstractmethod
    def __init__(self) -> None: ...

    @abstractmethod
    def __iter__(self) -> Iterator[Any]: ...

    def __getitem__(self, idx: Any) -> Any:
        msg = f"can not get item from StreamDataset by index, {idx!r} here. Iterate over it."
        raise AssertionError(msg)

    def __len__(self) -> int:
        msg = "StreamDataset does not have length. Iterate over it."
        raise AssertionError(msg)


class ArrayDataset(Dataset):
    """Samples along the first axis of arrays, each a tuple of one element of every array.

    Raises:
        ValueError: the arrays are not equally long.

    Example:
        >>> ArrayDataset([1, 2, 3], ["a", "b", "c"])[1]
        (2, 'b')
    """

    def __init__(self, *arrays: Any) -> None:
        if len({len(array) for array in arrays}) > 1:
            msg = f"lengths of input arrays are inconsistent: {[len(array) for array in arrays]}. Cut them to one."
            raise ValueError(msg)
        self.arrays = arrays

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(array[index] for array in self.arrays)

    def __len__(self) -> int:
        return len(self.arrays[0])


class ConcatDataset(Dataset):
    """Datasets one after the other.

    Raises:
        AssertionError: there is none, or one is a stream.
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            msg = "datasets should not be an empty iterable; give one at least."
            raise AssertionError(msg)
        if any(isinstance(dataset, StreamDataset) for dataset in self.datasets):
            msg = "ConcatDataset does not support StreamDataset, which has no length. Chain the streams."
            raise AssertionError(msg)
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __getitem__(self, idx: int) -> Any:
        if idx < -len(self):
            msg = f"index {idx}: the absolute value of index should not exceed dataset length, {len(self)}."
            raise ValueError(msg)
        place = idx + len(self) if idx < 0 else idx
        which = bisect.bisect_right(self.cumulative_sizes, place)
        return self.datasets[which][place - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]
