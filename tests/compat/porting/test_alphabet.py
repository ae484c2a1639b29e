"""Orders that frameworks write, as they wrote them: sorted by name, or the model's own."""

from __future__ import annotations

import pytest

from fourfold.compat.porting.alphabet import are_numbered, is_backwards, is_sorted

# what the frameworks named in the ids wrote for small models; digits stand for layers 1 to 12
SORTED = [
    pytest.param(
        "A.0.weight A.1.weight A.10.weight A.11.weight A.2.weight a.bias a.weight a_b.bias a_b.weight blocks.0.weight "
        "blocks.1.weight blocks.2.weight blocks.10.weight blocks.11.weight z.bias z.weight",
        id="megengine-1.13-with-sequential-and-list",
    ),
    pytest.param(
        "0.bias 0.weight 1.bias 1.running_mean 1.running_var 1.weight 2.bias 2.weight", id="safetensors-of-one-dtype"
    ),
    pytest.param(
        "batch_norm_0.b_0 batch_norm_0.w_0 batch_norm_0.w_1 batch_norm_0.w_2 conv3d_0.b_0 conv3d_0.w_0 conv3d_1.b_0 "
        "conv3d_1.w_0 conv3d_transpose_0.b_0 conv3d_transpose_0.w_0",
        id="fluid-1.8-combined-file",
    ),
    pytest.param(" ".join(map(str, range(12))), id="positions-in-a-combined-file"),
    pytest.param("up-2.bias up-2.weight up.bias up.weight", id="text-where-a-dash-comes-before-the-dot"),
    pytest.param("G.up.bias G.up.weight D.down.bias D.down.weight", id="two-states-in-a-dictionary-of-ones-own"),
    pytest.param("conv1.weight conv2.weight conv10.weight", id="numbers-in-words-by-value"),
    pytest.param("down.weight stem.weight", id="layers-of-one-tensor"),
]
NATURAL = [
    pytest.param(
        "z.weight z.bias A.0.weight A.1.weight A.2.weight A.10.weight bn.weight bn.bias bn.running_mean bn.running_var "
        "a.weight a.bias",
        id="oneflow-0.9",
    ),
    pytest.param(
        "conv3d_transpose_0.w_0 conv3d_transpose_0.b_0 batch_norm_0.w_0 batch_norm_0.b_0 batch_norm_0.w_1 "
        "batch_norm_0.w_2 conv3d_0.w_0 conv3d_0.b_0",
        id="fluid-1.8-save",
    ),
    pytest.param("z.weight z.bias blocks.0.weight blocks.1.weight a.weight a.bias", id="megengine-1.13-module-pickle"),
    pytest.param("a.weight a.bias b.weight b.bias", id="layers-that-happen-to-stand-sorted"),
    pytest.param("stem.weight body.0.weight body.1.weight", id="layers-of-one-tensor"),
    pytest.param("up1.weight up0.weight", id="levels-that-count-down"),
    pytest.param("conv1.weight conv1.bias fc.bias fc.weight", id="one-bias-before-its-weight"),
    pytest.param("linear_7.w_0 linear_7.w_1 batch_norm_2.w_0 batch_norm_2.w_1", id="layers-whose-tensors-are-numbered"),
]


BACKWARDS = [
    pytest.param(
        "conv3d_1.b_0 conv3d_1.w_0 batch_norm3d_0.w_2 batch_norm3d_0.w_1 batch_norm3d_0.b_0 batch_norm3d_0.w_0 "
        "conv3d_0.b_0 conv3d_0.w_0",
        id="paddle-3.3-static-save",
    ),
    pytest.param("conv3d_10.w_0 conv3d_9.w_0 conv3d_transpose_0.w_0 conv3d_8.w_0", id="numbers-of-paddle-alone"),
    pytest.param("up.bias up.weight down.bias down.weight", id="names-of-ones-own"),
    pytest.param("bias weight", id="one-layer"),
]


@pytest.mark.parametrize("names", BACKWARDS)
def test_names_that_stand_backwards(names: str) -> None:
    assert is_backwards(names.split())


@pytest.mark.parametrize("names", NATURAL)
def test_names_in_the_order_of_a_model_do_not(names: str) -> None:
    assert not is_backwards(names.split())


@pytest.mark.parametrize("names", SORTED)
def test_names_that_are_sorted(names: str) -> None:
    assert is_sorted(names.split())


@pytest.mark.parametrize("names", NATURAL)
def test_names_in_the_order_of_a_model(names: str) -> None:
    assert not is_sorted(names.split())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param("0.weight 1.weight 10.weight", True, id="layers"),
        pytest.param("net.1.0.weight net.1.3.weight net.2.0.weight", True, id="layers-in-layers"),
        pytest.param("0.weight 1.weight 10.weight 2.weight", False, id="sorted-as-text"),
        pytest.param("0.bias 1.weight", False, id="other-tensors"),
        pytest.param("up0.weight up1.weight", False, id="words-with-numbers"),
        pytest.param("0 1 2", False, id="positions"),
        pytest.param("0.weight net.1.weight", False, id="other-depths"),
        pytest.param(f"{'9' * 5000}.weight 1{'0' * 5000}.weight", True, id="numbers-without-end"),
    ],
)
def test_numbers_of_layers_state_their_order(names: str, expected: bool) -> None:
    assert are_numbered(names.split()) is expected


def test_a_name_of_two_hundred_thousand_levels_is_no_harm() -> None:
    name = ".".join("ab" * 200_000)
    assert is_sorted([name, f"{name}.x"])
