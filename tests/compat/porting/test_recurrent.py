"""Recurrent layers: Paddle keeps them in cells, torch and OneFlow by layer and direction, MegEngine in one tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError, plan_module
from fourfold.frontends import paddle as package
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.tensor import plain

if TYPE_CHECKING:
    from fourfold.compat.literals import Target

paddle: Any = package.nn


def torchs() -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)


def paddles() -> Any:
    return paddle.LSTM(3, 4, 2, direction="bidirect")


def assert_same(one: Any, other: Any) -> None:
    x = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    (output, states), (expected, after) = one(x), other(x)
    for found, wanted in zip((output, *states), (expected, *after), strict=True):
        assert torch.equal(plain(found), plain(wanted))


def test_a_state_of_paddle_s_loads_in_torch() -> None:
    source, target = paddles(), torchs()
    state, report = fourfold.port_state(source.state_dict(), source="paddle", target="torch", module=target)
    assert report.missing == report.unexpected == []
    target.load_state_dict(state)
    assert_same(target, source)


def test_a_state_of_torch_s_has_all_of_paddle_s_names() -> None:
    source, target = torchs(), paddles()
    state, _ = fourfold.port_state(source.state_dict(), source="torch", target="paddle", module=source)
    assert set(state) == set(target.state_dict())
    target.set_state_dict(state)
    assert_same(target, source)


def test_a_map_of_kinds_finds_layers_and_directions_in_the_names() -> None:
    state = {f"top.{name}": each for name, each in torchs().state_dict().items()}
    found, _ = fourfold.port_state(state, source="torch", target="paddle", module={"top": "recurrent"})
    assert {name.removeprefix("top.") for name in found} == set(paddles().state_dict())


def test_within_a_model_the_cells_of_a_layer_go_with_it() -> None:
    model = package.nn.Sequential(paddle.LSTM(3, 4), paddle.ReLU())
    assert [one.names for one in plan_module(model, target="torch.nn").layers] == [("0",), ("1",)]
    ported: Any = fourfold.port_module(model, target="torch.nn")
    assert type(ported[0]) is nn.LSTM
    assert_same(ported[0], model[0])
    ported[0](torch.ones(1, 2, 3))[0].sum().backward()
    assert ported[0].weight_ih_l0.grad is not None


def test_shared_weights_of_ported_cells_are_learned_once() -> None:
    ported = fourfold.port_module(torchs(), target="paddle")
    names = [name for name, _ in nn.Module.named_parameters(ported, remove_duplicate=False)]
    assert (len(list(ported.parameters())), len(names)) == (16, 32)


@pytest.mark.parametrize(
    ("layer", "target", "match"),
    [
        pytest.param(lambda: nn.LSTM(3, 4, proj_size=2), "paddle", "proj_size=2", id="to"),
        pytest.param(lambda: paddle.LSTM(3, 4, proj_size=2), "torch.nn", "proj_size=2", id="from"),
        pytest.param(lambda: paddle.LSTMCell(3, 4, proj_size=2), "torch.nn", "proj_size=2", id="cell"),
    ],
)
def test_projections_are_refused_by_name(layer: Any, target: Target, match: str) -> None:
    with pytest.raises(PortingError, match=match):
        fourfold.port_module(layer(), target=target)


def test_a_parameter_that_was_hung_on_a_cell_is_named() -> None:
    layer = paddle.LSTM(3, 4)
    layer[0].cell.scale = layer.create_parameter([4])
    with pytest.raises(PortingError, match=r"0\.cell\.scale"):
        fourfold.port_module(layer, target="torch.nn")


@pytest.mark.parametrize(
    ("layer", "target"),
    [
        pytest.param(lambda: nn.LSTM(3, 4), "megengine", id="to"),
        pytest.param(lambda: megengine.LSTM(3, 4), "torch.nn", id="from"),
    ],
)
def test_megengine_s_layers_stay_and_so_do_their_cells(layer: Any, target: Target) -> None:
    assert plan_module(layer(), target=target).rebuilt == []


def test_biases_that_paddle_does_not_want_are_none_elsewhere() -> None:
    layer = paddle.LSTM(3, 4, bias_ih_attr=False, bias_hh_attr=False)
    ported: Any = fourfold.port_module(layer, target="torch.nn")
    assert not ported.bias
    assert_same(ported, layer)
    back = fourfold.port_module(ported, target="paddle")
    assert set(back.state_dict()) == set(layer.state_dict())


def test_a_cell_without_biases_adds_those_that_were_loaded() -> None:
    cell = megengine.RNNCell(3, 4, bias=False)
    assert fourfold.port_module(cell, target="torch.nn").bias_ih is None
    biases: Any = cell.bias_ih
    with torch.no_grad():
        plain(biases).fill_(2.0)
    ported: Any = fourfold.port_module(cell, target="torch.nn")
    assert torch.equal(ported.bias_ih.detach(), torch.full((4,), 2.0))
    assert not ported.bias_ih.requires_grad
