"""Layers of every class beside the definition and PyTorch: what is read off them, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from fourfold.compat.agreement import Verdict
from fourfold.compat.agreement.assertion import AgreementError, compare_layer
from fourfold.compat.agreement.frameworks import MissingEnvironmentError
from fourfold.compat.agreement.reading import UnreadableLayerError
from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends import torch as front_end
from fourfold.frontends.paddle import fluid, fluid_1_8

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fourfold.compat.literals import Reference


class Own(nn.Module):
    """A user's class, no subclass of torch's layer; its attributes say what it computes."""

    def __init__(self, scale: float = 1.0, **attributes: Any) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, 3, 3, 2, 1))
        self.scale = scale
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * nn.functional.conv_transpose3d(x, self.weight, None, 2, groups=2)


OPERATOR: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "kernel_size": (3, 2, 1), "stride": 2, "groups": 2}
ATTRIBUTES: dict[str, Any] = {**OPERATOR, "padding": 0, "output_padding": 0, "dilation": 1}


def function(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return nn.functional.conv_transpose3d(input, weight, bias, 2, groups=2)


LAYERS = [
    pytest.param(lambda: nn.ConvTranspose3d(4, 6, 3, 2, 1, 1, groups=2), id="PyTorch"),
    pytest.param(lambda: front_end.nn.ConvTranspose3d(4, 6, (3, 2, 1), stride=(1, 2, 3), bias=False), id="torch"),
    pytest.param(lambda: paddle.nn.Conv3DTranspose(4, 6, 3, stride=2, output_padding=1, groups=2), id="paddle"),
    pytest.param(lambda: megengine.module.ConvTranspose3d(4, 6, 3, stride=2, groups=2), id="megengine-groups"),
    pytest.param(lambda: megengine.module.ConvTranspose3d(4, 6, 3, dilation=2, bias=False), id="megengine"),
    pytest.param(lambda: oneflow.nn.ConvTranspose3d(4, 6, 3, padding=1, dilation=2), id="oneflow"),
    pytest.param(lambda: fluid.dygraph.Conv3DTranspose(4, 6, 3, stride=2, output_size=(10, 11, 12)), id="fluid"),
    pytest.param(lambda: fluid_1_8.dygraph.Conv3DTranspose(4, 6, 3, 1, 2, bias_attr=True), id="fluid-1.8"),
    pytest.param(lambda: fluid_1_8.dygraph.Conv3DTranspose(4, 6, 3, 1, 2), id="fluid-1.8-bias-not-added"),
    pytest.param(lambda: nn.Sequential(nn.Identity(), nn.ConvTranspose3d(4, 6, 3)), id="around-one"),
    pytest.param(lambda: nn.ConvTranspose3d(4, 6, 3, padding=6), id="padding-beyond-the-usual-input"),
    pytest.param(lambda: nn.ConvTranspose3d(4, 6, 3, dtype=torch.float64), id="float64"),
    pytest.param(lambda: nn.ConvTranspose3d(4, 6, 3, dtype=torch.bfloat16), id="bfloat16"),
    pytest.param(lambda: nn.ConvTranspose3d(4, 6, 3, dtype=torch.complex64), id="complex64"),
    pytest.param(lambda: Own(**ATTRIBUTES), id="own-class"),
]


@pytest.mark.parametrize("framework", ["definition", "torch"])
@pytest.mark.parametrize("layer", LAYERS)
def test_layers_of_every_class_agree(layer: Callable[[], nn.Module], framework: Reference) -> None:
    found = compare_layer(layer(), framework).check()
    quantities = 6 + 2 * found.cases[0].bias
    assert len(found.outcomes) == quantities
    assert found.verdict in (Verdict.IDENTICAL, Verdict.WITHIN_ROUNDING)


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(lambda: paddle.nn.Conv3DTranspose(4, 6, 3, stride=2, padding="SAME"), id="same"),
        pytest.param(lambda: paddle.nn.Conv3DTranspose(4, 6, 3, padding=[0, 1, 1, 0, 2, 0]), id="six-pads"),
        pytest.param(lambda: paddle.nn.Conv3DTranspose(4, 6, 3, padding="same", data_format="NDHWC"), id="last"),
    ],
)
def test_what_only_paddle_can_say_agrees_with_the_definition_and_torch_cannot_say_it(
    layer: Callable[[], nn.Module],
) -> None:
    assert compare_layer(layer(), "definition")
    case = compare_layer(layer(), "definition", data="integers").cases[0]
    symmetric = all(low == high for low, high in case.geometry().padding)
    assert compare_layer(layer(), "torch").ok is symmetric


def test_a_function_agrees_with_the_operator_it_is_said_to_be() -> None:
    assert compare_layer(function, "torch", operator=OPERATOR)


def test_the_arguments_given_replace_the_attributes() -> None:
    layer = Own(**{**ATTRIBUTES, "stride": 3})
    assert not compare_layer(layer, "torch")
    assert compare_layer(layer, "torch", operator=OPERATOR)


def test_a_layer_that_is_off_by_a_rounding_is_within_rounding_and_by_more_is_different() -> None:
    near, far = (compare_layer(Own(1 + scale, **ATTRIBUTES), "torch", data="normal") for scale in (2**-23, 2**-18))
    assert near.verdict is Verdict.WITHIN_ROUNDING
    assert far.verdict is Verdict.DIFFERENT


def test_integers_permit_no_rounding() -> None:
    found = compare_layer(Own(1 - 2**-24, **ATTRIBUTES), "torch", data="integers")
    assert found.verdict is Verdict.DIFFERENT
    assert (found.outcomes[0].quantity, found.outcomes[0].ulp) == ("output", 1)


def test_the_layer_keeps_its_values_gradients_and_mode() -> None:
    layer = nn.ConvTranspose3d(4, 6, 3).eval()
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    compare_layer(layer, "definition")
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())
    assert layer.weight.grad is None
    assert not layer.training


def test_a_gradient_that_is_cut_is_a_difference() -> None:
    class Cut(nn.ConvTranspose3d):
        def forward(self, input: torch.Tensor, output_size: Any = None) -> torch.Tensor:
            return super().forward(input.detach())

    with pytest.raises(AgreementError, match="grad_input  different: the layer gave none"):
        compare_layer(Cut(4, 6, 3), "torch").check()


def test_a_wrong_shape_is_a_difference() -> None:
    layer = nn.Sequential(nn.ConvTranspose3d(4, 6, 3), nn.MaxPool3d(2))
    with pytest.raises(AgreementError, match=r"output      different: shape \(2, 6, 3, 3, 4\) for \(2, 6, 6, 7, 8\)"):
        compare_layer(layer, "torch", data="integers").check()


@pytest.mark.parametrize("options", [{"batch": None}, {"batch": 0}, {"dtype": "float64"}, {"input_size": 1}], ids=str)
def test_the_options_reach_the_layer(options: dict[str, Any]) -> None:
    found = compare_layer(nn.ConvTranspose3d(4, 6, 3), "torch", **options).check()
    assert {name: getattr(found.cases[0], name) for name in options} == {
        name: (value,) * 3 if name == "input_size" else value for name, value in options.items()
    }


def lazy() -> nn.Module:
    return fluid.dygraph.Conv3DTranspose("scope", 6, filter_size=3)


UNREADABLE = [
    pytest.param(lambda: nn.Conv3d(4, 6, 3), {}, "Conv3d is not a 3-D transposed convolution; give torch", id="Conv3d"),
    pytest.param(lambda: nn.ConvTranspose2d(4, 6, 3), {}, "not a 3-D transposed convolution", id="two-axes"),
    pytest.param(nn.ReLU, {}, "no parameter 'weight' of its own; give torch", id="no-weight"),
    pytest.param(Own, {}, "Own has no attribute in_channels, .* Give operator=", id="no-attributes"),
    pytest.param(
        lambda: nn.Sequential(nn.ConvTranspose3d(4, 6, 3), nn.PReLU()), {}, r"besides those .*: 1\.weight", id="more"
    ),
    pytest.param(
        lambda: nn.Sequential(nn.ConvTranspose3d(4, 6, 3), nn.ConvTranspose3d(6, 4, 3)),
        {},
        r"holds 2 transposed convolutions \('0', '1'\)",
        id="two",
    ),
    pytest.param(lazy, {}, "no parameters yet. Call it once", id="lazy"),
    pytest.param(lambda: fluid.dygraph.Conv3DTranspose(4, 6, 3, act="relu"), {}, "applies act='relu'", id="activation"),
    pytest.param(lambda: nn.ConvTranspose3d, {}, "is not a layer", id="class"),
    pytest.param(lambda: function, {}, "function is a function, .* give operator=", id="function"),
    pytest.param(
        lambda: function, {"operator": {"in_channels": 4}}, "lacks kernel_size, out_channels", id="incomplete"
    ),
    pytest.param(
        lambda: function, {"operator": {**OPERATOR, "strides": 2}}, "no meaning for strides; it holds", id="unknown"
    ),
    pytest.param(Own, {"operator": {**OPERATOR, "bias": True}}, "bias=True, and Own has no parameter", id="bias"),
    pytest.param(
        Own,
        {"operator": {**OPERATOR, "groups": 1}},
        r"Own is \(4, 3, 3, 2, 1\), and these arguments ask for \(4, 6, 3, 2, 1\)",
        id="shape",
    ),
]


@pytest.mark.parametrize(("layer", "options", "message"), UNREADABLE)
def test_a_layer_that_cannot_be_understood_says_what_is_needed(
    layer: Callable[[], Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnreadableLayerError, match=message):
        compare_layer(layer(), "torch", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"framework": "tensorflow"}, "framework='tensorflow' is not known; choose from", id="framework"),
        pytest.param({"data": "uniform"}, "data='uniform' is not legal", id="data"),
        pytest.param({"dtype": "int8"}, "dtype='int8' is not legal", id="dtype"),
        pytest.param({"input_size": (1, 1, 1)}, "gives an output of .*, which is empty. Give a larger", id="empty"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare_layer(nn.ConvTranspose3d(4, 6, 3, padding=2), **{"framework": "torch", **options})


def test_a_missing_environment_is_named_with_the_command_that_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(tmp_path))
    with pytest.raises(MissingEnvironmentError, match="environment 'fluid' is missing; run: fourfold env create fluid"):
        compare_layer(nn.ConvTranspose3d(4, 6, 3), "fluid")
