"""fluid's initializers: distributions, seeds, and values measured in Paddle 1.8.5."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from fourfold.frontends.paddle.fluid import initializer
from fourfold.frontends.paddle.fluid.dygraph import Conv3DTranspose

SHAPE = (16, 16, 5, 5, 5)  # a Conv3DTranspose(16, 32, 5, groups=2)
FAN_IN = FAN_OUT = 16 * 125
LIKELY = 1e-4  # a right distribution fails one run in ten thousand; the seed is fixed, so that none does


def filled(rule: Any, shape: tuple[int, ...] = SHAPE) -> torch.Tensor:
    torch.manual_seed(20)
    values = torch.empty(shape, dtype=torch.float64)
    rule(values)
    return values.flatten()


@pytest.mark.parametrize(
    ("rule", "distribution"),
    [
        pytest.param(
            initializer.Xavier(),
            stats.uniform(-math.sqrt(6 / (FAN_IN + FAN_OUT)), 2 * math.sqrt(6 / (FAN_IN + FAN_OUT))),
            id="xavier",
        ),
        pytest.param(
            initializer.Xavier(uniform=False), stats.norm(0, math.sqrt(2 / (FAN_IN + FAN_OUT))), id="xavier-normal"
        ),
        pytest.param(
            initializer.Xavier(fan_in=10, fan_out=20),
            stats.uniform(-math.sqrt(6 / 30), 2 * math.sqrt(6 / 30)),
            id="xavier-fans",
        ),
        pytest.param(initializer.MSRA(), stats.uniform(-math.sqrt(6 / FAN_IN), 2 * math.sqrt(6 / FAN_IN)), id="msra"),
        pytest.param(initializer.MSRA(uniform=False), stats.norm(0, math.sqrt(2 / FAN_IN)), id="msra-normal"),
        pytest.param(initializer.MSRA(fan_in=7), stats.uniform(-math.sqrt(6 / 7), 2 * math.sqrt(6 / 7)), id="msra-fan"),
        pytest.param(initializer.Uniform(-3.0, 5.0), stats.uniform(-3, 8), id="uniform"),
        pytest.param(initializer.Normal(1.0, 2.0), stats.norm(1, 2), id="normal"),
        pytest.param(initializer.TruncatedNormal(1.0, 2.0), stats.truncnorm(-2, 2, 1, 2), id="truncated"),
        pytest.param(
            initializer.Xavier(seed=3), stats.uniform(-math.sqrt(6 / 4000), 2 * math.sqrt(6 / 4000)), id="seed"
        ),
    ],
)
def test_values_follow_the_distribution(rule: Any, distribution: Any) -> None:
    assert stats.kstest(filled(rule).numpy(), distribution.cdf).pvalue > LIKELY


@pytest.mark.parametrize(
    "kind",
    [
        initializer.Xavier,
        initializer.MSRA,
        initializer.Normal,
        initializer.TruncatedNormal,
        initializer.Uniform,
    ],
)
def test_a_seed_repeats_the_values_and_leaves_torchs_generator_alone(kind: Any) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, second, other = torch.empty(4, 4), torch.empty(4, 4), torch.empty(4, 4)
    kind(seed=7)(first)
    kind(seed=7)(second)
    kind(seed=8)(other)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_seed_values_differ() -> None:
    first, second = torch.empty(4, 4), torch.empty(4, 4)
    initializer.Xavier()(first)
    initializer.Xavier()(second)
    assert not torch.equal(first, second)


def test_uniform_sets_its_diagonal() -> None:
    # Measured in Paddle 1.8.5: Uniform(5, 6, diag_num=3, diag_step=3, diag_val=9.) of a (3, 3) parameter
    # gives 9 at the flat indices 0, 4 and 8.
    values = filled(initializer.Uniform(5.0, 6.0, diag_num=3, diag_step=3, diag_val=9.0), (3, 3))
    assert (values == 9.0).nonzero().flatten().tolist() == [0, 4, 8]


def test_a_diagonal_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="3 fit"):
        filled(initializer.Uniform(diag_num=4, diag_step=3), (3, 3))


def test_numpy_array_is_cast_to_the_parameters_dtype() -> None:
    values = filled(initializer.NumpyArrayInitializer(np.arange(8).reshape(1, 1, 2, 2, 2)), (1, 1, 2, 2, 2))
    assert values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_numpy_array_must_be_one() -> None:
    with pytest.raises(AssertionError, match="it must be a numpy"):
        initializer.NumpyArrayInitializer([1.0])  # type: ignore[arg-type]


def test_numpy_array_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        Conv3DTranspose(1, 1, 2, param_attr=initializer.NumpyArrayInitializer(np.zeros(7, "float32")))


def test_constant() -> None:
    assert filled(initializer.Constant(4.0), (2,)).tolist() == [4.0, 4.0]


def test_force_cpu_is_not_ignored() -> None:
    with pytest.raises(ValueError, match="force_cpu"):
        initializer.Constant(1.0, force_cpu=True)


@pytest.mark.parametrize("seed", [1.5, True, "1"])
def test_a_seed_is_an_int(seed: Any) -> None:
    with pytest.raises(TypeError, match="seed"):
        initializer.Xavier(seed=seed)


# Measured in Paddle 1.8.5: fluid.dygraph.Conv2DTranspose(1, 1, size, param_attr=Bilinear()).weight
@pytest.mark.parametrize(
    "expected",
    [
        pytest.param([0.0625, 0.3125, 0.4375, 0.1875, 0.6875, 0.6875, 0.1875, 0.4375, 0.3125], id="3"),
        pytest.param(
            [
                *(0.0625, 0.28125, 0.375, 0.15625, 0.1875, 0.65625, 0.75, 0.21875),
                *(0.1875, 0.46875, 0.375, 0.09375, 0.0625, 0.09375, 0.0, -0.03125),
            ],
            id="4",
        ),
    ],
)
def test_bilinear_has_the_values_of_1_8_5(expected: list[float]) -> None:
    size = math.isqrt(len(expected))
    assert filled(initializer.Bilinear(), (1, 1, size, size)).float().tolist() == expected


@pytest.mark.parametrize(
    ("shape", "match"), [((1, 1, 4, 4, 4), "length of shape must be 4"), ((1, 1, 4, 3), "equal to")]
)
def test_bilinear_is_for_square_2d_kernels(shape: tuple[int, ...], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        filled(initializer.Bilinear(), shape)


@pytest.mark.parametrize("name", ["Constant", "Uniform", "Normal", "TruncatedNormal", "Xavier", "MSRA", "Bilinear"])
def test_short_and_long_names_are_the_same_class(name: str) -> None:
    assert getattr(initializer, name) is getattr(initializer, f"{name}Initializer")
