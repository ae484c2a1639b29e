from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.compat.bench.fakes import variant

from fourfold.compat.agreement.cases import Case
from fourfold.compat.agreement.worker import ThisPython
from fourfold.compat.bench import NATIVE, Effort, Variant, Workload, measure
from fourfold.compat.bench.peers import Peer, Quiet, subject
from fourfold.compat.bench.peers.script import tensorflow_padding
from fourfold.compat.bench.subjects import UnavailableError, operands

if TYPE_CHECKING:
    from collections.abc import Iterator

EFFORT = Effort(2, 2, 0.0)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    """A peer that is the definition, in another process."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(subject, "SCRIPT", Path(__file__).with_name("definition_script.py"))
        one = Peer("openvino", 1, ThisPython(), timeout=1.5, limit=0.1)
    with one:
        yield one


def dilated(dilation: int) -> Variant:
    case = Case(
        id="one", source="", in_channels=1, out_channels=1, kernel_size=2, input_size=3, batch=1, dilation=dilation
    )
    return Variant(Workload(case), "forward", "float32", "contiguous")


def test_a_peer_takes_part_in_the_rounds_and_its_results_are_checked(peer: Peer) -> None:
    found = measure(variant(), [NATIVE, peer], EFFORT)
    assert (found.wrong, found.missing) == ({}, {})
    assert found.timings["openvino"].rounds == 2
    assert found.timings["openvino"].least > 0


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(variant(mode="backward"), "has no gradients", id="backward"),
        pytest.param(variant(dtype="float64"), "in float32 on the CPU alone", id="float64"),
        pytest.param(variant(layout="channels_last"), "takes NCDHW alone", id="channels-last"),
        pytest.param(variant(groups=2), "^no two groups$", id="unsupported"),
        pytest.param(dilated(2), r"crashed: exit code 3", id="crash"),
        pytest.param(dilated(3), "takes more than 1.5 s", id="timeout"),
        pytest.param(dilated(4), r"a call takes more than 0\.1 s", id="slow"),
    ],
)
def test_what_it_cannot_do_is_said(peer: Peer, one: Variant, reason: str) -> None:
    with pytest.raises(UnavailableError, match=reason):
        peer.prepare(one, operands(one))


def test_it_goes_on_after_a_crash(peer: Peer) -> None:
    with pytest.raises(UnavailableError):
        peer.prepare(dilated(2), operands(dilated(2)))
    assert measure(variant(), [peer], EFFORT).missing == {}


def test_a_peer_that_does_not_start_is_unavailable() -> None:
    with Peer("openvino", 1, ThisPython()) as one, pytest.raises(UnavailableError, match="openvino cannot be imported"):
        one.prepare(variant(), operands(variant()))


def test_its_threads_are_counted_and_sleep_when_idle() -> None:
    _, variables = Quiet(ThisPython(), 3).command(["-V"])
    wanted = {"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "3", "OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
    assert wanted.items() <= variables.items()


@pytest.mark.parametrize(
    ("fields", "keyword", "size", "window"),
    [
        # SAME of an output of 8 pads (4 - 1) * 2 + 4 - 8 = 2, one below: so does the case
        ({"kernel_size": 4, "stride": 2, "padding": 1}, "SAME", [8, 8, 8], None),
        # here it pads 1, none below, and the case wants 1 below: the full 9 and one more voxel, from 1 on
        ({"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, "VALID", [9, 9, 9], slice(1, 9)),
        ({"kernel_size": 2, "stride": 2}, "SAME", [8, 8, 8], None),
        # four voxels of stride 3 are what SAME makes of 10, 11 or 12
        ({"kernel_size": 1, "stride": 3, "output_padding": 2}, "SAME", [12, 12, 12], None),
        ({"kernel_size": 3, "stride": 2, "padding": 2}, "VALID", [9, 9, 9], slice(2, 7)),
    ],
    ids=["k4s2p1", "k3s2p1op1", "k2s2", "k1s3op2", "k3s2p2"],
)
def test_tensorflow_is_asked_for_the_same_padding(
    fields: dict[str, Any], keyword: str, size: list[int], window: slice | None
) -> None:
    case = Case(id="one", source="", in_channels=1, out_channels=1, input_size=4, batch=1, **fields)
    request = subject._request(Variant(Workload(case), "forward", "float32", "contiguous"))
    found = tensorflow_padding(request)
    assert found == (keyword, size, None if window is None else (window,) * 3)
