"""Mirrors `megengine.data.dataloader`: batches of a dataset, in this process or, by torch's loaders, in others."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch.utils.data as loading

from ..names import NAMES
from ..tensor import Tensor
from .collator import Collator
from .dataset import Dataset, StreamDataset
from .sampler import MapSampler, SequentialSampler, StreamSampler
from .transform import PseudoTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DataLoader"]


@dataclass(frozen=True)
class WorkerInfo:
    """Which process of how many reads a stream, and what its random numbers begin with."""

    idx: int
    worker: int
    seed: int


def get_worker_info() -> WorkerInfo | None:
    """Return which process this is of those that read a stream, None in the main one."""
    found = loading.get_worker_info()
    return None if found is None else WorkerInfo(found.id, found.num_workers, found.seed)


class DataLoader:
    """Batches of a dataset.

    Args:
        dataset: a `Dataset` or a `StreamDataset`.
        sampler: which samples make a batch. Default: None, one after the other, each alone.
        transform: what is done to the samples of a batch. Default: None, nothing.
        collator: how they become one. Default: None, a `Collator`.
        num_workers: processes that do so; 0 for this one. Default: 0.
        timeout: seconds after which waiting for other processes, or for a stream, ends with an error; 0 for none.
        preload: whether arrays become tensors, and tuples lists. Default: False.
        parallel_stream: whether each of the processes reads the stream itself. Default: False.

    Raises:
        ValueError: `num_workers` or `timeout` is negative.
        AssertionError: the dataset is none, or the sampler is for one of the other kind.
    """

    def __init__(
        self,
        dataset: Any,
        sampler: Any = None,
        transform: Any = None,
        collator: Any = None,
        num_workers: int = 0,
        timeout: int = 0,
        preload: bool = False,
        parallel_stream: bool = False,
    ) -> None:
        for name, value in (("num_workers", num_workers), ("timeout", timeout)):
            if value < 0:
                msg = f"{name} should not be negative; it is {value}."
                raise ValueError(msg)
        if not isinstance(dataset, Dataset):
            msg = f"Can not recognize this kind of dataset: {type(dataset)}. Derive it from Dataset."
            raise AssertionError(msg)
        is_stream = isinstance(dataset, StreamDataset)
        self.dataset = dataset
        self.num_workers = num_workers
        self.timeout = timeout
        self.preload = preload
        self.parallel_stream = parallel_stream
        self.datakind = "stream" if is_stream else "map"
        self.sampler: Any = sampler or (StreamSampler() if is_stream else SequentialSampler(dataset))
        if not isinstance(self.sampler, StreamSampler if is_stream else MapSampler):
            msg = f"types of dataset and sampler do not match: {type(dataset)} and {type(sampler)}."
            raise AssertionError(msg)
        self.transform = transform or PseudoTransform()
        self.collator = collator or Collator()

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[Any]:
        batches = self._in_workers() if self.num_workers else self._here()
        return map(_tensors, batches) if self.preload else batches

    def _here(self) -> Iterator[Any]:
        if self.datakind == "map":
            read = self.dataset.__getitem__
            return (self._batch([read(index) for index in indices]) for indices in self.sampler)
        return map(self._batch, self._read())

    def _batch(self, samples: Sequence[Any]) -> Any:
        return self.collator.apply(self.transform.apply_batch(samples))

    def _read(self) -> Iterator[list[Any]]:
        """Yield as many samples of the stream as make a batch."""
        stream = iter(self.dataset)
        while True:
            began = time.monotonic()
            found = list(itertools.islice(stream, self.sampler.batch_size))
            if self.timeout and time.monotonic() - began > self.timeout:
                msg = f"dataloader timeout: the stream took more than timeout={self.timeout} s. Raise it."
                raise RuntimeError(msg)
            if len(found) < self.sampler.batch_size:
                return
            yield found

    def _in_workers(self) -> Iterator[Any]:
        options: dict[str, Any] = {
            "num_workers": self.num_workers,
            "timeout": self.timeout,
            "collate_fn": self._batch,
        }
        if self.datakind == "stream" and self.parallel_stream:
            size = self.sampler.batch_size
            stream: Any = _Stream(self.dataset)
            return iter(loading.DataLoader(stream, batch_size=size, drop_last=True, **options))
        # of a stream that only this process reads, the samples are what the others get in place of indices
        batches: Any = self.sampler if self.datakind == "map" else _Batches(self._read)
        samples: Any = self.dataset if self.datakind == "map" else _Themselves()
        return iter(loading.DataLoader(samples, batch_sampler=batches, **options))


class _Stream(loading.IterableDataset[Any]):
    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __iter__(self) -> Iterator[Any]:
        return iter(self.dataset)


class _Batches:
    def __init__(self, read: Callable[[], Iterator[list[Any]]]) -> None:
        self.read = read

    def __iter__(self) -> Iterator[list[Any]]:
        return self.read()


class _Themselves:
    def __getitem__(self, sample: Any) -> Any:
        return sample


def _tensors(batch: Any) -> Any:
    """Return a batch with tensors in place of arrays, and lists in place of other sequences."""
    if isinstance(batch, np.ndarray):
        return Tensor(batch)
    if isinstance(batch, Mapping):
        return {key: _tensors(each) for key, each in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*map(_tensors, batch))
    if isinstance(batch, Sequence) and not isinstance(batch, (str, bytes)):
        return [_tensors(each) for each in batch]
    return batch


NAMES.function("data.dataloader.get_worker_info", get_worker_info)
