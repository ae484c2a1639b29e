"""Mirrors `fluid.io.DataLoader` and `fluid.io.PyReader`, which make tensors of what readers and datasets give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from . import modes
from .data_feeder import DataFeeder, check_array
from .dygraph.base import to_variable
from .readers import batch as batches_of
from .readers import buffered, default_collate_fn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from typing_extensions import Self

__all__ = ["DataLoader", "PyReader"]


class _Loader:
    """Walks through batches: lists of tensors in dygraph, else dictionaries of what is fed."""

    def __init__(self, feed_list: Any, capacity: int | None, *, iterable: bool, return_list: bool) -> None:
        if not capacity:
            msg = "Please give value to capacity."
            raise ValueError(msg)
        self._names = None if modes.is_on() else [each.name for each in feed_list or ()]
        if self._names == []:
            msg = "Feed list must be given under static mode."
            raise Exception(msg)  # the release's class
        if self._names is not None and not iterable:
            msg = "iterable=False is not served here: a graph reads nothing by itself. Iterate, and feed what comes."
            raise NotImplementedError(msg)
        self._fields, self._capacity, self._as_list = feed_list, capacity, return_list
        self._source: Callable[[], Iterable[Any]] | None = None

    @property
    def iterable(self) -> bool:
        """Whether it is walked through: it is."""
        return True

    def set_batch_generator(self, reader: Callable[[], Iterable[Any]], places: Any = None) -> Self:
        """Read batches: an array for each field."""
        self._source = reader
        return self

    def set_sample_list_generator(self, reader: Callable[[], Iterable[Any]], places: Any = None) -> Self:
        """Read lists of samples, which have a value for each field."""
        if self._names is None:
            return self.set_batch_generator(lambda: map(_fields, reader()), places)
        feeder = DataFeeder(self._fields, None)
        return self.set_batch_generator(lambda: (list(feeder.feed(each).values()) for each in reader()), places)

    def set_sample_generator(
        self, reader: Callable[[], Iterable[Any]], batch_size: int, drop_last: bool = True, places: Any = None
    ) -> Self:
        """Read samples, so many for each batch."""
        if batch_size <= 0:
            msg = f"batch_size must be larger than 0; it is {batch_size}."
            raise AssertionError(msg)
        return self.set_sample_list_generator(batches_of(reader, batch_size, drop_last), places)

    def __call__(self) -> Self:
        return self

    def __iter__(self) -> Iterator[Any]:
        if self._source is None:
            msg = "Data source of DataLoader has not set yet: call set_batch_generator() or one of its like first."
            raise AssertionError(msg)
        return self._batches(self._source)

    def _batches(self, source: Callable[[], Iterable[Any]]) -> Iterator[Any]:
        for found in buffered(source, self._capacity)():
            tensors = [to_variable(check_array(each)) for each in found]
            if self._names is None:
                yield tensors
            else:
                yield [tensors] if self._as_list else [dict(zip(self._names, tensors, strict=True))]


def _fields(samples: Iterable[Any]) -> list[Any]:
    return [list(field) for field in zip(*samples, strict=True)]


class DataLoader:
    """Walks through batches of a dataset.

    Args:
        dataset: what has `len()` and indices; a sample is an array, or a value for each field.
        feed_list: names of the fields, of what `fluid.data` returned, where `return_list` is False and no dygraph.
        places: has no effect: tensors are where new ones are.
        return_list: give lists of tensors where there is no dygraph; there it does so always. Default: False.
        batch_sampler: what gives lists of indices, in place of the next three.
        batch_size: samples in a batch. Default: 1.
        shuffle: whether in any order. Default: False.
        drop_last: leave out a last batch that is not full. Default: False.
        collate_fn: makes a list of arrays of a list of samples. Default: None, `default_collate_fn`.
        num_workers: processes that read. Default: 0, this one.
        use_buffer_reader: has no effect.
        use_shared_memory: has no effect.
        timeout: of workers, in seconds; 0 is no limit. Default: 0.
        worker_init_fn: called in each worker with its number. Default: None.
    """

    def __init__(
        self,
        dataset: Any,
        feed_list: Any = None,
        places: Any = None,
        return_list: bool = False,
        batch_sampler: Any = None,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        num_workers: int = 0,
        use_buffer_reader: bool = True,
        use_shared_memory: bool = True,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
    ) -> None:
        self._named = not return_list and not modes.is_on()
        if self._named and feed_list is None:
            msg = "feed_list should be set when return_list=False; give the fields, or return_list=True."
            raise AssertionError(msg)
        self._names = [each.name for each in feed_list or ()]
        options: Any = (
            {"batch_size": batch_size, "shuffle": shuffle, "drop_last": drop_last}
            if batch_sampler is None
            else {"batch_sampler": batch_sampler}
        )
        self._batches = torch.utils.data.DataLoader(
            dataset,
            collate_fn=collate_fn or default_collate_fn,
            num_workers=num_workers,
            timeout=timeout,
            worker_init_fn=worker_init_fn,
            **options,
        )

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        for found in self._batches:
            tensors = [to_variable(check_array(each)) for each in found]
            yield [dict(zip(self._names, tensors, strict=True))] if self._named else tensors

    def __call__(self) -> Iterator[Any]:
        return iter(self)

    @staticmethod
    def from_generator(
        feed_list: Any = None,
        capacity: int | None = None,
        use_double_buffer: bool = True,
        iterable: bool = True,
        return_list: bool = False,
        use_multiprocess: bool = False,
        drop_last: bool = True,
    ) -> _Loader:
        """Return what walks through what a reader gives, which its `set_..._generator` methods take.

        Raises:
            ValueError: no `capacity` is given: how many batches are read ahead.
            NotImplementedError: `iterable=False` without dygraph.
        """
        return _Loader(feed_list, capacity, iterable=iterable, return_list=return_list)


class PyReader(_Loader):
    """What `DataLoader.from_generator` returns, under older names.

    Args:
        feed_list: what `fluid.data` returned, where there is no dygraph.
        capacity: how many batches are read ahead.
        use_double_buffer: has no effect.
        iterable: must be True without dygraph. Default: True.
        return_list: give lists of tensors without dygraph too. Default: False.
    """

    def __init__(
        self,
        feed_list: Any = None,
        capacity: int | None = None,
        use_double_buffer: bool = True,
        iterable: bool = True,
        return_list: bool = False,
    ) -> None:
        super().__init__(feed_list, capacity, iterable=iterable, return_list=return_list)

    def decorate_batch_generator(self, reader: Any, places: Any = None) -> None:
        """Read batches."""
        self.set_batch_generator(reader, places)

    def decorate_sample_list_generator(self, reader: Any, places: Any = None) -> None:
        """Read lists of samples."""
        self.set_sample_list_generator(reader, places)

    def decorate_sample_generator(
        self, sample_generator: Any, batch_size: int, drop_last: bool = True, places: Any = None
    ) -> None:
        """Read samples."""
        self.set_sample_generator(sample_generator, batch_size, drop_last, places)
