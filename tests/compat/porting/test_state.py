"""A state keeps its values, dtypes and class on its way from one layout to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.compat.porting.nets import Net, model, paddle_state, random_bits
from torch import nn

import fourfold
from fourfold.compat.porting import APIS, Kind, Layer, PortingError
from fourfold.frontends.megengine import module as megengine

if TYPE_CHECKING:
    from fourfold.compat.literals import Api


def random_state(module: nn.Module, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
    return {name: one for name, one in random_bits(module, seed).items() if not name.endswith("num_batches_tracked")}


@given(
    apis=st.tuples(st.sampled_from(APIS), st.sampled_from(APIS)),
    groups=st.integers(1, 3),
    axes=st.integers(1, 3),
    slopes=st.sampled_from((1, 4)),
    seed=st.integers(0, 2**16),
)
def test_round_trips_through_every_pair_are_bit_exact(
    apis: tuple[Any, Any], groups: int, axes: int, slopes: int, seed: int
) -> None:
    first, second = apis
    module = Net(groups, axes, slopes)
    state = random_state(module, seed)
    there, _ = fourfold.port_state(state, source="torch", target=first, module=module)
    over, _ = fourfold.port_state(there, source=first, target=second, module=module)
    back, _ = fourfold.port_state(over, source=second, target=first, module=module)
    home, report = fourfold.port_state(back, source=first, target="torch", module=module)
    assert list(home) == list(state)
    assert [home[name].tobytes() for name in home] == [state[name].tobytes() for name in state]
    assert [home[name].shape for name in home] == [state[name].shape for name in state]
    assert [back[name].tobytes() for name in back] == [there[name].tobytes() for name in there]
    assert report.ok


# names and shapes as Paddle 3.3.1 and MegEngine 1.13.0 give them for these layers (see test_layouts.py)
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param(
            "paddle",
            {
                "up.weight": (4, 3, 3, 3, 3),
                "batch._mean": (4,),
                "instance.scale": (4,),
                "layer.weight": (12,),
                "prelu._weight": (4,),
                "head.weight": (3, 5),
            },
            id="paddle",
        ),
        pytest.param(
            "megengine",
            {
                "conv.weight": (2, 3, 2, 2, 2, 2),
                "up.weight": (2, 2, 3, 3, 3, 3),
                "up.bias": (1, 6, 1, 1, 1),
                "batch.running_mean": (4,),
                "prelu.weight": (1, 4, 1, 1),
                "head.weight": (5, 3),
            },
            id="megengine",
        ),
    ],
)
def test_a_torch_state_gets_the_names_and_shapes_of_the_target(target: Api, expected: dict[str, Any]) -> None:
    module = Net()
    state, _ = fourfold.port_state(module.state_dict(), source="torch", target=target, module=module)
    assert {name: tuple(state[name].shape) for name in expected} == expected
    assert not any(name.endswith("num_batches_tracked") for name in state)


def test_a_ported_state_loads_into_the_model() -> None:
    module, other = Net(), Net()
    there, _ = fourfold.port_state(module.state_dict(), source="torch", target="paddle", module=module)
    state, _ = fourfold.port_state(there, source="paddle", target="torch", module=other)
    other.load_state_dict(state)
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), other.parameters(), strict=True))


def test_a_front_ends_module_tells_its_own_layout() -> None:
    layer = megengine.ConvTranspose3d(4, 6, 3, groups=2)
    state, _ = fourfold.port_state(layer.state_dict(), source="megengine", target="torch", module=layer)
    assert np.array_equal(state["weight"], layer.weight.numpy().reshape(4, 3, 3, 3, 3))
    assert state["bias"].shape == (6,)


@pytest.mark.parametrize(
    "dtype",
    [torch.bfloat16, torch.float16, torch.float64, torch.complex64, torch.int8],
    ids=lambda dtype: str(dtype).removeprefix("torch."),
)
def test_torch_values_stay_torch_values_of_their_dtype(dtype: torch.dtype) -> None:
    weight = torch.arange(6).reshape(2, 3).to(dtype)
    state, report = fourfold.port_state({"weight": weight}, source="paddle", target="torch", module={"": "linear"})
    assert torch.equal(state["weight"], torch.tensor([[0, 3], [1, 4], [2, 5]]).to(dtype))
    assert state["weight"].dtype is dtype
    assert state["weight"].is_contiguous()
    assert report.tensors[0].dtype == str(dtype).removeprefix("torch.")


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "f2", "c8", "i1"])
def test_arrays_stay_arrays_of_their_dtype(dtype: str) -> None:
    weight = np.arange(6).reshape(2, 3).astype(dtype)
    state, _ = fourfold.port_state({"weight": weight}, source="paddle", target="torch", module={"": "linear"})
    assert state["weight"].dtype == np.dtype(dtype)
    assert state["weight"].tolist() == weight.T.tolist()


def test_parameters_of_a_front_end_come_out_as_plain_tensors() -> None:
    layer = megengine.ConvTranspose3d(2, 2, 1)
    kinds = {"": Layer(Kind.CONV_TRANSPOSE, axes=3)}
    state, _ = fourfold.port_state(
        dict(layer.named_parameters()),
        source="megengine",
        target="torch",
        module=kinds,
    )
    assert {type(one) for one in state.values()} == {torch.Tensor}
    assert not any(one.requires_grad for one in state.values())


@pytest.mark.parametrize("strict", [True, False])
def test_nothing_is_reshaped_by_guess(strict: bool) -> None:
    state = paddle_state(("0", "1", "2")) | {"0.weight": np.zeros((3, 2))}
    message = r"'0\.weight' has shape \(3, 2\); '0\.weight' \(linear\) needs \(2, 3\) there"
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(state, source="paddle", target="torch", module=model(), strict=strict)


def test_a_layer_without_a_rule_is_named_unless_passed_through() -> None:
    module = nn.Sequential(nn.Bilinear(1, 1, 1))
    with pytest.raises(PortingError, match=r"no layout rule for 0\.weight \(Bilinear\), 0\.bias"):
        fourfold.port_state(module.state_dict(), source="paddle", target="torch", module=module)
    state, report = fourfold.port_state(
        module.state_dict(), source="paddle", target="torch", module=module, passthrough=["0.*"]
    )
    assert list(state) == report.passed_through == list(module.state_dict())


def test_tensors_outside_the_model_pass_through_only_as_stated() -> None:
    state = {"fc.weight": np.zeros((2, 3)), "epoch": np.array(3)}
    ported, report = fourfold.port_state(
        state, source="paddle", target="torch", module={"fc": "linear"}, passthrough=["epoch"]
    )
    assert ported["epoch"] is state["epoch"]
    assert report.passed_through == ["epoch"]


@pytest.mark.parametrize(
    ("passthrough", "message"),
    [
        pytest.param(["lstm.*"], r"passthrough=\['lstm\.\*'\] fits no tensor without a rule\.", id="nothing"),
        pytest.param(["0.*"], r"fits no tensor without a rule; 0\.weight, 0\.bias have a layout rule", id="ruled"),
        pytest.param("0.*", r"is one string; give a list of patterns, such as \['0\.\*'\]", id="string"),
    ],
)
def test_idle_patterns_are_refused(passthrough: Any, message: str) -> None:
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(
            paddle_state(("0", "1", "2")), source="paddle", target="torch", module=model(), passthrough=passthrough
        )


@pytest.mark.parametrize(
    ("state", "message"),
    [
        pytest.param({"0.weight": [1, 2]}, r"'0\.weight' of the state is a list; it must be a NumPy array", id="list"),
        pytest.param({"model": {"0.weight": 1}}, r"'model' of the state is a dict; .* nested", id="nested"),
        pytest.param([], "the state is a list; give a mapping", id="no-mapping"),
    ],
)
def test_what_is_no_state_is_refused(state: Any, message: str) -> None:
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(state, source="paddle", target="torch", module=model())


@pytest.mark.parametrize(("source", "target"), [("keras", "torch"), ("torch", "keras")])
def test_unknown_frameworks_are_refused(source: Api, target: Api) -> None:
    with pytest.raises(PortingError, match="'keras' is not a framework with layout rules"):
        fourfold.port_state({}, source=source, target=target, module=nn.ReLU())


def test_a_layer_without_parameters_yet_is_named() -> None:
    with pytest.raises(PortingError, match=r"0 \(LazyConvTranspose3d\) has no parameters yet\. Call it once"):
        fourfold.port_state({}, source="torch", target="paddle", module=nn.Sequential(nn.LazyConvTranspose3d(2, 1)))


def test_the_values_of_the_module_are_not_read() -> None:
    with torch.device("meta"):
        module = nn.Linear(2, 3)
    state, _ = fourfold.port_state(
        {"weight": np.ones((2, 3)), "bias": np.ones(3)}, source="paddle", target="torch", module=module
    )
    assert state["weight"].tolist() == [[1, 1]] * 3
