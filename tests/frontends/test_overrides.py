"""Networks that override what torch's own methods call: each front end calls what its framework's base class calls.

What is expected was seen in Paddle 3.3.1, Paddle 1.8.5, MegEngine 1.13 and OneFlow 0.9 with these very networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.module import tree
from fourfold.frontends.paddle import fluid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASES: dict[str, Any] = {
    "paddle": paddle.nn.Layer,
    "fluid": fluid.dygraph.Layer,
    "megengine": megengine.module.Module,
    "oneflow": oneflow.nn.Module,
}


@pytest.fixture(autouse=True)
def dygraph() -> Iterator[None]:
    with fluid.dygraph.guard():
        yield


def network(base: type, **methods: Callable[..., Any]) -> Any:
    """Return a network around one whose class has these methods."""
    inner = type("Inner", (base,), dict(methods))
    outer: Any = type("Outer", (base,), {})()
    outer.inner = inner()
    outer.inner.weight = torch.nn.Parameter(torch.ones(2))
    return outer


def logged(base: type, method: str, log: list[Any]) -> Callable[..., Any]:
    """Return the method of the base class, which writes down how it was called."""

    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        log.append((args, kwargs))
        return getattr(base, method)(self, *args, **kwargs)

    return called


@pytest.mark.parametrize(
    ("name", "training", "evaluating"),
    [
        pytest.param("paddle", [], [], id="paddle"),
        pytest.param("fluid", [((), {})], [], id="fluid"),
        pytest.param(
            "megengine", [((True,), {"recursive": False})], [((False,), {"recursive": False})], id="megengine"
        ),
        pytest.param("oneflow", [((True,), {})], [((False,), {})], id="oneflow"),
    ],
)
def test_what_is_called_of_a_train_below(name: str, training: list[Any], evaluating: list[Any]) -> None:
    log: list[Any] = []
    net = network(BASES[name], train=logged(BASES[name], "train", log))
    net.train()
    assert log == training
    log.clear()
    net.eval()
    assert log == evaluating
    assert [each.training for each in tree(net)] == [False, False]


@pytest.mark.parametrize("name", ["paddle", "fluid"])
def test_eval_of_a_network_whose_train_takes_nothing_ends_training(name: str) -> None:
    net = type("Net", (BASES[name],), {"train": lambda self: self})()
    net.eval()
    assert not net.training


@pytest.mark.parametrize("name", ["paddle", "fluid"])
def test_eval_does_not_call_a_train_that_leaves_a_part_frozen(name: str) -> None:
    base = BASES[name]

    def train(self: Any, *args: Any) -> None:
        base.train(self)
        self.inner.eval()

    net: Any = type("Net", (base,), {"train": train})()
    net.inner = base()
    net.train()
    assert [each.training for each in tree(net)] == [True, False]
    net.eval()
    assert [each.training for each in tree(net)] == [False, False]


@pytest.mark.parametrize("name", ["megengine", "oneflow"])
def test_eval_calls_train_where_the_framework_does(name: str) -> None:
    net: Any = type("Net", (BASES[name],), {"train": lambda self, mode=True, **_: self})()
    net.eval()
    assert net.training


def test_paddles_train_refuses_what_is_no_bool() -> None:
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        paddle.nn.Layer().train(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["parameters", "buffers", "children", "modules", "named_parameters"])
@pytest.mark.parametrize("name", BASES)
def test_state_moves_and_loads_whatever_a_network_lists(name: str, method: str) -> None:
    net = network(BASES[name], **{method: lambda self, *args, **kwargs: []})
    state = net.state_dict()
    assert list(state) == ["inner.weight"]
    load = net.set_dict if name in ("paddle", "fluid") else net.load_state_dict
    load({"inner.weight": np.zeros(2, "float32")})
    assert net.inner.weight.tolist() == [0, 0]
    assert net.double().inner.weight.dtype == torch.float64


def test_paddles_state_leaves_a_state_dict_below_alone_and_fluids_calls_it() -> None:
    def state_dict(self: Any, *args: Any, **kwargs: Any) -> Any:
        return {"added": torch.ones(1)}

    assert list(network(paddle.nn.Layer, state_dict=state_dict).state_dict()) == ["inner.weight"]
    assert list(network(fluid.dygraph.Layer, state_dict=state_dict).state_dict()) == ["added"]


def test_paddles_parameters_are_those_of_the_sublayers_that_a_network_names() -> None:
    net = network(paddle.nn.Layer, named_sublayers=lambda self, **kwargs: iter(()))
    assert net.parameters() == []
    assert len(net.inner.parameters(include_sublayers=False)) == 1


@pytest.mark.parametrize("name", BASES)
def test_a_call_is_what_the_network_says(name: str) -> None:
    net = type("Net", (BASES[name],), {"__call__": lambda self, x: x + 1})()
    assert net(1) == 2


# -- the mode of fluid's functions ---------------------------------------------------------------------------------


def dropped() -> list[float]:
    return fluid.layers.dropout(fluid.layers.ones([64], "float32"), 0.5).numpy().tolist()  # type: ignore[no-any-return]


def test_fluids_dropout_ends_with_eval_of_any_layer_and_begins_again_with_train() -> None:
    layer = fluid.dygraph.Layer()
    assert 0 in dropped()
    layer.eval()
    assert dropped() == [0.5] * 64
    layer.train()
    assert 0 in dropped()


def test_fluids_mode_is_of_the_guard() -> None:
    with fluid.dygraph.guard():
        fluid.dygraph.Layer().eval()
        assert dropped() == [0.5] * 64
    assert 0 in dropped()


def test_a_program_drops_out_whatever_layers_do() -> None:
    with fluid.program_guard(fluid.Program()):
        x = fluid.data("x", [64], "float32")
        fluid.dygraph.Layer().eval()
        y = fluid.layers.dropout(x, 0.5)
        (found,) = fluid.Executor().run(feed={"x": np.ones(64, "float32")}, fetch_list=[y])
    assert 0 in found


def test_a_seed_of_fluids_dropout_gives_the_same_zeros_again() -> None:
    ones = fluid.layers.ones([64], "float32")
    first = fluid.layers.dropout(ones, 0.5, seed=3, dropout_implementation="upscale_in_train").numpy().tolist()
    assert first == fluid.layers.dropout(ones, 0.5, seed=3, dropout_implementation="upscale_in_train").numpy().tolist()
    assert set(first) == {0, 2}
