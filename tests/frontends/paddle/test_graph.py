"""Programs that are written before their data: `static.data` and `Executor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle as package
from fourfold.frontends.paddle import fluid

if TYPE_CHECKING:
    from collections.abc import Iterator

paddle: Any = package
static: Any = package.static


@pytest.fixture(autouse=True)
def static_mode() -> Iterator[None]:
    """Inside static mode, which the next test finds as it was."""
    paddle.enable_static()
    yield
    paddle.disable_static()


def volume(*shape: int) -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape), dtype="float32").reshape(shape) % 7 - 3


def run(feed: Any, *wanted: Any) -> Any:
    return static.Executor(paddle.CPUPlace()).run(static.default_main_program(), feed, list(wanted))


@pytest.mark.parametrize("use_cudnn", [True, False])
def test_what_was_written_is_computed_with_the_parameters_of_the_program(use_cudnn: bool) -> None:
    x = static.data("x", [None, 2, 3, 3, 3])
    y = static.nn.conv3d_transpose(x, 4, filter_size=2, stride=2, bias_attr=False, act="relu", use_cudnn=use_cudnn)
    assert y.shape == [-1, 4, 6, 6, 6]
    (weight,) = static.default_main_program().all_parameters()
    weight.set_value(volume(2, 4, 2, 2, 2))
    (output,) = run({"x": volume(5, 2, 3, 3, 3)}, y)
    expected = torch.nn.functional.conv_transpose3d(
        torch.tensor(volume(5, 2, 3, 3, 3)), torch.tensor(volume(2, 4, 2, 2, 2)), stride=2
    ).relu()
    np.testing.assert_array_equal(output, expected.numpy())


def test_the_filter_size_comes_from_the_output_size() -> None:
    x = static.data("x", [-1, 2, 3, 4, 5], "float32")
    assert static.nn.conv3d_transpose(x, 4, output_size=[7, 9, 11], stride=2).shape == [-1, 4, 7, 9, 11]


def test_functions_and_methods_of_tensors_are_recorded() -> None:
    x = static.data("x", [2, 3])
    double, total = paddle.add(x, x), paddle.nn.functional.relu(x).sum()
    assert (double.shape, total.shape, total.dtype) == ([2, 3], [], torch.float32)
    found, summed = run({"x": volume(2, 3)}, double, total)
    np.testing.assert_array_equal(found, 2 * volume(2, 3))
    assert summed == 3.0  # of -3 -2 -1 0 1 2


def test_the_startup_program_is_empty() -> None:
    assert static.Executor().run(static.default_startup_program()) == []
    assert static.default_startup_program().all_parameters() == []


@pytest.mark.parametrize(
    ("feed", "match"),
    [
        pytest.param({}, "Variable 'x' is not fed; feed has nothing", id="missing"),
        pytest.param({"x": volume(2, 4)}, r"shape = \(-1, 3\), but received fed shape \[2, 4\]", id="shape"),
        pytest.param({"x": volume(3)}, "should have dimensions = 2", id="axes"),
        pytest.param({"x": np.ones((2, 3))}, "must be 'float32', but received 'float64'", id="dtype"),
    ],
)
def test_a_feed_that_does_not_fit_is_refused(feed: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        run(feed, static.data("x", [None, 3]).sum())


@pytest.mark.parametrize(
    ("call", "match"),
    [
        pytest.param(lambda: run({}, torch.ones(1)), "fetch_list must hold", id="fetch"),
        pytest.param(lambda: static.Executor().run("main"), "must be a static.Program", id="program"),
    ],
)
def test_executor_takes_programs_and_variables(call: Any, match: str) -> None:
    with pytest.raises(TypeError, match=match):
        call()


def test_a_value_is_not_there_before_it_is_computed() -> None:
    with pytest.raises(AttributeError, match=r"no 'grad' before it is computed: fetch it with Executor.run"):
        _ = static.data("x", [1]).grad


def test_data_needs_static_mode() -> None:
    assert not paddle.in_dynamic_mode()
    paddle.disable_static()
    with pytest.raises(AssertionError, match="only supported in static graph mode"):
        static.data("x", [1])


@pytest.mark.parametrize("function", ["paddle", "fluid"])
def test_same_takes_its_pads_from_the_sizes_that_are_fed(function: str) -> None:
    x = static.data("x", [1, 2, None, None, None])
    options = {"filter_size": 3, "stride": 2, "padding": "SAME", "bias_attr": False}
    functions = {"paddle": static.nn, "fluid": fluid.layers}
    y: Any = functions[function].conv3d_transpose(x, 4, **options)
    (weight,) = static.default_main_program().all_parameters()
    weight.set_value(volume(2, 4, 3, 3, 3))
    fed = torch.tensor(volume(1, 2, 4, 5, 6))
    (output,) = run({"x": fed.numpy()}, y)
    # pads of 0 and 1 where the size is even, of 1 and 1 where it is odd
    full = torch.nn.functional.conv_transpose3d(fed, torch.tensor(volume(2, 4, 3, 3, 3)), stride=2)
    np.testing.assert_array_equal(output, full[:, :, :8, 1:10, :12].numpy())


def test_a_network_may_be_deeper_than_python_s_recursion() -> None:
    y = x = static.data("x", [2])
    for _ in range(1500):
        y = y + 1
    assert (y.shape, y.needs(x)) == ([2], True)
    np.testing.assert_array_equal(run({"x": volume(2)}, y), [[1497, 1498]])


def test_what_is_used_twice_is_computed_and_looked_at_once() -> None:
    y = static.data("x", [2])
    for _ in range(64):  # 2**64 ways lead to the input
        y = y + y
    assert y.shape == [2]
    np.testing.assert_array_equal(run({"x": volume(2)}, y), [[-3 * 2.0**64, -2 * 2.0**64]])


def test_python_cannot_choose_by_what_is_not_computed_yet() -> None:
    with pytest.raises(TypeError, match=r"bool\(Variable\).*static\.nn\.cond"):
        _ = 1 if static.data("x", [1]) > 0 else 2


def test_the_branch_that_is_not_chosen_is_not_computed() -> None:
    x = static.data("x", [4, 2])
    y = static.nn.cond(paddle.sum(x) > 100, lambda: static.nn.batch_norm(x), lambda: x)
    mean = static.default_main_program().all_parameters()[-2]
    run({"x": volume(4, 2)}, y)
    np.testing.assert_array_equal(mean.numpy(), [0, 0])
    run({"x": volume(4, 2) + 100}, y)
    assert (mean.numpy() != 0).all()


def test_a_loop_computes_what_does_not_change_once() -> None:
    x = static.data("x", [3])
    kept = static.nn.batch_norm(paddle.reshape(x, [3, 1]), momentum=0.5)
    mean = static.default_main_program().all_parameters()[-2]
    found, _ = static.nn.while_loop(
        lambda total, count: count < 4, lambda total, count: [total + kept, count + 1], [kept * 0, paddle.zeros([1])]
    )
    (output, once) = run({"x": volume(3)}, found, kept)
    np.testing.assert_array_equal(output, 4 * once)
    np.testing.assert_array_equal(mean.numpy(), [-1])
