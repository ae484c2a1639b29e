"""The real peers, in environments that `fourfold env create` makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.benchmarks import NATIVE, Effort, Variant, Workload, measure, select
from fourfold.benchmarks.peers import PEERS, Peer, examine_peer
from fourfold.compat.agreement.environments import PEERS as ENVIRONMENTS
from fourfold.compat.agreement.environments import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.live
EFFORT = Effort(1, 1, 0.0)
WORKLOADS = ["S*", "W2", "W13", "W14", "R13"]


@pytest.fixture(scope="module", params=list(PEERS))
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    state = environment(PEERS[request.param].environment).state
    if state != "ready":
        pytest.skip(f"the environment of {request.param} is {state}")
    with Peer(request.param, 2, timeout=60.0, limit=60.0) as one:
        yield one


@pytest.mark.parametrize("mode", ["forward", "backward"])
@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("workload", [pytest.param(one, id=one.id) for one in select(WORKLOADS, "float32")])
def test_whatever_a_peer_computes_is_the_operator(peer: Peer, workload: Workload, layout: str, mode: str) -> None:
    found = measure(Variant(workload, mode, "float32", layout), [NATIVE, peer], EFFORT)
    assert found.wrong == {}
    assert found.timings.keys() | found.missing.keys() == {"torch", peer.name}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_doctor_finds_the_pinned_release(name: str) -> None:
    one = environment(name)
    if one.state != "ready":
        pytest.skip(f"the environment of {name} is {one.state}")
    found = examine_peer(one)
    assert (found.ok, found.problem, found.version) == (True, "", one.specification.release)
