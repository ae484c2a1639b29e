"""Mirrors `megengine.data.sampler`: which samples make a batch, as lists of indices."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Infinite",
    "MapSampler",
    "RandomSampler",
    "ReplacementSampler",
    "Sampler",
    "SequentialSampler",
    "StreamSampler",
]


class Sampler(ABC):
    """What all samplers are."""

    @abstractmethod
    def __init__(self) -> None: ...


class MapSampler(Sampler):
    """Batches of the indices that `sample` gives; who derives a class writes that.

    Args:
        dataset: what is sampled.
        batch_size: indices in a batch. Default: 1.
        drop_last: whether a last batch that is smaller is left out. Default: False.
        num_samples: indices of all processes together. Default: None, the length of the dataset.
        world_size: among how many processes they are divided. Default: None, 1.
        rank: which of these this one is. Default: None, 0.
        seed: of the random order. Default: None, another one each time, and 0 for several processes.

    Raises:
        ValueError: an argument is of another type, or not positive; there are fewer samples than make a batch.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        drop_last: bool = False,
        num_samples: int | None = None,
        world_size: int | None = None,
        rank: int | None = None,
        seed: int | None = None,
    ) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            msg = f"batch_size should be a positive integer value, but got batch_size={batch_size}."
            raise ValueError(msg)
        if not isinstance(drop_last, bool):
            msg = f"drop_last should be a boolean value, but got drop_last={drop_last}."
            raise ValueError(msg)
        if num_samples is not None and (not isinstance(num_samples, int) or num_samples <= 0):
            msg = f"num_samples should be a positive integer value, but got num_samples={num_samples}."
            raise ValueError(msg)
        self.batch_size = batch_size
        self.dataset = dataset
        self.drop_last = drop_last
        self.world_size = 1 if world_size is None else world_size
        self.rank = 0 if rank is None else rank
        self.num_samples = math.ceil((len(dataset) if num_samples is None else num_samples) / self.world_size)
        if self.num_samples < batch_size:
            msg = (
                f"num_samples should be greater than batch_size, but got num_samples={self.num_samples} and "
                f"batch_size={batch_size}. Lower batch_size."
            )
            raise ValueError(msg)
        # processes have to agree
        self.rng = np.random.RandomState(0 if seed is None and self.world_size > 1 else seed)

    def __iter__(self) -> Iterator[Any]:
        return self.batch()

    def __len__(self) -> int:
        return self.num_samples // self.batch_size if self.drop_last else math.ceil(self.num_samples / self.batch_size)

    def sample(self) -> Any:
        """Return the indices of all processes."""
        raise NotImplementedError

    def scatter(self, indices: list[Any]) -> list[Any]:
        """Return every `world_size`-th of the indices, for this process; the first ones fill up the last round."""
        total = self.num_samples * self.world_size
        filled = indices + indices[: total - len(indices)]
        assert len(filled) == total
        return filled[self.rank : total : self.world_size]

    def batch(self) -> Iterator[list[Any]]:
        """Yield the batches."""
        indices = list(self.sample())
        if self.world_size > 1:
            indices = self.scatter(indices)
        for begin in range(0, len(indices), self.batch_size):
            found = indices[begin : begin + self.batch_size]
            if len(found) == self.batch_size or not self.drop_last:
                yield found


def _sequence(indices: Any, name: str = "indices") -> Any:
    if indices is not None and not isinstance(indices, Sequence):
        msg = f"{name} should be None or a sequence, but got {name}={indices}."
        raise ValueError(msg)
    return indices


class SequentialSampler(MapSampler):
    """Indices in order: all, or those of a list. The other arguments are those of `MapSampler`."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        drop_last: bool = False,
        indices: Sequence[Any] | None = None,
        world_size: int | None = None,
        rank: int | None = None,
    ) -> None:
        super().__init__(dataset, batch_size, drop_last, None, world_size, rank)
        self.indices = _sequence(indices)

    def sample(self) -> Any:
        """Return the indices."""
        return iter(range(len(self.dataset))) if self.indices is None else self.indices


class RandomSampler(MapSampler):
    """Indices in random order: all, or those of a list. The other arguments are those of `MapSampler`."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        drop_last: bool = False,
        indices: Sequence[Any] | None = None,
        world_size: int | None = None,
        rank: int | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(dataset, batch_size, drop_last, None, world_size, rank, seed)
        self.indices = _sequence(indices)

    def sample(self) -> Any:
        """Return the indices in another order at each call."""
        return self.rng.permutation(len(self.dataset) if self.indices is None else self.indices).tolist()


class ReplacementSampler(MapSampler):
    """Indices that are drawn, each as if for the first time; `weights` say how often. The others as in `MapSampler`."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        drop_last: bool = False,
        num_samples: int | None = None,
        weights: Sequence[float] | None = None,
        world_size: int | None = None,
        rank: int | None = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(dataset, batch_size, drop_last, num_samples, world_size, rank, seed)
        if _sequence(weights, "weights") is not None and len(weights or ()) != len(dataset):
            msg = f"len(dataset)={len(dataset)} should be equal to len(weights)={len(weights or ())}."
            raise ValueError(msg)
        self.weights = None if weights is None else np.array(weights) / sum(weights)

    def sample(self) -> Any:
        """Return as many indices as there are samples, drawn anew at each call."""
        count = self.num_samples * self.world_size
        return self.rng.choice(len(self.dataset), size=count, replace=True, p=self.weights).tolist()


class Infinite(MapSampler):
    """The batches of another sampler, again and again; what it has not itself is that sampler's."""

    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler
        self.sampler_iter = iter(sampler)

    def sample(self) -> Any:
        """Refuse: there is no last index."""
        msg = "sample method not supported in Infinite. Iterate over it."
        raise NotImplementedError(msg)

    def __iter__(self) -> Infinite:
        return self

    def __next__(self) -> Any:
        found = next(self.sampler_iter, None)
        if found is None:
            self.sampler_iter = iter(self.sampler)
            found = next(self.sampler_iter)
        return found

    def __len__(self) -> int:
        return int(np.iinfo(np.int64).max)

    def __getattr__(self, name: str) -> Any:
        if name == "sampler":  # of an object that is being copied
            raise AttributeError(name)
        return getattr(self.sampler, name)


class StreamSampler(Sampler):
    """How many samples of a stream make a batch."""

    def __init__(self, batch_size: int = 1) -> None:
        self.batch_size = batch_size

    def __iter__(self) -> Iterator[list[int]]:
        return self.batch()

    def batch(self) -> Iterator[list[int]]:
        """Yield lists of numbers that rise."""
        numbers = iter(self.sample())
        while found := list(itertools.islice(numbers, self.batch_size)):
            yield found

    def sample(self) -> Iterable[int]:
        """Return the numbers from 0."""
        return itertools.count()
