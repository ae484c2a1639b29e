"""Mirrors `paddle.io.DataLoader`; processes that load are those of torch's loader."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.utils.data as loading

from ..place import CPUPlace, to_device
from ..tensor import Tensor, to_tensor
from .datasets import IterableDataset, require
from .samplers import BatchSampler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["DataLoader", "get_worker_info"]


def get_worker_info() -> Any:
    """Return `id`, `num_workers`, `dataset` and `seed` of the process that loads; None in the main one."""
    return loading.get_worker_info()


def collated(batch: Sequence[Any]) -> Any:
    """Return samples as one, field by field: arrays and tensors along a new first axis, numbers as an array.

    Raises:
        TypeError: the samples hold something else.
        RuntimeError: sequences of unequal length.
    """
    sample = batch[0]
    if isinstance(sample, np.ndarray):
        return np.stack(batch, axis=0)
    if isinstance(sample, torch.Tensor):
        return torch.stack(list(batch))
    if isinstance(sample, numbers.Number):
        return np.array(batch)
    if isinstance(sample, (str, bytes)):
        return batch
    if isinstance(sample, Mapping):
        return {key: collated([each[key] for each in batch]) for key in sample}
    if isinstance(sample, Sequence):
        if any(len(each) != len(sample) for each in batch):
            msg = "fields number not same among samples: give every sample as many fields, or a collate_fn."
            raise RuntimeError(msg)
        return [collated(field) for field in zip(*batch, strict=True)]
    msg = (
        f"batch data can only contains: tensor, numpy.ndarray, dict, list, number, but got {type(sample)}. "
        f"Give a collate_fn that makes arrays of it."
    )
    raise TypeError(msg)


def delivered(value: Any, device: torch.device | None) -> Any:
    """Return what a collate function gave with tensors for arrays and lists for tuples."""
    if isinstance(value, np.ndarray):
        return to_tensor(value, place=device)
    if isinstance(value, torch.Tensor):
        made = value if isinstance(value, Tensor) else value.as_subclass(Tensor)
        return made if device is None else made.to(device)
    if isinstance(value, Mapping):
        return {key: delivered(each, device) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [delivered(each, device) for each in value]
    return value


class DataLoader:
    """Batches of a dataset, as lists (or what the samples are) of tensors.

    `use_buffer_reader`, `reader_buffer_size` and `use_shared_memory` say in the release how batches wait in memory;
    here batches are made when asked for, or wait in torch's queues where there are workers.

    Args:
        dataset: samples by index, or an `IterableDataset`.
        feed_list: what static graphs are fed with: not served.
        places: where the tensors lie. Default: None, the device in use.
        return_list: of no effect in dynamic mode, as in the release.
        batch_sampler: gives lists of indices, in place of `batch_size`, `shuffle` and `drop_last`.
        batch_size: samples of a batch; None: samples one by one, as they are.
        shuffle: whether the order is random, from NumPy's generator.
        drop_last: whether a last batch that is not full is left out.
        collate_fn: makes a batch of a list of samples. Default: None, field by field.
        num_workers: processes that load; 0 for this one.
        use_buffer_reader: see above.
        reader_buffer_size: see above.
        prefetch_factor: batches that each worker loads ahead.
        use_shared_memory: see above.
        timeout: seconds to wait for a worker; 0 for ever.
        worker_init_fn: called with its number in each worker.
        persistent_workers: whether workers stay from one iteration to the next.
    """

    def __init__(
        self,
        dataset: Any,
        feed_list: Any = None,
        places: Any = None,
        return_list: bool = True,
        batch_sampler: Any = None,
        batch_size: int | None = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        num_workers: int = 0,
        use_buffer_reader: bool = True,
        reader_buffer_size: int = 2,
        prefetch_factor: int = 2,
        use_shared_memory: bool = True,
        timeout: int = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        persistent_workers: bool = False,
    ) -> None:
        if feed_list is not None:
            msg = "feed_list is for static graphs, which are not fed by loaders here; use DataLoader without it."
            raise NotImplementedError(msg)
        require(num_workers >= 0, f"num_workers should be a non-negative value, not {num_workers}.")
        require(timeout >= 0, f"timeout should be a non-negative value, not {timeout}.")
        if isinstance(dataset, IterableDataset):
            if shuffle:
                msg = "IterableDataset not support shuffle, but got shuffle=True: shuffle in its __iter__."
                raise ValueError(msg)
            if batch_sampler is not None:
                msg = "IterableDataset expect unspecified batch_sampler: it has no indices."
                raise ValueError(msg)
        if batch_sampler is not None:
            given = batch_size == 1 and not shuffle and not drop_last
            require(given, "batch_size/shuffle/drop_last should not be set when batch_sampler is given.")
            batch_size = None
        elif batch_size is not None:
            legal = batch_size > 0
            require(legal, "batch_size should be None or a positive value when batch_sampler is not given.")
            if not isinstance(dataset, IterableDataset):
                batch_sampler = BatchSampler(dataset, shuffle=shuffle, batch_size=batch_size, drop_last=drop_last)
        self.dataset = dataset
        self.feed_list = feed_list
        self.places = (
            [CPUPlace()] if places is None else list(places) if isinstance(places, (list, tuple)) else [places]
        )
        self.return_list = return_list
        self.batch_sampler = batch_sampler
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.collate_fn = collate_fn
        self.num_workers = num_workers
        self.use_buffer_reader = use_buffer_reader
        self.prefetch_factor = prefetch_factor
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.auto_collate_batch = batch_sampler is not None or batch_size is not None
        self._persistent_workers = persistent_workers
        self._workers: Any = None
        self._device = None if places is None else to_device(self.places[0])

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            msg = "length of IterableDataset not supported: only iterating over it tells."
            raise ValueError(msg)
        return len(self.batch_sampler if self.auto_collate_batch else self.dataset)

    def __iter__(self) -> Iterator[Any]:
        batches = self._by_workers() if self.num_workers else self._here()
        return (delivered(each, self._device) for each in batches)

    def __call__(self) -> Iterator[Any]:
        """Iterate over the batches."""
        return iter(self)

    def _here(self) -> Iterator[Any]:
        if not self.auto_collate_batch:
            samples = self.dataset if isinstance(self.dataset, IterableDataset) else _in_order(self.dataset)
            return map(self.collate_fn or _itself, samples)
        collate = self.collate_fn or collated
        if isinstance(self.dataset, IterableDataset):
            return map(collate, _grouped(iter(self.dataset), self.batch_size or 1, self.drop_last))
        return (collate([self.dataset[index] for index in batch]) for batch in self.batch_sampler)

    def _by_workers(self) -> Any:
        if self._workers is None or not self._persistent_workers:
            iterable = isinstance(self.dataset, IterableDataset)
            how: dict[str, Any] = {"batch_size": None}
            if iterable and self.auto_collate_batch:
                how = {"batch_size": self.batch_size, "drop_last": self.drop_last}
            elif self.auto_collate_batch:
                how = {"batch_sampler": self.batch_sampler}
            self._workers = loading.DataLoader(
                self.dataset,
                num_workers=self.num_workers,
                collate_fn=self.collate_fn or (collated if self.auto_collate_batch else _itself),
                timeout=self.timeout,
                worker_init_fn=self.worker_init_fn,
                prefetch_factor=self.prefetch_factor,
                persistent_workers=self._persistent_workers,
                # one of its own: a loader must not move on the generator that layers draw from
                generator=torch.Generator().manual_seed(int(np.random.randint(2**31))),  # noqa: NPY002
                **how,
            )
        return self._workers


def _itself(sample: Any) -> Any:
    return sample


def _in_order(dataset: Any) -> Iterator[Any]:
    return (dataset[index] for index in range(len(dataset)))


def _grouped(samples: Iterator[Any], batch_size: int, drop_last: bool) -> Iterator[list[Any]]:
    while batch := list(itertools.islice(samples, batch_size)):
        if len(batch) == batch_size or not drop_last:
            yield batch
