"""Mirrors the readers of `paddle.fluid.io`: a reader is a function that returns what can be walked through."""

from __future__ import annotations

import collections
import concurrent.futures
import itertools
import queue
import random
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = [
    "ComposeNotAligned",
    "batch",
    "buffered",
    "cache",
    "chain",
    "compose",
    "default_collate_fn",
    "firstn",
    "map_readers",
    "shuffle",
    "xmap_readers",
]


class ComposeNotAligned(ValueError):  # noqa: N818
    """Readers that were composed did not end together."""


def batch(reader: Callable[[], Iterable[Any]], batch_size: int, drop_last: bool = False) -> Callable[[], Iterator[Any]]:
    """Return a reader of lists of so many samples; the last may have fewer, unless it is dropped.

    Raises:
        ValueError: `batch_size` is below 1.

    >>> list(batch(lambda: range(5), 2)())
    [[0, 1], [2, 3], [4]]
    """
    size = int(batch_size)
    if size < 1:
        msg = f"batch_size should be a positive integeral value, but got batch_size={size}. Give 1 or more."
        raise ValueError(msg)

    def batches() -> Iterator[Any]:
        samples = iter(reader())
        while found := list(itertools.islice(samples, size)):
            if len(found) == size or not drop_last:
                yield found

    return batches


def cache(reader: Callable[[], Iterable[Any]]) -> Callable[[], Iterator[Any]]:
    """Return a reader of what another gives now; that one is not called again."""
    kept = tuple(reader())
    return lambda: iter(kept)


def map_readers(func: Callable[..., Any], *readers: Callable[[], Iterable[Any]]) -> Callable[[], Iterator[Any]]:
    """Return a reader of what a function makes of one sample of each reader, until the first of them ends."""
    return lambda: map(func, *[reader() for reader in readers])


def chain(*readers: Callable[[], Iterable[Any]]) -> Callable[[], Iterator[Any]]:
    """Return a reader of one reader's samples after the other's."""
    return lambda: itertools.chain(*[reader() for reader in readers])


def firstn(reader: Callable[[], Iterable[Any]], n: int) -> Callable[[], Iterator[Any]]:
    """Return a reader of the first so many samples."""
    return lambda: itertools.islice(reader(), n)


def shuffle(reader: Callable[[], Iterable[Any]], buf_size: int) -> Callable[[], Iterator[Any]]:
    """Return a reader that shuffles so many samples at a time, by Python's generator of random numbers."""

    def shuffled() -> Iterator[Any]:
        for part in batch(reader, max(buf_size, 1))():
            random.shuffle(part)
            yield from part

    return shuffled


def compose(*readers: Callable[[], Iterable[Any]], **kwargs: Any) -> Callable[[], Iterator[tuple[Any, ...]]]:
    """Return a reader of tuples: one sample of each reader, those that are tuples themselves laid out flat.

    Args:
        *readers: what is read side by side.
        **kwargs: `check_alignment`: raise where one ends before another. Default: True; False stops there.

    Raises:
        ComposeNotAligned: (by the reader) a reader ended too early, or gave None.

    >>> list(compose(lambda: [1, 2], lambda: [(3, 4), (5, 6)])())
    [(1, 3, 4), (2, 5, 6)]
    """
    check = kwargs.pop("check_alignment", True)
    if kwargs:
        msg = f"compose() has no {', '.join(kwargs)}; it takes check_alignment beside the readers."
        raise TypeError(msg)

    def composed() -> Iterator[tuple[Any, ...]]:
        found = [reader() for reader in readers]
        for samples in itertools.zip_longest(*found) if check else zip(*found, strict=False):
            if check and any(sample is None for sample in samples):
                msg = "outputs of readers are not aligned: one ended before the others, or gave None."
                raise ComposeNotAligned(msg)
            yield tuple(itertools.chain(*[each if isinstance(each, tuple) else (each,) for each in samples]))

    return composed


def buffered(reader: Callable[[], Iterable[Any]], size: int) -> Callable[[], Iterator[Any]]:
    """Return a reader that a thread reads ahead for, by up to so many samples; its errors are raised here."""

    def read_ahead() -> Iterator[Any]:
        waiting: queue.Queue[tuple[str, Any]] = queue.Queue(size)

        def fill() -> None:
            try:
                for sample in reader():
                    waiting.put(("sample", sample))
                waiting.put(("end", None))
            except BaseException as error:  # it is raised where the samples are read
                waiting.put(("error", error))

        threading.Thread(target=fill, daemon=True).start()
        while True:
            kind, found = waiting.get()
            if kind == "error":
                raise found
            if kind == "end":
                return
            yield found

    return read_ahead


def xmap_readers(
    mapper: Callable[[Any], Any],
    reader: Callable[[], Iterable[Any]],
    process_num: int,
    buffer_size: int,
    order: bool = False,
) -> Callable[[], Iterator[Any]]:
    """Return a reader of what so many threads make of samples, with up to `buffer_size` of them under way.

    Samples keep their order; `order=False` only says that they need not.
    """

    def mapped() -> Iterator[Any]:
        under_way: collections.deque[concurrent.futures.Future[Any]] = collections.deque()
        with concurrent.futures.ThreadPoolExecutor(process_num) as threads:
            for sample in reader():
                under_way.append(threads.submit(mapper, sample))
                if len(under_way) >= buffer_size:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    return mapped


def default_collate_fn(batch: Sequence[Any]) -> list[np.ndarray[Any, Any]]:
    """Return one array per field of the samples, which stand along its first axis."""
    if isinstance(batch[0], np.ndarray):
        return [np.stack(batch)]
    return [np.stack(field) for field in zip(*batch, strict=True)]
