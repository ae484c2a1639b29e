"""Who holds, needs and reaches which rows, by counting."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import effort

from fourfold.backend.distributed.intervals import Reach, common, exchanged, length, shards, traffic


@effort
@given(rows=st.integers(0, 20), parts=st.integers(1, 6))
def test_shards_are_torch_s_chunks(rows: int, parts: int) -> None:
    sizes = [each.numel() for each in torch.arange(rows).chunk(parts)] if rows else []
    assert [length(each) for each in shards(rows, [parts])] == sizes + [0] * (parts - len(sizes))


@effort
@given(
    kernel_size=st.integers(1, 4),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    low=st.integers(-3, 6),
    rows_in=st.integers(1, 8),
    rows_out=st.integers(0, 20),
    data=st.data(),
)
def test_rows_that_meet_are_in_reach(
    kernel_size: int, stride: int, dilation: int, low: int, rows_in: int, rows_out: int, data: st.DataObject
) -> None:
    reach = Reach(kernel_size, stride, dilation, low, rows_in, rows_out)
    start = data.draw(st.integers(0, rows_out))
    fine = (start, data.draw(st.integers(start, rows_out)))
    met = {
        i
        for o in range(*fine)
        for i in range(rows_in)
        if any(stride * i + dilation * a - low == o for a in range(kernel_size))
    }
    first, last = reach.coarse(fine)
    assert met <= set(range(first, last))
    assert all(common(reach.fine((i, i + 1)), fine) != (0, 0) for i in met)


def test_what_one_sends_another_receives() -> None:
    held, wanted = [(0, 3), (3, 6), (6, 7)], [(0, 5), (2, 7), (4, 7)]
    moves = [traffic(held, wanted, place) for place in range(3)]
    sent = {(place, piece.place, piece.rows) for place in range(3) for piece in moves[place].sent}
    received = {(piece.place, place, piece.rows) for place in range(3) for piece in moves[place].received}
    assert sent == received
    assert exchanged(held, wanted) == sum(length(rows) for _, _, rows in sent)


@pytest.mark.parametrize(("kernel_size", "rows"), [(1, 0), (2, 0), (3, 3)])
def test_kernels_up_to_the_stride_exchange_nothing(kernel_size: int, rows: int) -> None:
    held, due = shards(16, [4]), shards(32, [4])
    reach = Reach(kernel_size, 2, 1, kernel_size // 3, 16, 32)
    assert exchanged(held, [reach.coarse(each) for each in due]) == rows
