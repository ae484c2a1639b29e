"""Mirrors the samplers of `paddle.io`, from NumPy's global generator: the release's orders, seed for seed."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .datasets import IterableDataset, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "BatchSampler",
    "DistributedBatchSampler",
    "RandomSampler",
    "Sampler",
    "SequenceSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]


class Sampler:
    """Indices one after the other; a subclass writes `__iter__`."""

    def __init__(self, data_source: Any = None) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[Any]:
        msg = f"'__iter__' not implement in class {type(self).__name__}: write it in your sampler."
        raise NotImplementedError(msg)


class SequenceSampler(Sampler):
    """Indices in order."""

    def __init__(self, data_source: Any) -> None:
        super().__init__(data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """Indices in random order, or drawn with replacement, from NumPy's generator or an iterator of indices."""

    def __init__(
        self, data_source: Any, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        super().__init__(data_source)
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            msg = f"expect boolean value for replacement, but got replacement={replacement!r}."
            raise TypeError(msg)
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            msg = f"num_samples should be a positive integer, but got num_samples={self.num_samples!r}."
            raise ValueError(msg)
        if not replacement and self.num_samples > len(data_source):
            msg = (
                f"num_samples should be smaller than or equal to length of data_source when replacement is False, "
                f"but got num_samples: {self.num_samples} > data_source: {len(data_source)}."
            )
            raise ValueError(msg)

    @property
    def num_samples(self) -> int:
        """How many indices there are."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        if self.generator:
            yield from itertools.islice(self.generator, self.num_samples)
        else:
            drawn = np.random.choice(len(self.data_source), self.num_samples, self.replacement)  # noqa: NPY002
            yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Indices of a list in random order, from torch's generator as the release's is from its own."""

    def __init__(self, indices: Sequence[int]) -> None:
        if not len(indices):
            msg = "The length of `indices` in SubsetRandomSampler should be greater than 0."
            raise ValueError(msg)
        self.indices = indices

    def __iter__(self) -> Iterator[int]:
        return (self.indices[each] for each in torch.randperm(len(self.indices)).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """Indices drawn with probabilities in proportion to weights."""

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True) -> None:
        if not isinstance(num_samples, int) or num_samples <= 0:
            msg = f"num_samples should be a positive integer, but got {num_samples!r}."
            raise ValueError(msg)
        if not isinstance(replacement, bool):
            msg = f"replacement should be a boolean value, but got {replacement!r}."
            raise ValueError(msg)
        self.weights = weights
        self.num_samples = num_samples
        self.replacement = replacement

    def __iter__(self) -> Iterator[int]:
        require(
            isinstance(self.weights, (np.ndarray, list, tuple)),
            "weights should be paddle.Tensor, numpy.ndarray, list or tuple; of a tensor give `weights.numpy()`.",
        )
        weights = np.asarray(self.weights)
        require(weights.ndim <= 2 and bool((weights >= 0).all()), "weights should be 1-D or 2-D and not below 0.")
        require(
            self.replacement or bool(((weights > 0).sum(-1) >= self.num_samples).all()),
            "weights positive value number should not less than num_samples when replacement=False.",
        )
        rows = [weights] if weights.ndim == 1 else list(weights)
        draw = np.random.choice
        drawn = [draw(len(row), self.num_samples, self.replacement, row / row.sum()) for row in rows]
        return iter(drawn[0].tolist() if weights.ndim == 1 else [each.tolist() for each in drawn])

    def __len__(self) -> int:
        weights = np.asarray(self.weights)
        return self.num_samples * int(weights.size // weights.shape[-1])


class BatchSampler(Sampler):
    """Lists of indices of a dataset, or of those that a sampler gives."""

    def __init__(
        self,
        dataset: Any = None,
        sampler: Any = None,
        shuffle: bool = False,
        batch_size: int = 1,
        drop_last: bool = False,
    ) -> None:
        if dataset is None:
            require(sampler is not None, "either dataset or sampler should be set.")
            require(
                isinstance(sampler, Sampler) or hasattr(sampler, "__iter__"),
                f"sampler should be either paddle.io.Sampler or Iterable, but got {type(sampler)}.",
            )
            require(not shuffle, "shuffle should be False when sampler is set.")
            self.sampler = sampler
        else:
            require(not isinstance(dataset, IterableDataset), "dataset should not be a paddle.io.IterableDataset.")
            require(sampler is None, "should not set both dataset and sampler.")
            require(isinstance(shuffle, bool), f"shuffle should be a boolean value, but got {type(shuffle)}.")
            self.sampler = RandomSampler(dataset) if shuffle else SequenceSampler(dataset)
        require(
            isinstance(batch_size, int) and batch_size > 0,
            f"batch_size should be a positive integer, but got {batch_size}.",
        )
        require(isinstance(drop_last, bool), f"drop_last should be a boolean value, but got {type(drop_last)}.")
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        return _batches(self.sampler, self.batch_size, self.drop_last)

    def __len__(self) -> int:
        return _count(len(self.sampler), self.batch_size, self.drop_last)


class DistributedBatchSampler(BatchSampler):
    """Lists of the indices that fall to one of several processes.

    Indices are repeated from the start until all processes have the same number; each takes every `num_replicas`-th
    batch, and of the last, shorter ones its share. Every iteration shuffles anew, by its epoch.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = False,
        drop_last: bool = False,
    ) -> None:
        require(
            isinstance(batch_size, int) and batch_size > 0, f"batch_size should be a positive integer: {batch_size}."
        )
        require(isinstance(shuffle, bool), f"shuffle should be a boolean value, not {shuffle!r}.")
        require(isinstance(drop_last, bool), f"drop_last should be a boolean number, not {drop_last!r}.")
        for value, word, least in ((num_replicas, "num_replicas", 1), (rank, "rank", 0)):
            sign = "positive" if least else "non-negative"
            legal = value is None or (isinstance(value, int) and value >= least)
            require(legal, f"{word} should be a {sign} integer, not {value!r}.")
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.nranks = num_replicas or 1
        self.local_rank = rank or 0
        self.epoch = 0
        self.num_samples = math.ceil(len(dataset) / self.nranks)
        self.total_size = self.num_samples * self.nranks

    def __iter__(self) -> Iterator[list[Any]]:
        indices = list(itertools.islice(itertools.cycle(range(len(self.dataset))), self.total_size))
        if self.shuffle:
            np.random.RandomState(self.epoch).shuffle(indices)
            self.epoch += 1
        if self.nranks > 1:
            indices = self._own(indices)
        return _batches(indices, self.batch_size, self.drop_last)

    def _own(self, indices: list[int]) -> list[int]:
        whole = len(indices) // (self.batch_size * self.nranks) * self.batch_size * self.nranks
        own: list[int] = []
        for start in range(self.local_rank * self.batch_size, whole, self.batch_size * self.nranks):
            own += indices[start : start + self.batch_size]
        share = (len(indices) - whole) // self.nranks
        return own + indices[whole:][self.local_rank * share : (self.local_rank + 1) * share]

    def __len__(self) -> int:
        return _count(self.num_samples, self.batch_size, self.drop_last)

    def set_epoch(self, epoch: int) -> None:
        """Set the number by which the next iteration shuffles."""
        self.epoch = epoch


def _batches(indices: Any, batch_size: int, drop_last: bool) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for index in indices:
        batch.append(index)
        if len(batch) == batch_size:
            yield batch
            batch = []
    if batch and not drop_last:
        yield batch


def _count(samples: int, batch_size: int, drop_last: bool) -> int:
    return samples // batch_size if drop_last else -(-samples // batch_size)
