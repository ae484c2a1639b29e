from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from fourfold.compat.porting import APIS, Kind, Layer, PortingError, layer_of, layout
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid
from fourfold.frontends.paddle.fluid_1_8 import dygraph as fluid_1_8
from fourfold.frontends.torch import nn as torch_nn

# recurrent layers have several, under other names: test_recurrent.py
WEIGHTED = [kind for kind in Kind if kind not in (Kind.RECURRENT, Kind.RECURRENT_CELL)]
TRANSPOSED_2 = Layer(Kind.CONV_TRANSPOSE, axes=3, groups=2)
CONV_2 = Layer(Kind.CONV, axes=3, groups=2)
CONV1_2 = Layer(Kind.CONV, axes=1, groups=2)
CONV = Layer(Kind.CONV, axes=3)
LINEAR, BATCH, INSTANCE = Layer(Kind.LINEAR), Layer(Kind.BATCH_NORM), Layer(Kind.INSTANCE_NORM)
GROUP, LAYER, PRELU = Layer(Kind.GROUP_NORM), Layer(Kind.LAYER_NORM), Layer(Kind.PRELU)

# Names and shapes that state_dict() gives in Paddle 3.3.1, Paddle 1.8.5, MegEngine 1.13.0 and OneFlow 0.9.0, for layers
# of 4 to 6 channels in 2 groups with a kernel of 3, Linear(3, 5), norms of 4 channels, LayerNorm((3, 4)), PReLU(4).
MEASURED: tuple[tuple[str, Layer, dict[str, tuple[int, ...]], dict[str, str]], ...] = (
    ("paddle", TRANSPOSED_2, {"weight": (4, 3, 3, 3, 3), "bias": (6,)}, {}),
    ("fluid", TRANSPOSED_2, {"weight": (4, 3, 3, 3, 3), "bias": (6,)}, {}),
    ("oneflow", TRANSPOSED_2, {"weight": (4, 3, 3, 3, 3), "bias": (6,)}, {}),
    ("megengine", TRANSPOSED_2, {"weight": (2, 2, 3, 3, 3, 3), "bias": (1, 6, 1, 1, 1)}, {}),
    ("paddle", CONV_2, {"weight": (6, 2, 3, 3, 3), "bias": (6,)}, {}),
    ("megengine", CONV_2, {"weight": (2, 3, 2, 3, 3, 3), "bias": (1, 6, 1, 1, 1)}, {}),
    ("megengine", CONV1_2, {"weight": (2, 3, 2, 3), "bias": (1, 6, 1)}, {}),
    ("megengine", CONV, {"weight": (6, 4, 3, 3, 3), "bias": (1, 6, 1, 1, 1)}, {}),
    ("paddle", LINEAR, {"weight": (3, 5), "bias": (5,)}, {}),
    ("fluid", LINEAR, {"weight": (3, 5), "bias": (5,)}, {}),
    ("megengine", LINEAR, {"weight": (5, 3), "bias": (5,)}, {}),
    ("oneflow", LINEAR, {"weight": (5, 3), "bias": (5,)}, {}),
    (
        "paddle",
        BATCH,
        {"weight": (4,), "bias": (4,), "_mean": (4,), "_variance": (4,)},
        {"running_mean": "_mean", "running_var": "_variance"},
    ),
    (
        "fluid",
        BATCH,
        {"weight": (4,), "bias": (4,), "_mean": (4,), "_variance": (4,)},
        {"running_mean": "_mean", "running_var": "_variance"},
    ),
    ("megengine", BATCH, {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,)}, {}),
    (
        "oneflow",
        BATCH,
        {"weight": (4,), "bias": (4,), "running_mean": (4,), "running_var": (4,), "num_batches_tracked": ()},
        {},
    ),
    ("paddle", INSTANCE, {"scale": (4,), "bias": (4,)}, {"weight": "scale"}),
    ("fluid", INSTANCE, {"scale": (4,), "bias": (4,)}, {"weight": "scale"}),
    ("megengine", INSTANCE, {"weight": (4,), "bias": (4,)}, {}),
    ("megengine", GROUP, {"weight": (4,), "bias": (4,)}, {}),
    ("paddle", LAYER, {"weight": (12,), "bias": (12,)}, {}),
    ("fluid", LAYER, {"weight": (12,), "bias": (12,)}, {}),
    ("megengine", LAYER, {"weight": (12,), "bias": (12,)}, {}),
    ("oneflow", LAYER, {"weight": (3, 4), "bias": (3, 4)}, {}),
    ("paddle", PRELU, {"_weight": (4,)}, {"weight": "_weight"}),
    ("fluid", PRELU, {"weight": (1, 4, 1, 1)}, {}),
    ("megengine", PRELU, {"weight": (1, 4, 1, 1)}, {}),
    ("oneflow", PRELU, {"weight": (4,)}, {}),
)
TORCH_SHAPES: dict[Kind, dict[str, tuple[int, ...]]] = {
    Kind.CONV_TRANSPOSE: {"weight": (4, 3, 3, 3, 3), "bias": (6,)},
    Kind.LINEAR: {"weight": (5, 3), "bias": (5,)},
    Kind.LAYER_NORM: {"weight": (3, 4), "bias": (3, 4)},
    Kind.EMBEDDING: {"weight": (7, 3)},
}
CHANNELS: dict[str, tuple[int, ...]] = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), (4,))


def torch_shape(layer: Layer, role: str) -> tuple[int, ...]:
    if role == "num_batches_tracked":
        return ()
    if layer.kind is Kind.CONV:
        return (6, 4 // layer.groups, *(3,) * layer.axes) if role == "weight" else (6,)
    return TORCH_SHAPES.get(layer.kind, CHANNELS)[role]


@pytest.mark.parametrize(
    ("api", "layer", "shapes", "names"),
    [pytest.param(*row, id=f"{row[0]}-{row[1].kind.name}-{row[1].axes}-{row[1].groups}") for row in MEASURED],
)
def test_names_and_shapes_are_those_of_the_framework(
    api: str, layer: Layer, shapes: dict[str, tuple[int, ...]], names: dict[str, str]
) -> None:
    slots = layout(layer.kind, api)
    here = {slot.name: slot.forms[0].shape(torch_shape(layer, role), layer) for role, slot in slots.items()}
    # a torch InstanceNorm may have statistics that others never have
    assert {name: here[name] for name in shapes} == shapes
    assert {role: slot.name for role, slot in slots.items() if slot.name != role} == names


@pytest.mark.parametrize("kind", WEIGHTED)
@pytest.mark.parametrize("api", APIS)
def test_every_kind_has_a_weight_in_every_framework(kind: Kind, api: str) -> None:
    assert "weight" in layout(kind, api)


def test_unknown_framework_is_refused() -> None:
    with pytest.raises(PortingError, match=r"'caffe' is not a framework with layout rules; there are torch, paddle"):
        layout(Kind.CONV, "caffe")


@given(
    kind=st.sampled_from(WEIGHTED),
    apis=st.tuples(st.sampled_from(APIS), st.sampled_from(APIS)),
    axes=st.integers(1, 3),
    groups=st.integers(1, 3),
    seed=st.integers(0, 2**16),
)
def test_round_trips_through_every_pair_are_bit_exact(
    kind: Kind, apis: tuple[str, str], axes: int, groups: int, seed: int
) -> None:
    layer = Layer(kind, axes=axes, groups=groups)
    first, second = (layout(kind, api)["weight"].forms[0] for api in apis)
    dimensions = {Kind.CONV: axes + 2, Kind.CONV_TRANSPOSE: axes + 2, Kind.LINEAR: 2, Kind.EMBEDDING: 2}
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 4, dimensions.get(kind, 1)).tolist())
    if kind in (Kind.CONV, Kind.CONV_TRANSPOSE):
        shape = (shape[0] * groups, *shape[1:])
    bits = random.integers(0, 2**32, shape, dtype=np.uint32).view(np.float32)  # NaN payloads and subnormals too
    there = first.from_torch(bits, layer)
    over = second.from_torch(first.to_torch(there, shape), layer)
    assert first.to(second, there, shape, layer).tobytes() == over.tobytes()
    back = first.from_torch(second.to_torch(over, shape), layer)
    assert back.tobytes() == there.tobytes()
    assert first.to_torch(back, shape).tobytes() == bits.tobytes()


def test_grouped_weights_keep_their_order() -> None:
    form = layout(Kind.CONV_TRANSPOSE, "megengine")["weight"].forms[0]
    weight = np.arange(4 * 3 * 27).reshape(4, 3, 3, 3, 3)
    grouped = form.from_torch(weight, TRANSPOSED_2)
    assert np.array_equal(grouped[1, 0], weight[2])


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        pytest.param(torch_nn.ConvTranspose3d(2, 2, 1, groups=2), ("torch", 3, 2), id="torch"),
        pytest.param(paddle.Conv3DTranspose(2, 2, 1, groups=2), ("paddle", 3, 2), id="paddle"),
        pytest.param(fluid.Conv3DTranspose(2, 2, 1, groups=2), ("fluid", 3, 2), id="fluid"),
        pytest.param(fluid_1_8.Conv3DTranspose(2, 2, 1, groups=2), ("fluid", 3, 2), id="fluid-1.8"),
        pytest.param(megengine.ConvTranspose3d(2, 2, 1, groups=2), ("megengine", 3, 2), id="megengine"),
        pytest.param(oneflow.ConvTranspose3d(2, 2, 1, groups=2), ("oneflow", 3, 2), id="oneflow"),
        pytest.param(nn.ConvTranspose1d(2, 2, 1), ("torch", 1, 1), id="torch-1d"),
        pytest.param(nn.ConvTranspose2d(2, 2, 1), ("torch", 2, 1), id="torch-2d"),
    ],
)
def test_front_ends_are_known_by_class(module: nn.Module, expected: tuple[str, int, int]) -> None:
    assert layer_of(module) == Layer(Kind.CONV_TRANSPOSE, *expected)


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        pytest.param(nn.InstanceNorm3d(2), Kind.INSTANCE_NORM, id="instance"),
        pytest.param(nn.BatchNorm1d(2), Kind.BATCH_NORM, id="batch"),
        pytest.param(nn.SyncBatchNorm(2), Kind.BATCH_NORM, id="sync-batch"),
        pytest.param(nn.Embedding(2, 2), Kind.EMBEDDING, id="embedding"),
    ],
)
def test_kind_of_torch_layers(module: nn.Module, kind: Kind) -> None:
    assert layer_of(module) == Layer(kind)


def test_a_layer_without_a_rule_has_no_kind() -> None:
    assert layer_of(nn.Bilinear(1, 1, 1)) is None
    assert layer_of(torch.nn.Sequential()) is None
