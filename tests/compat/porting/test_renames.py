"""Renames are stated, and each has to fit something."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import fourfold
from fourfold.compat.porting import PortingError, Renames

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


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        pytest.param(["enc"], "rename 'enc' is not OLD=NEW", id="no-equals"),
        pytest.param(["a=b=c"], "rename 'a=b=c' is not OLD=NEW", id="two-equals"),
        pytest.param(["re:(=x"], r"'re:\(' is not a regular expression", id="expression"),
        pytest.param(["a=b", "a=c"], "'a' is renamed twice, to 'b' and to 'c'", id="twice"),
    ],
)
def test_malformed_renames_are_refused(texts: list[str], message: str) -> None:
    with pytest.raises(PortingError, match=message):
        Renames.parse(texts)


W, B = re.compile(r"\.w_0$"), re.compile(r"\.b_0$")
TENSORS: dict[Any, str] = {W: ".weight", B: ".bias"}


@pytest.mark.parametrize(
    ("renames", "expected"),
    [
        pytest.param({"conv3d_0": "stem"}, "stem.w_0", id="a-layer"),
        pytest.param({"conv3d_0": "stem", **TENSORS}, "stem.weight", id="a-layer-and-tensors"),
        pytest.param({**TENSORS, "conv3d_0": "stem"}, "stem.weight", id="tensors-and-a-layer"),
        pytest.param({"conv3d_0": "", **TENSORS}, "weight", id="the-model-and-tensors"),
        pytest.param({"": "net", **TENSORS}, "net.conv3d_0.weight", id="all-and-tensors"),
        pytest.param({re.compile(r"^conv3d_(\d)"): r"body.\1", **TENSORS}, "body.0.weight", id="layers-and-tensors"),
        pytest.param(
            {"conv3d_0": "stem", "conv3d_0.w_0": "head.weight", W: ".x"}, "head.weight", id="a-tensor-is-final"
        ),
        pytest.param({"conv3d_0": "conv3d_1", re.compile("conv3d_1"): "x"}, "conv3d_1.w_0", id="nothing-twice-by-name"),
        pytest.param(
            {re.compile("conv3d_0"): "conv3d_1", re.compile("conv3d_1"): "x"}, "conv3d_1.w_0", id="nothing-twice"
        ),
        pytest.param({re.compile(r"3d_\d"): "_a", re.compile("conv3d"): "b"}, "conv_a.w_0", id="the-first-of-two"),
        pytest.param({re.compile("^"): "net.", **TENSORS}, "net.conv3d_0.weight", id="a-prefix-and-tensors"),
        pytest.param({"conv3d_0": "stem", re.compile("^"): "net."}, "stem.w_0", id="no-prefix-before-a-name"),
        pytest.param({re.compile("_"): "-", re.compile("d"): "D"}, "conv3D-0.w-0", id="all-occurrences"),
    ],
)
def test_renames_of_layers_and_of_tensors_combine(renames: Any, expected: str) -> None:
    assert Renames(renames)("conv3d_0.w_0") == expected


def test_the_names_of_fluid_are_stated_by_layer_and_by_tensor() -> None:
    state = {
        "fc_0.w_0": np.zeros((2, 3)),
        "fc_0.b_0": np.zeros(3),
        "fc_1.w_0": np.zeros((3, 3)),
        "fc_1.b_0": np.ones(3),
    }
    renames = Renames.parse(["fc_0=stem", r"re:^fc_(\d)=body.\1", r"re:\.w_0$=.weight", r"re:\.b_0$=.bias"])
    kinds = {"stem": "linear", "body.1": "linear"}
    ported, report = fourfold.port_state(state, source="fluid", target="torch", module=kinds, renames=renames)
    assert list(ported) == ["stem.weight", "stem.bias", "body.1.weight", "body.1.bias"]
    assert report.ok


def test_an_expression_that_names_leave_nothing_is_refused() -> None:
    renames: Any = {"net.fc_1": "fc1", re.compile("^net"): "x"}
    with pytest.raises(PortingError, match=r"renames of \['re:\^net'\] fit no name"):
        fourfold.port_state(FC, source="paddle", target="torch", module={"fc1": "linear"}, renames=renames)


def test_a_name_of_two_hundred_thousand_levels_is_no_harm() -> None:
    name = ".".join("ab" * 100_000)
    renames: Any = {"a.b": "c", re.compile("b$"): "d"}
    assert Renames(renames)(name) == f"c{name[3:-1]}d"
