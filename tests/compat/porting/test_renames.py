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
