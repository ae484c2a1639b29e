"""The real peers, in environments that `fourfold env create` makes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from tests.environments import ready

from fourfold.compat.agreement.environments import PEERS as ENVIRONMENTS
from fourfold.compat.bench import NATIVE, Effort, Variant, Workload, measure, select
from fourfold.compat.bench.peers import PEERS, Peer, examine_peer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.live
EFFORT = Effort(1, 1, 0.0)
# small ones, one without a cubic kernel, and the two whose padding or output padding is not the same everywhere
WORKLOADS = select(["S*", "W2", "W13/64-32", "W14"], "float32")
CALLS = [
    pytest.param(name, layout, mode, id=f"{name}-{layout}-{mode}")
    for name, habits in PEERS.items()
    for layout in habits.layouts
    for mode in ("forward", "backward")
    if habits.gradients or mode == "forward"
]


@pytest.fixture(scope="module")
def peer_of() -> Iterator[Callable[[str], Peer]]:
    with contextlib.ExitStack() as stack:
        started: dict[str, Peer] = {}

        def peer(name: str) -> Peer:
            ready(PEERS[name].environment)
            if name not in started:
                started[name] = stack.enter_context(Peer(name, 2, timeout=60.0, limit=60.0))
            return started[name]

        yield peer


@pytest.mark.parametrize(("name", "layout", "mode"), CALLS)
@pytest.mark.parametrize("workload", [pytest.param(one, id=one.id) for one in WORKLOADS])
def test_whatever_a_peer_computes_is_the_operator(
    peer_of: Callable[[str], Peer], name: str, workload: Workload, layout: str, mode: str
) -> None:
    found = measure(Variant(workload, mode, "float32", layout), [NATIVE, peer_of(name)], EFFORT)
    assert found.wrong == {}
    assert found.timings.keys() | found.missing.keys() == {"torch", name}


@pytest.mark.parametrize("name", PEERS)
def test_the_plainest_workload_runs_everywhere(peer_of: Callable[[str], Peer], name: str) -> None:
    (plain,) = select(["S3"], "float32")
    found = measure(Variant(plain, "forward", "float32", "contiguous"), [peer_of(name)], EFFORT)
    assert found.missing == {}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_doctor_finds_the_pinned_release(name: str) -> None:
    one = ready(name)
    found = examine_peer(one)
    assert (found.ok, found.problem, found.version) == (True, "", one.specification.release)
