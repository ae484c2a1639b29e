"""Mirrors the datasets of `paddle.io`."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING, Any

import torch
import torch.utils.data as loading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "ChainDataset",
    "ComposeDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]


def require(condition: bool, message: str) -> None:
    """Raise what the release's assertions raise.

    Raises:
        AssertionError: the condition is false.
    """
    if not condition:
        raise AssertionError(message)


class Dataset(loading.Dataset[Any]):
    """Samples by index; a subclass writes `__getitem__` and `__len__`."""

    def __init__(self) -> None:
        """Take nothing."""

    def __getitem__(self, idx: Any) -> Any:
        msg = f"'__getitem__' not implement in class {type(self).__name__}: write it in your dataset."
        raise NotImplementedError(msg)

    def __len__(self) -> int:
        msg = f"'__len__' not implement in class {type(self).__name__}: write it in your dataset."
        raise NotImplementedError(msg)


class IterableDataset(Dataset, loading.IterableDataset[Any]):
    """Samples one after the other; a subclass writes `__iter__`."""

    def __init__(self) -> None:
        """Take nothing."""

    def __iter__(self) -> Iterator[Any]:
        msg = f"'__iter__' not implement in class {type(self).__name__}: write it in your dataset."
        raise NotImplementedError(msg)

    def __getitem__(self, idx: Any) -> Any:
        msg = f"'__getitem__' should not be called for IterableDataset {type(self).__name__}; iterate over it."
        raise RuntimeError(msg)

    def __len__(self) -> int:
        msg = f"'__len__' should not be called for IterableDataset {type(self).__name__}; iterate over it."
        raise RuntimeError(msg)


class TensorDataset(Dataset):
    """Tuples of the samples along the first axis of tensors."""

    def __init__(self, tensors: Iterable[Any]) -> None:
        self.tensors = tensors
        sizes = [each.shape[0] for each in tensors]
        require(len(set(sizes)) <= 1, f"tensors not have same shape of the 1st dimension: their sizes are {sizes}.")

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(each[index] for each in self.tensors)

    def __len__(self) -> int:
        return int(next(iter(self.tensors)).shape[0])


class ComposeDataset(Dataset):
    """Samples of several datasets side by side: the fields of all in one tuple."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        require(bool(self.datasets), "input datasets should not be empty.")
        for position, each in enumerate(self.datasets):
            require(isinstance(each, Dataset), f"each input dataset should be paddle.io.Dataset: {position} is not.")
            require(not isinstance(each, IterableDataset), "paddle.io.IterableDataset not supported.")
        sizes = {len(each) for each in self.datasets}
        require(len(sizes) == 1, f"lengths of datasets should be same, not {sorted(sizes)}.")

    def __getitem__(self, idx: Any) -> tuple[Any, ...]:
        fields: list[Any] = []
        for each in self.datasets:
            sample = each[idx]
            fields.extend(sample if isinstance(sample, (list, tuple)) else [sample])
        return tuple(fields)

    def __len__(self) -> int:
        return len(self.datasets[0])


class ChainDataset(IterableDataset):
    """Iterable datasets one after the other."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        require(bool(self.datasets), "input datasets should not be empty.")
        for each in self.datasets:
            require(isinstance(each, IterableDataset), "ChainDataset only support paddle.io.IterableDataset.")

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(self.datasets)


class ConcatDataset(Dataset):
    """Datasets one after the other, by index."""

    @staticmethod
    def cumsum(sequence: Iterable[Any]) -> list[int]:
        """Return where each dataset ends."""
        return list(itertools.accumulate(len(each) for each in sequence))

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        require(bool(self.datasets), "datasets should not be an empty iterable.")
        for each in self.datasets:
            require(not isinstance(each, IterableDataset), "ConcatDataset does not support IterableDataset.")
        self.cumulative_sizes = self.cumsum(self.datasets)

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx: int) -> Any:
        if idx < -len(self):
            msg = f"absolute value of index should not exceed dataset length: {idx} of {len(self)} samples."
            raise ValueError(msg)
        index = idx + len(self) if idx < 0 else idx
        part = bisect.bisect_right(self.cumulative_sizes, index)
        if part == len(self.datasets):
            msg = f"index {idx} is out of range: the dataset has {len(self)} samples."
            raise IndexError(msg)
        return self.datasets[part][index - ([0, *self.cumulative_sizes][part])]


class Subset(Dataset):
    """Samples of a dataset by a list of indices."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, idx: Any) -> Any:
        return self.dataset[self.indices[idx]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset]:
    """Split a dataset at random, by torch's generator, into parts of these lengths or fractions of the whole.

    Args:
        dataset: what is split.
        lengths: numbers of samples that add up to all, or fractions that add up to 1.
        generator: of no effect, as in the release, whose global generator draws; here torch's does.

    Raises:
        ValueError: the lengths do not add up.
    """
    total = len(dataset)
    sizes = _shares(total, lengths) if abs(sum(lengths) - 1) < 1e-9 and sum(lengths) <= 1 else list(lengths)
    if sum(sizes) != total:
        msg = f"Sum of input lengths does not equal the length of the input dataset! {list(lengths)} is not {total}."
        raise ValueError(msg)
    order = torch.randperm(total).tolist()
    ends = list(itertools.accumulate(int(each) for each in sizes))
    return [Subset(dataset, order[end - int(size) : end]) for end, size in zip(ends, sizes, strict=True)]


def _shares(total: int, fractions: Sequence[float]) -> list[int]:
    for index, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            msg = f"Fraction at index {index} is not between 0 and 1: {fraction}."
            raise ValueError(msg)
    sizes = [int(total * fraction) for fraction in fractions]
    for index in range(total - sum(sizes)):  # what rounding down left goes to the first parts in turn
        sizes[index % len(sizes)] += 1
    return sizes
