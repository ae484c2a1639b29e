"""What recorded calls cannot say of `paddle.io`: processes that load, and whose generators are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle


class Squares(paddle.io.Dataset):
    """An array and a number of each index."""

    def __getitem__(self, idx: int) -> tuple[Any, int]:
        return np.full(2, idx, np.float32), idx * idx

    def __len__(self) -> int:
        return 5


class Stream(paddle.io.IterableDataset):
    """What each worker gives: its number."""

    def __iter__(self) -> Any:
        return iter([(np.array(paddle.io.get_worker_info().id),)])


def test_workers_give_the_batches_of_one_process_in_order() -> None:
    batches = list(paddle.io.DataLoader(Squares(), batch_size=2, num_workers=2))
    assert [batch[1].tolist() for batch in batches] == [[0, 1], [4, 9], [16]]
    assert [batch[0].shape for batch in batches] == [[2, 2], [2, 2], [1, 2]]
    assert all(isinstance(each, paddle.Tensor) for batch in batches for each in batch)


def test_each_worker_reads_an_iterable_dataset() -> None:
    loader = paddle.io.DataLoader(Stream(), batch_size=4, num_workers=2, persistent_workers=True)
    assert sorted(batch[0].item() for batch in loader) == [0, 1]
    assert sorted(batch[0].item() for batch in loader) == [0, 1]


@pytest.mark.parametrize("num_workers", [0, 1])
def test_a_loader_leaves_the_generator_that_layers_draw_from(num_workers: int) -> None:
    state = torch.get_rng_state()
    assert len(list(paddle.io.DataLoader(Squares(), shuffle=True, num_workers=num_workers))) == 5
    assert torch.equal(torch.get_rng_state(), state)


def test_samples_that_cannot_be_joined_say_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"got <class 'NoneType'>.*Give a collate_fn"):
        next(iter(paddle.io.DataLoader([None])))


def test_samples_with_unequal_numbers_of_fields_are_refused() -> None:
    with pytest.raises(RuntimeError, match="fields number not same"):
        next(iter(paddle.io.DataLoader([(1, 2), (1,)], batch_size=2)))


def test_feeding_static_graphs_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="feed_list"):
        paddle.io.DataLoader([1], feed_list=["x"])
