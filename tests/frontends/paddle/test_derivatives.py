"""Matrices of derivatives compute what is asked for, and backward writes no graph."""

from __future__ import annotations

import pytest

from fourfold.frontends import paddle
from fourfold.frontends.paddle.derivatives import Rows


def test_rows_are_computed_where_they_are_asked_for_and_once() -> None:
    x = paddle.to_tensor([1.0, 2.0, 3.0], stop_gradient=False)
    rows = Rows(x * x, [x])
    assert rows[1:, 1].tolist() == [4.0, 0.0]
    assert sorted(rows._known) == [1, 2]
    assert rows.row(1) is rows.row(1)


def test_the_derivatives_of_a_matrix_s_row_are_there_too() -> None:
    x = paddle.to_tensor([2.0, 3.0], stop_gradient=False)
    twice = paddle.autograd.jacobian(paddle.autograd.jacobian(x * x * x, x)[0], x)
    assert twice[:].tolist() == [[12.0, 0.0], [0.0, 0.0]]


def test_a_path_for_the_graph_is_refused() -> None:
    x = paddle.to_tensor([1.0], stop_gradient=False)
    with pytest.raises(NotImplementedError, match="dump_backward_graph_path='graph' is not served"):
        paddle.autograd.backward(x, dump_backward_graph_path="graph")
    assert x.grad is None
