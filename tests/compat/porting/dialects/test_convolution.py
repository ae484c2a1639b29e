from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F
from tests.compat.porting.refused import assert_refused, refusals
from tests.compat.porting.samples import set_integers
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from fourfold.compat.literals import Target

# torch's, of its own way to compute it
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")


def volume() -> torch.Tensor:
    return torch.arange(2.0 * 4 * 5 * 6).reshape(1, 2, 4, 5, 6) % 7 - 3


# Paddle's form of padding, torch's words for it
FORMS = [
    pytest.param({"padding": "VALID"}, {"padding": (0, 0, 0)}, id="valid"),
    pytest.param({"padding": [[0, 0], [0, 0], [1, 1], [0, 0], [2, 2]]}, {"padding": (1, 0, 2)}, id="pairs"),
    pytest.param({"padding": [1, 1, 0, 0, 2, 2]}, {"padding": (1, 0, 2)}, id="six"),
    pytest.param({"padding": "SAME", "dilation": 2}, {"padding": (1, 1, 1), "dilation": (1, 1, 1)}, id="same"),
    pytest.param({"padding": [0, 1, 0, 1, 0, 1], "kernel_size": 2}, {"padding": "same"}, id="same-of-2"),
    pytest.param({"padding": "SAME", "kernel_size": 2}, {"padding": "same"}, id="SAME-of-2"),
    pytest.param({"padding": [1, 1, 1, 2, 1, 1], "kernel_size": (2, 4, 3)}, None, id="six-unlike"),
]


@pytest.mark.parametrize(("given", "said"), FORMS)
def test_paddles_forms_of_padding_in_torch(given: dict[str, Any], said: dict[str, Any] | None) -> None:
    layer = paddle.Conv3D(2, 3, **{"kernel_size": 3, **given})
    set_integers(layer)
    if said is None:
        with pytest.raises(PortingError, match=r"^the module .*padding=\[1, 1, 1, 2, 1, 1\]: there, pads are equal on"):
            fourfold.port_module(layer, target="torch.nn")
        return
    ported: Any = fourfold.port_module(layer, target="torch.nn")
    assert {name: getattr(ported, name) for name in said} == said
    assert torch.equal(ported(volume()), layer(volume()))


@pytest.mark.parametrize(
    ("kernel_size", "dilation", "padding"),
    [
        pytest.param((3, 1, 5), 1, [1, 0, 2], id="odd"),
        pytest.param((2, 3, 4), 1, [0, 1, 1, 1, 1, 2], id="even"),
        pytest.param((2, 3, 2), (3, 2, 1), [1, 2, 2, 2, 0, 1], id="dilated"),
    ],
)
def test_torchs_same_is_numbers_in_paddle(kernel_size: Any, dilation: Any, padding: list[int]) -> None:
    layer = nn.Conv3d(2, 3, kernel_size, dilation=dilation, padding="same")
    set_integers(layer)
    ported: Any = fourfold.port_module(layer, target="paddle")
    back: Any = fourfold.port_module(ported, target="torch.nn")
    assert ported._padding == padding
    assert torch.equal(ported(volume()), layer(volume()))
    assert torch.equal(back(volume()), layer(volume()))


def test_channels_last_stays_between_paddles_own() -> None:
    model = paddle.Sequential(paddle.Conv3D(2, 3, 1, data_format="NDHWC"), paddle.BatchNorm3D(3, data_format="NDHWC"))
    norm: Any = fourfold.port_module(model[1], target="fluid")
    x = volume().movedim(1, -1)
    assert norm._data_layout == "NHWC"
    assert torch.equal(norm(model[0](x)), model[1](model[0](x)))


INEXPRESSIBLE = [
    (paddle.Conv3D(2, 2, 3, stride=2, padding="SAME"), "torch.nn", r"'SAME' .* size of each .* \[0, 1, 0, 1, 0, 1\]"),
    (paddle.Conv3D(2, 2, 1, data_format="NDHWC"), "oneflow", "data_format='NDHWC' cannot be said there; permute"),
    (paddle.Conv3D(2, 2, 2, padding="SAME"), "megengine", "padding='SAME': there, pads are equal on both sides"),
    (nn.Conv3d(2, 2, 2, padding="same"), "fluid", "padding='same': there, .* and it has 0 and 1, 0 and 1, 0 and 1"),
    (nn.Conv3d(2, 2, 1, padding_mode="circular"), "megengine", "padding_mode='circular' cannot be said there; pad in"),
    (nn.Conv3d(2, 2, 1, padding_mode="reflect"), "oneflow", "padding_mode='reflect' cannot be said there; pad in"),
    (fluid.Conv3D(2, 2, 1, act="relu"), "paddle", "act='relu' cannot be said there; apply the activation in your"),
    (fluid.Linear(2, 2, act="relu"), "torch.nn", "act='relu' cannot be said there; apply the activation in your"),
    (nn.utils.parametrizations.weight_norm(nn.Conv3d(2, 2, 1)), "paddle", "subclass of Conv3d.* Remove its param"),
    (type("Mine", (nn.Conv3d,), {})(2, 2, 1), "paddle", "it is of a subclass of Conv3d, whose own behaviour"),
]


@refusals(INEXPRESSIBLE)
def test_what_the_target_cannot_say_is_refused_by_name(layer: nn.Module, target: Target, message: str) -> None:
    assert_refused(layer, target, message)


def test_lines_stay_where_the_front_end_has_no_class_for_them() -> None:
    layer = nn.Conv1d(2, 3, 2)
    ported = fourfold.port_module(layer, target="fluid")
    x = torch.ones(1, 2, 3)
    assert type(ported) is nn.Conv1d
    assert torch.equal(ported(x), F.conv1d(x, layer.weight, layer.bias))
