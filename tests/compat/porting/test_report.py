"""The report lists every tensor; what is missing or unexpected raises, or is told."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.compat.porting.nets import Net, model, paddle_state
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError


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
    assert header.split() == ["tensor", "done", "shape", "from", "dtype", "note"]
    assert re.split(r"\s{2,}", row.strip()) == ["fc.weight", "transposed", "2 x 3 -> 3 x 2", "float32", "linear"]
    assert summary == "paddle to torch: 1 tensor: 1 transposed"


def test_the_table_names_what_a_tensor_was_called_where_that_differs() -> None:
    _, report = fourfold.port_state(
        {"bn._mean": np.zeros(3, np.float32), "bn._variance": np.ones(3, np.float32)},
        source="paddle",
        target="torch",
        module={"bn": "batch_norm"},
        strict=False,
    )
    origins = {row.cells[0]: row.cells[3] for row in report.rows("renamed")}
    assert origins == {"bn.running_mean": "bn._mean", "bn.running_var": "bn._variance"}


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
