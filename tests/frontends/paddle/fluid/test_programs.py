"""Programs of fluid: what `fluid.data` stands for, operators and rows, and what is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fourfold.frontends.paddle import fluid as package
from fourfold.frontends.paddle.fluid import modes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

fluid: Any = package
layers = fluid.layers
X = np.arange(-6, 6, dtype="float32").reshape(1, 2, 6)


@pytest.fixture(autouse=True)
def _program(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(modes, "_on", False)  # whatever guard a fixture of the session holds
    with fluid.program_guard(fluid.Program()):
        yield


def run(build: Callable[[Any], Any], x: np.ndarray[Any, Any] = X) -> Any:
    data = fluid.data("x", [None, *x.shape[1:]], str(x.dtype))
    (found,) = fluid.Executor(fluid.CPUPlace()).run(feed={"x": x}, fetch_list=[build(data)])
    return found


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        pytest.param(lambda x: x + 1, X + 1, id="add a number"),
        pytest.param(lambda x: 1 - x, 1 - X, id="number first"),
        pytest.param(lambda x: -x * x / 2, -X * X / 2, id="several operators"),
        pytest.param(lambda x: x**2, X**2, id="power"),
        pytest.param(lambda x: x > 0, X > 0, id="comparison"),
        pytest.param(lambda x: x[:, 0], X[:, 0], id="index"),
        pytest.param(lambda x: layers.relu(x) - x, np.maximum(X, 0) - X, id="row minus data"),
        pytest.param(lambda x: layers.concat([x, x], axis=1), np.concatenate([X, X], axis=1), id="concat"),
        pytest.param(lambda x: layers.sums([x, x, x]), 3 * X, id="sums"),
        pytest.param(lambda x: layers.split(x, 2, dim=2)[1], X[:, :, 3:], id="split"),
        pytest.param(lambda x: layers.elementwise_mul(x, layers.reduce_sum(x)), X * X.sum(), id="two rows"),
        pytest.param(lambda x: layers.mse_loss(x, x + 2), np.array([4.0], "float32"), id="mse_loss"),
        pytest.param(lambda x: layers.square_error_cost(x, x * 0), X**2, id="square_error_cost"),
        pytest.param(lambda x: layers.dropout(x, 0.5, is_test=True), X / 2, id="dropout"),
        pytest.param(lambda x: x.astype("int64"), X.astype("int64"), id="method"),
    ],
)
def test_operators_and_rows_are_computed_when_the_program_runs(build: Any, expected: Any) -> None:
    np.testing.assert_array_equal(run(build), expected)


def test_pools_take_data() -> None:
    volume = np.arange(16, dtype="float32").reshape(1, 1, 2, 2, 4)
    np.testing.assert_array_equal(run(lambda x: layers.pool3d(x, 2, "max", 2), volume).ravel(), [13, 15])


def test_integers_of_a_program_stay_integers() -> None:
    np.testing.assert_array_equal(run(lambda x: x / 2, np.array([[3, -3]])), [[1, -1]])


def test_what_a_convolution_gives_minus_data() -> None:
    volume = np.ones((1, 1, 2, 2, 2), "float32")

    def build(x: Any) -> Any:
        one = fluid.initializer.Constant(1.0)
        return layers.conv3d_transpose(x, 1, filter_size=1, param_attr=one, bias_attr=one) - x

    np.testing.assert_array_equal(run(build, volume), volume)


def test_a_variable_is_fetched_by_its_name() -> None:
    data = fluid.data("x", [None, 2, 6])
    doubled = data + data
    found = fluid.Executor().run(feed={"x": X}, fetch_list=[doubled.name, "x", data])
    np.testing.assert_array_equal(found[0], 2 * X)
    np.testing.assert_array_equal(found[1], found[2])


def test_a_name_that_no_variable_has_is_refused() -> None:
    with pytest.raises(TypeError, match="or their names"):
        fluid.Executor().run(feed={"x": X}, fetch_list=["y"])


def test_parameters_are_made_when_the_program_is_written() -> None:
    data = fluid.data("x", [None, 3])
    hidden = layers.fc(data, 4, act="relu")
    assert [p.shape for p in fluid.default_main_program().all_parameters()] == [[3, 4], [4]]
    assert hidden.shape == [-1, 4]
    first, second = (
        fluid.Executor().run(feed={"x": np.ones((2, 3), "float32")}, fetch_list=[hidden])[0] for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)


def test_layers_data_has_the_batch_in_front() -> None:
    assert layers.data("x", [3]).shape == [-1, 3]
    assert layers.data("y", [3], append_batch_size=False).shape == [3]


def test_nets_make_parameters_of_data() -> None:
    data = layers.data("x", [1, 4, 4])
    pooled = fluid.nets.simple_img_conv_pool(data, 2, 3, 2, 2, act="relu")
    assert pooled.shape == [-1, 2, 1, 1]
    assert len(fluid.default_main_program().all_parameters()) == 2


def test_sequences_of_unlike_lengths_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="lod_level=1 is not served"):
        fluid.data("x", [1], lod_level=1)


def test_a_program_cloned_for_tests_normalises_by_running_statistics_and_keeps_them() -> None:
    program = fluid.Program()
    with fluid.program_guard(program):
        normal = layers.batch_norm(layers.dropout(fluid.data("x", [None, 2, 6]), 0.5), name="b")
    (found,) = fluid.Executor().run(program.clone(for_test=True), {"x": X}, [normal])
    np.testing.assert_allclose(found, X / 2 / np.sqrt(np.float32(1 + 1e-5)), rtol=0, atol=2**-21)
    assert program.global_block().var("b.w_1").numpy().tolist() == [0.0, 0.0]


def test_a_loader_of_a_program_gives_what_it_is_fed() -> None:
    data = fluid.data("x", [None, 2, 6])
    loader = fluid.io.DataLoader.from_generator([data], capacity=2)
    loader.set_sample_generator(lambda: iter([(X[0],), (2 * X[0],)]), batch_size=1, places=fluid.cpu_places())
    found = [fluid.Executor().run(feed=feed, fetch_list=data + 1)[0] for feed in loader()]
    np.testing.assert_array_equal(found, [X + 1, 2 * X + 1])


def test_a_loader_without_dygraph_needs_fields() -> None:
    with pytest.raises(Exception, match="Feed list must be given"):
        fluid.io.DataLoader.from_generator(capacity=2)


def test_a_loader_goes_through_a_dataset() -> None:
    class Squares:
        def __len__(self) -> int:
            return 5

        def __getitem__(self, index: int) -> Any:
            return np.full(2, index, "float32"), np.array(index**2)

    with fluid.dygraph.guard():
        loader = fluid.io.DataLoader(Squares(), places=fluid.CPUPlace(), batch_size=2)
        batches = [[field.numpy().tolist() for field in batch] for batch in loader]
    assert len(loader) == 3
    assert batches[1] == [[[2.0, 2.0], [3.0, 3.0]], [4, 9]]
    assert batches[2] == [[[4.0, 4.0]], [16]]


def test_several_devices_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="feeds of 2 devices"):
        fluid.Executor().run(feed=[{"x": X}, {"x": X}])
    with pytest.raises(NotImplementedError, match="2 processes are not served"):
        fluid.dygraph.DataParallel(fluid.dygraph.Linear(1, 1), type("Strategy", (), {"nranks": 2}))


# -- training -----------------------------------------------------------------------------------------------------


def trained_on(program: Any, startup: Any) -> Any:
    """Write a product of two numbers with weights of 1 to a program; return the loss, which is their sum."""
    with fluid.program_guard(program, startup), fluid.unique_name.guard():
        x = fluid.data("x", [1, 2])
        return layers.mean(layers.fc(x, 1, bias_attr=False, param_attr=fluid.initializer.Constant(1.0)))


def test_programs_of_one_startup_program_share_parameters_which_it_gives_their_first_values_again() -> None:
    train, test, startup = fluid.Program(), fluid.Program(), fluid.Program()
    loss, tested = trained_on(train, startup), trained_on(test, startup)
    fluid.optimizer.SGD(0.5).minimize(loss)
    executor, feed = fluid.Executor(), {"x": np.array([[2.0, 4.0]], "float32")}
    executor.run(startup)
    found = [float(executor.run(train, feed, [loss])[0][0]), float(executor.run(test, feed, [tested])[0][0])]
    executor.run(startup)
    # the gradient is x: weights of 1 - 0.5 * x are 0 and -1
    assert [*found, float(executor.run(test, feed, [tested])[0][0])] == [6.0, -4.0, 6.0]


def test_programs_of_other_startup_programs_have_parameters_of_their_own() -> None:
    train, other = fluid.Program(), fluid.Program()
    loss, tested = trained_on(train, fluid.Program()), trained_on(other, fluid.Program())
    fluid.optimizer.SGD(0.5).minimize(loss)
    executor, feed = fluid.Executor(), {"x": np.array([[2.0, 4.0]], "float32")}
    executor.run(train, feed)
    assert executor.run(other, feed, [tested])[0] == 6.0


def test_minimize_outside_of_the_guard_trains_the_program_of_the_loss() -> None:
    train = fluid.Program()
    loss = trained_on(train, fluid.Program())
    fluid.optimizer.SGD(0.5).minimize(loss)
    executor, feed = fluid.Executor(), {"x": np.array([[2.0, 4.0]], "float32")}
    executor.run(train, feed)
    assert executor.run(train, feed, [loss.name])[0] == -4.0


def test_what_was_fetched_stays_when_the_parameters_change() -> None:
    train = fluid.Program()
    loss = trained_on(train, fluid.Program())
    fluid.optimizer.SGD(0.5).minimize(loss)
    executor, feed = fluid.Executor(), {"x": np.array([[2.0, 4.0]], "float32")}
    (weight,) = executor.run(train, feed, ["fc_0.w_0"])
    executor.run(train, feed)
    assert weight.ravel().tolist() == [0.0, -1.0]


@pytest.mark.parametrize(
    "rate", [pytest.param(lambda: 0.5, id="number"), pytest.param(lambda: layers.exponential_decay(0.5, 1, 0.5))]
)
def test_a_startup_program_begins_training_anew(rate: Any) -> None:
    train, startup = fluid.Program(), fluid.Program()
    loss = trained_on(train, startup)
    fluid.optimizer.Momentum(rate(), 0.9).minimize(loss, startup)
    executor, feed = fluid.Executor(), {"x": np.array([[2.0, 4.0]], "float32")}
    found = []
    for _ in range(2):
        executor.run(startup)
        found.append([float(executor.run(train, feed, [loss])[0][0]) for _ in range(4)])
    assert found[0] == found[1]
    assert len(set(found[0])) == 4


def test_a_second_loss_of_a_program_is_refused() -> None:
    loss = trained_on(fluid.Program(), fluid.Program())
    fluid.optimizer.SGD(0.5).minimize(loss)
    with pytest.raises(NotImplementedError, match="minimizes a loss already"):
        fluid.optimizer.SGD(0.5).minimize(loss)


def test_an_optimizer_of_dygraph_needs_parameters() -> None:
    with fluid.dygraph.guard(), pytest.raises(AttributeError, match="should not be None in dygraph mode"):
        fluid.optimizer.SGD(0.5)


def test_an_operator_by_its_name_is_refused() -> None:
    with pytest.raises(NotImplementedError, match=r"append_op\(type='relu'\) is not served"):
        fluid.layer_helper.LayerHelper("mine").append_op(type="relu")
