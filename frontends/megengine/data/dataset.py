"""Mirrors `megengine.data.dataset`: samples by index, or one after the other."""

from __future__ import annotations

import bisect
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ArrayDataset", "ConcatDataset", "Dataset", "StreamDataset", "VisionDataset"]


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


class VisionDataset(Dataset):
    """What datasets of images derive from; they write `__getitem__` and `__len__`.

    Args:
        root: where it lies; `~` is the user's own folder.
        order: the kinds of the members of a sample, as in `VisionTransform`. Default: None, ('image',).
        supported_order: the kinds that there are. Default: None, any.

    Raises:
        ValueError: `order` is no sequence.
        AssertionError: `supported_order` is none.
        NotImplementedError: there is no such kind.
    """

    def __init__(self, root: Any, *, order: Any = None, supported_order: Any = None) -> None:
        # it stays a string, or bytes
        self.root = os.path.expanduser(root) if isinstance(root, (str, bytes)) else root  # noqa: PTH111
        order = ("image",) if order is None else order
        if not isinstance(order, Sequence):
            msg = f"order should be a sequence, but got order={order}."
            raise ValueError(msg)
        if supported_order is not None and not isinstance(supported_order, Sequence):
            msg = f"supported_order={supported_order!r} should be a sequence."
            raise AssertionError(msg)
        for kind in order:
            if supported_order is not None and kind not in supported_order:
                msg = f"{kind} is unsupported data type; legal are {', '.join(supported_order)}."
                raise NotImplementedError(msg)
        self.order = order

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError
