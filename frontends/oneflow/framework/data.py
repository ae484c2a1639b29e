"""Mirrors `oneflow.utils.data`, on torch's loaders: what they load are OneFlow's tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.utils.data as loading
from torch.utils.data import default_collate, default_convert

from ...names import Opaque
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "random_split",
]

GENERATOR = Opaque("<oneflow._oneflow_internal.Generator object>")  # the default one, which is torch's
PASSED = Opaque("oneflow._oneflow_internal.PyCapsule.default_generator")


def _own(generator: Any) -> Any:
    return None if isinstance(generator, Opaque) else generator


def _recast(value: Any) -> Any:
    """Return what was loaded with OneFlow's tensors in place of torch's."""
    if isinstance(value, torch.Tensor):
        return value if isinstance(value, Tensor) else value.as_subclass(Tensor)
    if isinstance(value, dict):
        return type(value)({key: _recast(each) for key, each in value.items()})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_recast, value))
    return type(value)(map(_recast, value)) if isinstance(value, (list, tuple)) else value


def _collate(batch: Any) -> Any:
    return _recast(default_collate(batch))


def _convert(data: Any) -> Any:
    return _recast(default_convert(data))  # type: ignore[no-untyped-call]


class Dataset(loading.Dataset[Any]):
    """Samples by index."""

    def __init__(self) -> None:
        """Take nothing."""

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset(loading.IterableDataset[Any]):
    """Samples one after the other."""

    def __init__(self) -> None:
        """Take nothing."""


class TensorDataset(loading.TensorDataset, Dataset):
    """Samples along the first axis of tensors."""


class ConcatDataset(loading.ConcatDataset[Any], Dataset):
    """Datasets one after the other."""


class Subset(loading.Subset[Any], Dataset):
    """Samples of a dataset by a list of indices."""


def random_split(dataset: Any, lengths: Sequence[int], generator: Any = PASSED) -> list[Subset]:
    """Split a dataset at random into parts of these lengths.

    Raises:
        ValueError: the lengths do not add up to that of the dataset.
    """
    if sum(lengths) != len(dataset):
        msg = f"Sum of input lengths {list(lengths)} does not equal the length of the input dataset, {len(dataset)}!"
        raise ValueError(msg)
    order = torch.randperm(len(dataset), generator=_own(generator)).tolist()
    ends = torch.tensor(lengths).cumsum(0).tolist()
    return [Subset(dataset, order[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


class Sampler(loading.Sampler[Any]):
    """Indices one after the other."""

    def __init__(self, data_source: Any) -> None:
        """Take a dataset, for classes that are derived."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError


class SequentialSampler(loading.SequentialSampler):
    """Indices in order."""


class RandomSampler(loading.RandomSampler):
    """Indices in random order, or drawn with replacement."""

    def __init__(
        self, data_source: Any, replacement: bool = False, num_samples: int | None = None, generator: Any = None
    ) -> None:
        super().__init__(data_source, replacement, num_samples, generator)


class SubsetRandomSampler(loading.SubsetRandomSampler):
    """Indices of a list in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        super().__init__(indices, generator)


class BatchSampler(loading.BatchSampler):
    """Lists of indices."""

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        super().__init__(sampler, batch_size, drop_last)


class DataLoader(loading.DataLoader[Any]):
    """Batches of a dataset; arguments as in torch."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Any = None,
        multiprocessing_context: Any = None,
        generator: Any = GENERATOR,
        *,
        prefetch_factor: int = 2,
        persistent_workers: bool = False,
    ) -> None:
        usual = _convert if batch_size is None and batch_sampler is None else _collate
        super().__init__(
            dataset,
            batch_size,
            shuffle,
            sampler,
            batch_sampler,
            num_workers,
            collate_fn or usual,
            pin_memory,
            drop_last,
            timeout,
            worker_init_fn,
            multiprocessing_context,
            _own(generator),
            prefetch_factor=prefetch_factor if num_workers else None,
            persistent_workers=persistent_workers,
        )
