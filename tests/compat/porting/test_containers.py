from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

import fourfold
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from fourfold.compat.literals import Target

SEQUENCES: dict[str, Any] = {
    "torch.nn": nn.Sequential,
    "paddle": paddle.Sequential,
    "fluid": fluid.Sequential,
    "megengine": megengine.Sequential,
    "oneflow": oneflow.Sequential,
}
LISTS: dict[str, Any] = {
    "torch.nn": nn.ModuleList,
    "paddle": paddle.LayerList,
    "fluid": fluid.LayerList,
    "oneflow": oneflow.ModuleList,
}


@pytest.mark.parametrize("target", SEQUENCES)
@pytest.mark.parametrize("source", SEQUENCES)
def test_a_sequence_becomes_the_targets_with_the_same_layers(source: str, target: Target) -> None:
    shared = nn.Conv2d(1, 1, 1)
    model = SEQUENCES[source](shared, SEQUENCES[source](shared, nn.ReLU())).eval()
    ported: Any = fourfold.port_module(model, target=target)
    assert (type(ported), type(ported[1])) == (SEQUENCES[target], SEQUENCES[target])
    assert ported[0] is ported[1][0]
    assert (ported.training, ported[1].training) == (False, False)
    x = torch.ones(1, 1, 2, 2)
    assert torch.equal(ported(x), model(x))


@pytest.mark.parametrize("target", LISTS)
@pytest.mark.parametrize("source", LISTS)
def test_a_list_becomes_the_targets(source: str, target: Target) -> None:
    ported: Any = fourfold.port_module(LISTS[source]([nn.Tanh(), nn.Identity()]), target=target)
    assert type(ported) is LISTS[target]
    assert len(ported) == 2


def test_containers_of_ones_own_stay() -> None:
    class Mine(paddle.Sequential):
        pass

    marked = paddle.Sequential(paddle.ReLU())
    setattr(marked, "stage", "first")  # noqa: B010 - torch's types allow layers alone
    model = nn.ModuleDict({"mine": Mine(paddle.ReLU()), "marked": marked, "kept": paddle.Sequential()})
    ported: Any = fourfold.port_module(model, target="torch.nn", keep=["kept"])
    assert [type(one) for one in ported.values()] == [Mine, paddle.Sequential, paddle.Sequential]
    assert ported["marked"].stage == "first"
    assert [type(ported[name][0]) for name in ("mine", "marked")] == [nn.ReLU, nn.ReLU]


def test_a_list_stays_where_megengine_takes_pythons_own() -> None:
    ported = fourfold.port_module(nn.ModuleList([nn.ReLU()]), target="megengine")
    assert type(ported) is nn.ModuleList


@pytest.mark.parametrize("kind", [nn.MultiheadAttention, nn.TransformerEncoderLayer])
def test_what_torch_computes_with_the_tensors_of_stays(kind: Any) -> None:
    model = kind(4, 2, batch_first=True).eval()
    ported: Any = fourfold.port_module(model, target="paddle")
    x = torch.arange(12.0).reshape(1, 3, 4)
    arguments = (x, x, x) if kind is nn.MultiheadAttention else (x,)
    with torch.no_grad():
        found, expected = ported(*arguments), model(*arguments)
    assert torch.equal(found[0], expected[0])
    assert {type(one).__module__.partition(".")[0] for one in ported.modules()} == {"torch"}


def test_the_users_classes_stay_with_the_targets_layers_in_them() -> None:
    class Net(paddle.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.norm = paddle.BatchNorm3D(2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.norm(x)
            return found

    ported: Any = fourfold.port_module(Net(), target="torch.nn")
    assert type(ported) is Net
    assert list(ported.state_dict()) == [
        f"norm.{name}" for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    ]
    assert type(ported(torch.ones(1, 2, 2, 2, 2))) is torch.Tensor
