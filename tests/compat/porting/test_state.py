from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import fourfold
from fourfold.compat.porting import APIS, Kind, Layer, PortingError, Renames
from fourfold.frontends.megengine import module as megengine


class Net(nn.Module):
    """A layer of every kind."""

    def __init__(self, groups: int = 2, axes: int = 3, slopes: int = 4) -> None:
        super().__init__()
        convolution = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}[axes]
        transposed = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}[axes]
        self.conv = convolution(2 * groups, 3 * groups, 2, groups=groups)
        self.up = transposed(2 * groups, 3 * groups, 3, groups=groups)
        self.batch = nn.BatchNorm3d(4)
        self.instance = nn.InstanceNorm3d(4, affine=True)
        self.group = nn.GroupNorm(2, 4)
        self.layer = nn.LayerNorm((3, 4))
        self.prelu = nn.PReLU(slopes)
        self.embedding = nn.Embedding(5, 3)
        self.head = nn.Linear(3, 5)


def random_state(module: nn.Module, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
    """Random bits in the module's shapes: NaN payloads and subnormals too."""
    random = np.random.default_rng(seed)
    return {
        name: random.integers(0, 2**32, tuple(tensor.shape), dtype=np.uint32).view(np.float32)
        for name, tensor in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


@given(
    apis=st.tuples(st.sampled_from(APIS), st.sampled_from(APIS)),
    groups=st.integers(1, 3),
    axes=st.integers(1, 3),
    slopes=st.sampled_from((1, 4)),
    seed=st.integers(0, 2**16),
)
def test_round_trips_through_every_pair_are_bit_exact(
    apis: tuple[str, str], groups: int, axes: int, slopes: int, seed: int
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
def test_a_torch_state_gets_the_names_and_shapes_of_the_target(target: str, expected: dict[str, Any]) -> None:
    module = Net()
    state, _ = fourfold.port_state(module.state_dict(), source="torch", target=target, module=module)
    assert {name: tuple(state[name].shape) for name in expected} == expected
    assert not any(name.endswith("num_batches_tracked") for name in state)


def test_the_report_says_what_was_done_to_each_tensor() -> None:
    module = Net()
    _, report = fourfold.port_state(module.state_dict(), source="torch", target="paddle", module=module)
    assert report.transposed == ["head.weight"]
    assert report.reshaped == ["layer.weight", "layer.bias"]
    assert report.renamed == ["batch._mean", "batch._variance", "instance.scale", "prelu._weight"]
    assert report.left_out == ["batch.num_batches_tracked"]
    assert len(report.matched) == len(report.tensors) - 1
    assert report.ok


def test_the_report_prints_as_a_table() -> None:
    _, report = fourfold.port_state(
        {"fc.weight": np.zeros((2, 3), np.float32)}, source="paddle", target="torch", module={"fc": "linear"}
    )
    header, row, summary = str(report).splitlines()
    assert header.split() == ["source", "target", "done", "source", "shape", "target", "shape", "dtype", "note"]
    assert row.split() == ["fc.weight", "fc.weight", "transposed", "2", "x", "3", "3", "x", "2", "float32", "linear"]
    assert summary == "paddle to torch: 1 tensor: 1 transposed"


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


@pytest.mark.parametrize(
    "kind",
    ["linear", "Linear", Kind.LINEAR, Layer(Kind.LINEAR), nn.Linear(2, 3)],
    ids=["name", "case", "Kind", "Layer", "module"],
)
def test_a_map_states_kinds(kind: Any) -> None:
    state = {"enc.fc.weight": np.zeros((2, 3)), "enc.fc.bias": np.zeros(3)}
    ported, _ = fourfold.port_state(state, source="paddle", target="torch", module={"enc.fc": kind})
    assert ported["enc.fc.weight"].shape == (3, 2)


@pytest.mark.parametrize(
    "kind", ["conv_transpose:2", Layer(Kind.CONV_TRANSPOSE, axes=3, groups=2)], ids=["text", "Layer"]
)
def test_a_map_states_groups(kind: Any) -> None:
    state = {"up.weight": np.zeros((2, 2, 3, 1, 1, 1)), "up.bias": np.zeros((1, 6, 1, 1, 1))}
    ported, _ = fourfold.port_state(state, source="megengine", target="torch", module={"up": kind})
    assert {name: one.shape for name, one in ported.items()} == {"up.weight": (4, 3, 1, 1, 1), "up.bias": (6,)}


def test_a_map_of_norms_takes_the_tensors_that_are_there() -> None:
    state = {"n._mean": np.zeros(3), "n._variance": np.ones(3)}
    ported, _ = fourfold.port_state(state, source="paddle", target="torch", module={"n": "batch_norm"})
    assert list(ported) == ["n.running_mean", "n.running_var"]


@pytest.mark.parametrize(
    ("state", "kinds", "message"),
    [
        pytest.param(
            {"a.weight": (4, 4, 1, 1, 1, 1)}, {"a": "conv"}, r"6 axes, .* State the groups: 'conv:GROUPS'", id="groups"
        ),
        pytest.param({"a.weight": (4,)}, {"a": "lstm"}, "'lstm' for 'a' is not a kind of layer; there are", id="kind"),
        pytest.param({"a.weight": (12,)}, {"a": "layer_norm"}, "state a torch layer in place of its kind", id="flat"),
        pytest.param({"a.weight": (4, 4, 4)}, {"a": "linear"}, r"\(4, 4, 4\), which is not that of", id="axes"),
        pytest.param({"b.weight": (4, 4)}, {"a": "linear"}, r"lacks a\.weight .* takes b\.weight", id="prefix"),
        pytest.param({"a.weight": (4, 4)}, None, r"no layout rule for a\.weight: module= tells the kinds", id="none"),
        pytest.param({"a.weight": (4, 4)}, 3, "module=3 tells no layer kinds", id="number"),
    ],
)
def test_what_a_map_cannot_tell_is_refused(state: dict[str, Any], kinds: Any, message: str) -> None:
    arrays = {name: np.zeros(shape) for name, shape in state.items()}
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(arrays, source="paddle", target="torch", module=kinds)


FC = {"net.fc_1.weight": np.zeros((2, 3)), "net.fc_1.bias": np.zeros(3)}


@pytest.mark.parametrize(
    "renames",
    [
        {"net.fc_1": "fc1"},
        {"net.fc_1.weight": "fc1.weight", "net.fc_1.bias": "fc1.bias"},
        {re.compile(r"^net\.fc_(\d)"): r"fc\1"},
        Renames.parse([r"re:^net\.fc_(\d)=fc\1"]),
    ],
    ids=["layer", "tensors", "expression", "parsed"],
)
def test_renames_are_stated(renames: Any) -> None:
    state, report = fourfold.port_state(FC, source="paddle", target="torch", module={"fc1": "linear"}, renames=renames)
    assert list(state) == ["fc1.weight", "fc1.bias"]
    assert report.renamed == ["fc1.weight", "fc1.bias"]
    assert report.transposed == ["fc1.weight"]


@pytest.mark.parametrize(
    ("renames", "message"),
    [
        pytest.param({"decoder": "fc1"}, r"renames of \['decoder'\] fit no name", id="name"),
        pytest.param({re.compile("decoder"): "fc1"}, r"renames of \['re:decoder'\] fit no name", id="expression"),
        pytest.param({re.compile("net"): r"\1"}, r"cannot replace what 'net' finds", id="no-such-group"),
    ],
)
def test_renames_that_fit_nothing_are_refused(renames: Any, message: str) -> None:
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(FC, source="paddle", target="torch", module={"fc1": "linear"}, renames=renames)


def test_a_malformed_expression_is_refused() -> None:
    with pytest.raises(PortingError, match=r"'re:\(' is not a regular expression"):
        Renames.parse(["re:(=x"])


def model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(2, 3))


def paddle_state(names: tuple[str, str, str], *, as_in_fluid: bool = False) -> dict[str, np.ndarray[Any, Any]]:
    """The state of `model()` in Paddle, every tensor filled with a number of its own."""
    linear: dict[str, tuple[int, ...]] = {"weight": (2, 3), "bias": (3,)}
    norm: dict[str, tuple[int, ...]] = dict.fromkeys(("weight", "bias", "_mean", "_variance"), (3,))
    found: dict[str, np.ndarray[Any, Any]] = {}
    for layer, tensors in zip(names, (linear, norm, linear), strict=True):
        for place, (name, shape) in enumerate(tensors.items()):
            found[f"{layer}.w_{place}" if as_in_fluid else f"{layer}.{name}"] = np.full(shape, len(found) + 1.0)
    return found


@pytest.mark.parametrize("as_in_fluid", [False, True], ids=["last-names", "shapes-alone"])
def test_order_counts_only_when_asked(as_in_fluid: bool) -> None:
    state = paddle_state(("linear_7", "batch_norm_2", "linear_9"), as_in_fluid=as_in_fluid)
    with pytest.raises(PortingError, match=r"lacks 0\.weight"):
        fourfold.port_state(state, source="paddle", target="torch", module=model())
    ported, report = fourfold.port_state(state, source="paddle", target="torch", module=model(), by_order=True)
    assert {name: one.flat[0] for name, one in ported.items()} == {
        "0.weight": 1,
        "0.bias": 2,
        "1.weight": 3,
        "1.bias": 4,
        "1.running_mean": 5,
        "1.running_var": 6,
        "2.weight": 7,
        "2.bias": 8,
    }
    assert len(report.by_order) == 8


def test_order_does_not_pair_groups_of_unequal_size() -> None:
    state = paddle_state(("a", "b", "c"))
    del state["a.weight"]
    with pytest.raises(PortingError, match=r"lacks 0\.weight .*2\.weight .* takes c\.weight"):
        fourfold.port_state(state, source="paddle", target="torch", module=model(), by_order=True)


def test_order_does_not_tear_a_layer_apart() -> None:
    state = paddle_state(("a", "b", "c"))
    shuffled = {name: state[name] for name in ("c.weight", *(one for one in state if one != "c.weight"))}
    with pytest.raises(PortingError, match="the layers do not stand in the same order"):
        fourfold.port_state(shuffled, source="paddle", target="torch", module=model(), by_order=True)


@pytest.mark.parametrize(
    ("without", "extra", "message"),
    [
        pytest.param("1._mean", None, r"the source lacks 1\.running_mean\. strict=False", id="missing"),
        pytest.param(None, "3.weight", r"nothing in the model takes 3\.weight of the source\.", id="unexpected"),
        pytest.param("0.bias", "0.b", r"lacks 0\.bias \(nearest: 0\.b \(3,\)\); nothing .* state renames", id="both"),
    ],
)
def test_strict_names_what_is_missing_and_unexpected(without: str | None, extra: str | None, message: str) -> None:
    state = {name: one for name, one in paddle_state(("0", "1", "2")).items() if name != without}
    if extra:
        state[extra] = np.zeros(3)
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(state, source="paddle", target="torch", module=model())


def test_without_strict_the_report_tells_it() -> None:
    state = paddle_state(("0", "1", "2"))
    del state["0.bias"]
    state["9.bias"] = np.zeros(3)
    ported, report = fourfold.port_state(state, source="paddle", target="torch", module=model(), strict=False)
    assert (report.missing, report.unexpected, report.ok) == (["0.bias"], ["9.bias"], False)
    assert len(ported) == 7


def test_statistics_that_the_source_cannot_have_are_missing() -> None:
    module = nn.InstanceNorm3d(2, track_running_stats=True)
    message = r"lacks running_mean, paddle's instance normalisation has none, running_var"
    with pytest.raises(PortingError, match=message):
        fourfold.port_state({}, source="paddle", target="torch", module=module)


def test_statistics_that_the_target_cannot_hold_are_not_dropped() -> None:
    module = nn.InstanceNorm3d(2, track_running_stats=True)
    message = r"takes running_mean \(paddle's instance normalisation has none\)"
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(module.state_dict(), source="torch", target="paddle", module=module)


@pytest.mark.parametrize("strict", [True, False])
def test_nothing_is_reshaped_by_guess(strict: bool) -> None:
    state = paddle_state(("0", "1", "2")) | {"0.weight": np.zeros((3, 2))}
    message = r"'0\.weight' has shape \(3, 2\); '0\.weight' \(linear\) needs \(2, 3\) there"
    with pytest.raises(PortingError, match=message):
        fourfold.port_state(state, source="paddle", target="torch", module=model(), strict=strict)


def test_a_layer_without_a_rule_is_named_unless_passed_through() -> None:
    module = nn.Sequential(nn.LSTM(1, 1))
    with pytest.raises(PortingError, match=r"no layout rule for 0\.weight_ih_l0 \(LSTM\), 0\.weight_hh_l0"):
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


class Tied(nn.Module):
    """A layer under two names, and a weight in two layers of different layout in Paddle."""

    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(3, 3)
        self.a = self.b
        self.words = nn.Embedding(5, 3)
        self.logits = nn.Linear(3, 5, bias=False)
        self.logits.weight = self.words.weight


def test_shared_tensors_are_written_under_all_their_names() -> None:
    state, _ = fourfold.port_state(Tied().state_dict(), source="torch", target="paddle", module=Tied())
    assert sorted(state) == ["a.bias", "a.weight", "b.bias", "b.weight", "logits.weight", "words.weight"]
    assert state["logits.weight"].shape == (3, 5)


def test_megengine_lists_a_shared_layer_once_under_its_first_name() -> None:
    # measured in MegEngine 1.13.0: state_dict() of a module with b = Linear and a = b
    state, _ = fourfold.port_state(Tied().state_dict(), source="torch", target="megengine", module=Tied())
    assert [name for name in state if name[0] in "ab"] == ["a.weight", "a.bias"]


def test_a_shared_tensor_may_stand_in_the_source_once() -> None:
    module = Tied()
    state = {name: one for name, one in module.state_dict().items() if name[0] not in "al"}
    ported, report = fourfold.port_state(state, source="torch", target="paddle", module=module)
    assert report.done("tied") == ["logits.weight"]
    assert torch.equal(ported["logits.weight"], module.words.weight.T)
    assert torch.equal(ported["a.weight"], ported["b.weight"])


def test_a_shared_tensor_must_not_have_two_values() -> None:
    module = Tied()
    state = module.state_dict() | {"a.bias": torch.full((3,), 9.0)}
    with pytest.raises(PortingError, match=r"'b\.bias' and 'a\.bias' are one tensor in the model, and differ"):
        fourfold.port_state(state, source="torch", target="paddle", module=module)


def optimizer_states() -> dict[str, dict[str, Any]]:
    parameter = nn.Parameter(torch.ones(1))
    return {
        "torch": torch.optim.Adam([parameter]).state_dict(),
        # names as Paddle 3.3.1 and 1.8.5 write them
        "paddle": {"linear_0.w_0_moment1_0": np.zeros(3), "linear_0.w_0_beta1_pow_acc_0": np.zeros(1)},
        "momentum": {"linear_0.w_0_velocity_0": np.zeros(3)},
        "scheduler": {"LR_Scheduler": {"last_epoch": 3}},
    }


@pytest.mark.parametrize("name", optimizer_states())
def test_optimizer_states_are_out_of_scope_and_it_says_so(name: str) -> None:
    with pytest.raises(PortingError, match=r"it is an optimizer's\. Porting those is out of scope"):
        fourfold.port_state(optimizer_states()[name], source="paddle", target="torch", module=model())


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
def test_unknown_frameworks_are_refused(source: str, target: str) -> None:
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
