from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from tests.strategies import Case, cases, effort

from fourfold.backend import ConvTranspose3dSpec


def make(**options: Any) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(**{"in_channels": 4, "out_channels": 6, "kernel_size": 3, **options})


def test_every_spelling_gives_the_same_spec() -> None:
    spelled = make(stride=[2, 2, 2], padding=np.int64(1), dilation=(1, 1, 1), groups=np.int32(2))
    assert spelled == make(stride=2, padding=((1, 1), (1, 1), (1, 1)), groups=2)
    assert hash(spelled) == hash(make(stride=2, padding=1, groups=2))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda spec: pickle.loads(pickle.dumps(spec))])
def test_copies_are_equal(duplicate: Any) -> None:
    spec = make(stride=2, output_padding=1)
    assert duplicate(spec) == spec


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        make().stride = (2, 2, 2)  # type: ignore[misc]


def test_replace_validates_again() -> None:
    with pytest.raises(ValueError, match="groups=5"):
        replace(make(), groups=5)


def test_arguments_are_keywords_only() -> None:
    with pytest.raises(TypeError, match="positional"):
        ConvTranspose3dSpec(4, 6, 3)  # type: ignore[call-arg]


def test_weight_shape_and_fans_count_the_groups() -> None:
    spec = make(kernel_size=(1, 2, 3), groups=2)
    assert spec.weight_shape == (4, 3, 1, 2, 3)
    weight = torch.empty(spec.weight_shape)
    assert (spec.fan_in, spec.fan_out) == torch.nn.init._calculate_fan_in_and_fan_out(weight)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # (4-1)*2 - 2 + 2 + 1 by hand
        pytest.param({"stride": 2, "padding": 1}, (7, 9, 11), id="stride-2-padding-1"),
        pytest.param({"stride": 2, "padding": 1, "output_padding": (0, 1, 1)}, (7, 10, 12), id="output-padding"),
        pytest.param({"dilation": (1, 2, 3)}, (6, 9, 12), id="dilation"),
        pytest.param({"padding": ((1, 0), (0, 2), (3, 3))}, (5, 5, 2), id="asymmetric"),
        pytest.param({"padding": ((-1, 0), (0, -2), (0, 0))}, (7, 9, 8), id="negative"),
        pytest.param({"padding": 5}, (-4, -3, -2), id="nothing-left"),
    ],
)
def test_output_size_by_hand(options: dict[str, Any], expected: tuple[int, int, int]) -> None:
    assert make(**options).output_size((4, 5, 6)) == expected


@given(case=cases())
@effort
def test_every_size_in_the_range_is_one_that_a_convolution_maps_back(case: Case) -> None:
    spec, size = case
    smallest, greatest = spec.output_size_range(size)
    # forward convolution: floor((out + lo + hi - d * (k - 1) - 1) / s) + 1
    mapped_back = [
        tuple(
            (length + low + high - d * (k - 1) - 1) // s + 1
            for length, (low, high), d, k, s in zip(
                sizes, spec.padding, spec.dilation, spec.kernel_size, spec.stride, strict=True
            )
        )
        for sizes in (smallest, greatest, tuple(most + 1 for most in greatest))
    ]
    assert mapped_back == [size, size, tuple(length + 1 for length in size)]


@given(case=cases())
@effort
def test_output_padding_for_is_the_inverse_of_output_size(case: Case) -> None:
    spec, size = case
    _, greatest = spec.output_size_range(size)
    assert replace(spec, output_padding=spec.output_padding_for(size, greatest)).output_size(size) == greatest


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        pytest.param({"in_channels": 0}, ValueError, "in_channels=0 is not legal; it must be 1 and above", id="in-0"),
        pytest.param({"out_channels": -1}, ValueError, "out_channels=-1", id="out-negative"),
        pytest.param({"in_channels": 4.0}, TypeError, "in_channels=4.0 is a float", id="in-float"),
        pytest.param({"kernel_size": (3, 0, 3)}, ValueError, "kernel_size=.* is 0 along height", id="kernel-0"),
        pytest.param({"kernel_size": (3, 3)}, ValueError, "kernel_size=.* has 2 elements", id="kernel-2-tuple"),
        pytest.param({"stride": 0}, ValueError, "stride=.* is 0 along depth; legal values there are 1", id="stride-0"),
        pytest.param({"stride": -1}, ValueError, "is -1 along depth", id="stride-negative"),
        pytest.param({"dilation": (1, 1, 0)}, ValueError, "dilation=.* is 0 along width", id="dilation-0"),
        pytest.param({"groups": 0}, ValueError, "groups=0", id="groups-0"),
        pytest.param({"groups": True}, TypeError, "groups=True is a bool", id="groups-bool"),
        pytest.param({"groups": 3}, ValueError, r"in_channels must be divisible by groups. Legal .* \[1, 2\]", id="in"),
        pytest.param({"groups": 4}, ValueError, "out_channels=6 is not divisible by groups=4", id="out-groups"),
        pytest.param(
            {"output_padding": (0, 2, 0), "stride": 2},
            ValueError,
            r"output_padding=\(0, 2, 0\) is 2 along height; legal values there are 0..1 \(below stride or dilation\). "
            r"Raise stride, or pass output_size to forward\(\).",
            id="output-padding-too-large",
        ),
        pytest.param({"output_padding": -1}, ValueError, "is -1 along depth", id="output-padding-negative"),
        pytest.param({"padding": 1.5}, TypeError, "padding=1.5 is a float", id="padding-float"),
        pytest.param({"padding": (1, 1)}, ValueError, "padding=.* has 2 elements", id="padding-2-tuple"),
        pytest.param({"stride": 2**32}, ValueError, "stride=4294967296 is out of range", id="stride-2**32"),
    ],
)
def test_illegal_arguments_are_named(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(**options)


def test_output_padding_up_to_dilation_is_legal() -> None:
    assert make(dilation=3, output_padding=2).output_size((1, 1, 1)) == (9, 9, 9)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param((9, 11, 12), "output_size=.* is 12 along width; legal values there are 13..14", id="below"),
        pytest.param((9, 13, 13), "is 13 along height; legal values there are 11..12 for an input of 6", id="above"),
        pytest.param((9, 11), "output_size=.* has 2 elements", id="two"),
    ],
)
def test_output_size_out_of_range_is_named(wanted: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(stride=2, padding=1).output_padding_for((5, 6, 7), wanted)


def test_one_integer_stands_for_three_output_sizes() -> None:
    assert make(stride=2, padding=1).output_padding_for((4, 4, 4), 8) == (1, 1, 1)
