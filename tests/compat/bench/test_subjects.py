from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests import reference
from tests.compat.bench.fakes import variant

from fourfold.compat.agreement.cases import Case
from fourfold.compat.bench import LAYERS, NATIVE, OURS, Variant, Workload
from fourfold.compat.bench.subjects import Operands, Subject, UnavailableError, operands

ASYMMETRIC = {"kernel_size": 3, "stride": 2, "padding": "SAME"}
SYMMETRIC = {"kernel_size": 4, "stride": 2, "padding": 1, "output_padding": (0, 1, 0)}


def integers(of: Variant) -> Operands:
    return Operands(*(tensor.mul(4).round() for tensor in operands(of)))


def of(**fields: Any) -> Variant:
    case = Case(id="one", source="", in_channels=2, out_channels=4, groups=2, input_size=(2, 3, 2), **fields)
    return Variant(Workload(case), "forward", "float32", "contiguous")


@pytest.mark.parametrize("subject", [OURS, NATIVE], ids=lambda subject: subject.name)
@pytest.mark.parametrize("fields", [ASYMMETRIC, SYMMETRIC], ids=["asymmetric", "symmetric"])
def test_the_output_is_the_definition(subject: Subject, fields: dict[str, Any]) -> None:
    one = of(**fields)
    given = integers(one)
    (output,) = subject.prepare(one, given).results()
    geometry = one.case.geometry()
    expected = reference.conv_transpose3d(
        given.input.numpy(),
        given.weight.numpy(),
        given.bias.numpy(),
        stride=geometry.stride,
        padding=geometry.padding,
        output_padding=geometry.output_padding,
        dilation=geometry.dilation,
        groups=2,
    )
    assert np.array_equal(output.numpy(), expected)


@pytest.mark.parametrize("subject", [OURS, NATIVE, *LAYERS], ids=["function", "torch's", "layer", "torch's layer"])
def test_channels_last_goes_in_and_comes_out(subject: Subject) -> None:
    one = variant(layout="channels_last")
    given = operands(one)
    (output,) = subject.prepare(one, given).results()
    found = [tensor.is_contiguous(memory_format=torch.channels_last_3d) for tensor in (given.input, output)]
    assert found == [True, True]


def test_gradients_are_those_of_input_weight_and_bias() -> None:
    one = variant(mode="backward")
    given = integers(one)
    for_all = [subject.prepare(one, given).results() for subject in (OURS, NATIVE, *LAYERS)]
    shapes = [(1, 2, 4, 4, 4), (1, 2, 2, 2, 2), (2, 2, 2, 2, 2), (2,)]
    assert [[tuple(tensor.shape) for tensor in results] for results in for_all] == [shapes] * 4
    assert all(torch.equal(*pair) for results in for_all for pair in zip(results, for_all[0], strict=True))


def test_the_bias_gradient_is_the_sum_of_the_upstream_one() -> None:
    one = variant(mode="backward")
    given = integers(one)
    grad_bias = OURS.prepare(one, given).results()[-1]
    assert torch.equal(grad_bias, given.upstream.sum((0, 2, 3, 4)))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_has_no_asymmetric_padding(layer: Subject) -> None:
    one = of(**ASYMMETRIC)
    with pytest.raises(UnavailableError, match="no asymmetric padding"):
        layer.prepare(one, operands(one))


def test_operands_are_the_same_every_time() -> None:
    pairs = zip(operands(variant()), operands(variant()), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)
