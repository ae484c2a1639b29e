"""Values of trained models, far from random normal numbers: every algorithm rounds them within the one bound."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.backend.forced import backward, forward, refuses

from fourfold.backend import conv_transpose3d
from fourfold.backend.algorithms import ALGORITHMS, GRADIENTS, Algorithm, Gradient
from fourfold.compat.agreement.cases import Case
from fourfold.compat.agreement.data import Operands
from fourfold.compat.agreement.expectation import bound_of, define, judge, sums
from fourfold.compat.bench.subjects import specification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fourfold.compat.agreement.definition import Values
    from fourfold.compat.agreement.expectation import Quantity

BY_SUMS = [algorithm for algorithm in ALGORITHMS if algorithm.name != "fft"]  # whose bound is by the norm
FORMS: dict[str, dict[str, Any]] = {
    "stride-1": {"in_channels": 32, "out_channels": 4, "kernel_size": 3, "padding": 1, "input_size": (5, 6, 7)},
    "stride-2": {"in_channels": 32, "out_channels": 4, "kernel_size": 4, "stride": 2, "input_size": (5, 6, 7)},
    "stride-is-kernel": {"in_channels": 64, "out_channels": 2, "kernel_size": 2, "stride": 2, "input_size": (5, 6, 7)},
    "one-voxel": {"in_channels": 64, "out_channels": 4, "kernel_size": 4, "input_size": 1},
    # 2 * 39304 voxels meet in one gradient
    "large": {"in_channels": 1, "out_channels": 1, "kernel_size": 2, "input_size": (34, 34, 34)},
}


def outliers(drawn: Operands) -> Operands:
    """Put a voxel of a million into channels, as an activation that ran away is."""
    for array in (drawn.input, drawn.upstream):
        array[:, ::3, 0, 0, 0] = 1e6
    return drawn


KINDS: dict[str, Callable[[Operands], Operands]] = {
    "outliers": outliers,
    "rectified": lambda drawn: drawn._replace(input=np.maximum(drawn.input + 2, 0), weight=drawn.weight + 0.2),
    "one sign": lambda drawn: Operands(*(None if one is None else np.abs(one) for one in drawn)),  # type: ignore[arg-type]
    "far from zero": lambda drawn: drawn._replace(input=drawn.input + 1000),
    "channels that cancel": lambda drawn: drawn._replace(
        input=np.abs(drawn.input), weight=np.abs(drawn.weight) * np.where(np.arange(len(drawn.weight)) % 4 < 2, 1, -1)[
            :, None, None, None, None
        ].astype(np.float32)
    ),
}  # fmt: skip


def case_of(form: str) -> Case:
    return Case(id=form, source="here", data="normal", **FORMS[form])


class Known:
    """A case with its operands, and what comes of them in float64."""

    def __init__(self, form: str, kind: str, dtype: str) -> None:
        self.case = case_of(form)
        self.dtype = getattr(torch, dtype)
        source = np.random.RandomState(0)
        shapes = (self.case.input_shape, self.case.weight_shape, (self.case.out_channels,), self.case.output_shape)
        self.operands = KINDS[kind](Operands(*(source.standard_normal(shape).astype(np.float32) for shape in shapes)))
        if self.dtype is not torch.float32:
            rounded = (torch.from_numpy(one).to(self.dtype).float().numpy() for one in self.operands if one is not None)
            self.operands = Operands(*rounded)
        self.definition: Values = define(self.case, self.operands)
        # signs are not random here
        self.sums = {name: one._replace(squares=None) for name, one in sums(self.case, self.operands).items()}
        self.spec = specification(self.case)
        self.input, self.weight, self.bias, self.upstream = (torch.from_numpy(one) for one in self.operands)

    def check(self, quantity: Quantity, found: torch.Tensor | None) -> None:
        """Hold one result against the definition."""
        assert found is not None
        expected = getattr(self.definition, quantity)
        if self.dtype is torch.float32:
            comparison = judge(self.case, self.sums[quantity], found.detach().numpy(), expected, defined=True)
            assert comparison.ok, comparison
            return
        allowed = torch.from_numpy(bound_of(self.case, self.sums[quantity], expected, defined=True))
        exact = torch.from_numpy(expected).double()
        low, high = ((exact + side * allowed).to(self.dtype) for side in (-1, 1))  # rounding keeps the order
        assert bool(((low <= found) & (found <= high)).all())


@lru_cache
def known(form: str, kind: str, dtype: str = "float32") -> Known:
    return Known(form, kind, dtype)


def pairs(algorithms: Iterable[Algorithm | Gradient]) -> list[Any]:
    """Return test parameters: every algorithm with each form that it computes."""
    return [
        pytest.param(algorithm, form, id=f"{algorithm.name}-{form}")
        for form in FORMS
        for algorithm in algorithms
        if not refuses(algorithm, specification(case_of(form)), case_of(form).input_size)
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("algorithm", "form"), pairs(BY_SUMS))
def test_an_output_is_within_the_bound(algorithm: Algorithm, form: str, kind: str) -> None:
    case = known(form, kind)
    case.check("output", forward(algorithm, case.spec, (case.input, case.weight, case.bias)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("algorithm", "form"), pairs(GRADIENTS))
def test_gradients_are_within_the_bound(algorithm: Gradient, form: str, kind: str) -> None:
    case = known(form, kind)
    of_input, of_weight = backward(algorithm, case.spec, (case.upstream, case.input, case.weight))
    case.check("grad_input", of_input)
    case.check("grad_weight", of_weight)


@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("algorithm", "form"), pairs(BY_SUMS))
def test_bfloat16_is_within_the_bound_of_float32_but_for_one_rounding(
    algorithm: Algorithm, form: str, kind: str
) -> None:
    case = known(form, kind, "bfloat16")
    halves = [one.bfloat16() for one in (case.input, case.weight, case.bias)]
    case.check("output", forward(algorithm, case.spec, halves))


@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("algorithm", "form"), pairs(GRADIENTS))
def test_gradients_in_bfloat16_are_within_the_bound_of_float32_but_for_one_rounding(
    algorithm: Gradient, form: str, kind: str
) -> None:
    case = known(form, kind, "bfloat16")
    halves = [one.bfloat16() for one in (case.upstream, case.input, case.weight)]
    of_input, of_weight = backward(algorithm, case.spec, halves)
    case.check("grad_input", of_input)
    case.check("grad_weight", of_weight)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_the_operator_as_planned_is_within_the_bound(form: str, kind: str) -> None:
    case = known(form, kind)
    leaves = [one.clone().requires_grad_() for one in (case.input, case.weight, case.bias)]
    output = conv_transpose3d(leaves[0], leaves[1], leaves[2], case.spec)
    case.check("output", output)
    of_input, of_weight, of_bias = torch.autograd.grad(output, leaves, case.upstream)
    case.check("grad_input", of_input)
    case.check("grad_weight", of_weight)
    case.check("grad_bias", of_bias)
