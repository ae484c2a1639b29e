"""What loaders give when other processes read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fourfold.frontends.megengine.data import DataLoader, SequentialSampler, StreamSampler
from fourfold.frontends.megengine.data.dataloader import get_worker_info
from fourfold.frontends.megengine.data.dataset import ArrayDataset, StreamDataset

if TYPE_CHECKING:
    from collections.abc import Iterator


class Counting(StreamDataset):
    """Four numbers, from 10 times the number of the process that reads."""

    def __init__(self) -> None:
        """Take nothing."""

    def __iter__(self) -> Iterator[int]:
        info = get_worker_info()
        first = 10 * (0 if info is None else info.idx)
        return iter(range(first, first + 4))


def test_workers_give_the_batches_of_one_process_in_its_order() -> None:
    dataset = ArrayDataset(np.arange(10).reshape(5, 2), np.arange(5))
    sampler = SequentialSampler(dataset, 2)
    alone, together = (
        [[each.tolist() for each in batch] for batch in DataLoader(dataset, sampler, num_workers=count)]
        for count in (0, 2)
    )
    assert together == alone


def test_each_worker_reads_its_own_stream_if_asked_for() -> None:
    loader = DataLoader(Counting(), StreamSampler(2), num_workers=2, parallel_stream=True)
    assert [batch.tolist() for batch in loader] == [[0, 1], [10, 11], [2, 3], [12, 13]]


def test_one_process_reads_a_stream_for_all_workers_otherwise() -> None:
    loader = DataLoader(Counting(), StreamSampler(2), num_workers=2)
    assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3]]
