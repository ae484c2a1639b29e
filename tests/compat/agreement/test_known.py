from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from fourfold.compat.agreement import Case, Check, Comparison, Result, Status, Verdict
from fourfold.compat.agreement.catalogue import catalogue, select
from fourfold.compat.agreement.edges import edges
from fourfold.compat.agreement.environments import SPECIFICATIONS
from fourfold.compat.agreement.known import Claim, claims, explain, idle, key
from fourfold.compat.agreement.subjects.release import TITLES

(GROUPS,) = select(["option/groups-2"])
(PLAIN,) = select(["option/kernel-3"])
NAMES = [
    f"{name}/{form}/{case.id}/{data}"
    for name in SPECIFICATIONS
    for form in ("layer", "functional")
    for case in catalogue()
    for data in ("integers", "normal")
] + [f"{name}/{request.id}" for name, row in SPECIFICATIONS.items() for request in edges(row.framework)]


def result(case: Case, status: Status, *checks: Check, environment: str = "megengine") -> Result:
    return Result(case, TITLES[environment], "layer", status, "why", checks=checks)


@pytest.mark.parametrize("claim", claims(), ids=lambda claim: claim.glob)
def test_every_claim_matches_something_that_is_asked(claim: Claim) -> None:
    assert any(fnmatchcase(name, claim.glob) for name in NAMES)


@pytest.mark.parametrize("claim", [claim for claim in claims() if claim.outcome], ids=lambda claim: claim.glob)
def test_every_claim_states_an_outcome_that_there_is(claim: Claim) -> None:
    assert claim.outcome in ("refused", "crashed", "timeout", "different")


def test_a_known_refusal_bears_its_reason_and_is_no_difference() -> None:
    (explained,) = explain([result(GROUPS, Status.REFUSED)])
    assert explained.known == "groups above 1 in the layer: documentation wins"
    assert explained.ok


def test_another_outcome_than_the_known_one_stays_a_difference() -> None:
    (explained,) = explain([result(GROUPS, Status.CRASHED)])
    assert explained.known is None
    assert not explained.ok


def test_another_case_or_framework_stays_a_difference() -> None:
    given = [result(PLAIN, Status.REFUSED), result(GROUPS, Status.REFUSED, environment="oneflow")]
    assert [explained.ok for explained in explain(given)] == [False, False]


def test_an_entry_that_nothing_bears_out_is_told() -> None:
    agreeing = Check("output", "definition", Comparison(Verdict.IDENTICAL))
    told = idle([result(GROUPS, Status.RAN, agreeing)])
    assert "megengine: groups above 1 in the layer: megengine/layer/*groups* (refused)" in told
    assert not any(line.startswith("oneflow") for line in told)
    assert not any("megengine/layer/*groups*" in line for line in idle([result(GROUPS, Status.REFUSED)]))


def test_only_releases_have_known_deviations() -> None:
    assert key(Result(GROUPS, "megengine", "layer", Status.REFUSED)) is None
