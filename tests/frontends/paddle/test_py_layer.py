"""An operation of one's own: what the recorded calls of the release cannot say."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle.py_layer import PyLayer


class Squared(PyLayer):
    """Keeps its output, which would keep itself."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        result = x * x
        ctx.save_for_backward(x, result)
        return result

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        x, _ = ctx.saved_tensor()
        return 2 * x * gradient


class Reversed(PyLayer):
    """Returns its input, and turns the gradient."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return -gradient


def learned(*values: float) -> Any:
    return paddle.to_tensor(list(values), stop_gradient=False)


def test_a_result_is_freed_without_the_collector_of_cycles() -> None:
    gc.collect()
    gc.disable()
    try:
        result = Squared.apply(learned(1.0, 2.0))
        freed = weakref.ref(result)
        del result
        assert freed() is None
    finally:
        gc.enable()


def test_second_derivatives_go_through() -> None:
    x = learned(2.0, 3.0)
    (first,) = torch.autograd.grad(Squared.apply(Squared.apply(x)).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.tolist() == [48.0, 108.0]  # 12 x²


def test_a_gradient_of_another_shape_is_refused() -> None:
    class Wrong(Squared):
        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return torch.ones(3, 2)

    with pytest.raises(ValueError, match=r"Wrong: the gradient at 0 has shape \[3, 2\], its input \[2\]"):
        Wrong.apply(learned(1.0, 2.0)).sum().backward()


def test_an_input_that_another_operation_keeps_cannot_become_the_result() -> None:
    x = learned(1.0, 2.0)
    kept = x * 1
    product = kept * x
    with pytest.raises(RuntimeError, match=r"another operation has used it already\. Return its clone"):
        Reversed.apply(kept)
    assert product.tolist() == [1.0, 4.0]


def test_an_error_in_backward_is_raised_as_it_is() -> None:
    class Failing(Squared):
        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            msg = "of its own"
            raise LookupError(msg)

    with pytest.raises(LookupError, match="of its own"):
        Failing.apply(learned(1.0)).backward()
