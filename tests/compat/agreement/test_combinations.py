from __future__ import annotations

from typing import Any

import pytest

from fourfold.compat.agreement.catalogue import COMBINATIONS, catalogue
from fourfold.compat.agreement.catalogue.combinations import DILATIONS, GROUPS, KERNELS, PADDINGS, STRIDES
from fourfold.compat.agreement.edges import edges
from fourfold.compat.agreement.environments import SPECIFICATIONS
from fourfold.compat.agreement.subjects import ENGINE, SUBJECTS
from fourfold.compat.agreement.subjects.release import release


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_at_least_400_cases_can_be_asked_of_every_release(name: str) -> None:
    subject = release(name)
    asked = [case for case in catalogue() if any(subject.unsupported(case, form) is None for form in subject.forms)]
    # in fluid 1.8.5 some by the function only: its layer has no output padding
    assert len(asked) >= 400


@pytest.mark.parametrize("name", sorted(set(SUBJECTS) - {ENGINE.name, "fluid_1_8"}))
def test_at_least_400_cases_can_be_asked_of_every_front_end(name: str) -> None:
    subject = SUBJECTS[name]
    assert sum(subject.unsupported(case, subject.forms[0]) is None for case in catalogue()) >= 400


@pytest.mark.parametrize("framework", ["paddle", "fluid", "megengine", "oneflow"])
def test_wrong_calls_are_asked_in_both_forms(framework: str) -> None:
    forms = [request.id.partition("/")[0] for request in edges(framework)]
    assert forms.count("layer") > 40
    assert forms.count("functional") > 30


@pytest.mark.parametrize("place", range(5))
def test_every_value_of_an_option_meets_every_value_of_the_others(place: int) -> None:
    axes: list[dict[str, Any]] = [KERNELS, STRIDES, PADDINGS, DILATIONS, GROUPS]
    rows = [case.id.partition("/")[2].split(".") for case in COMBINATIONS if case.id.startswith("combination/")]
    met = {(row[place], other, row[other]) for row in rows for other in range(5) if other != place}
    wanted = {
        (name, other, value) for name in axes[place] for other in range(5) if other != place for value in axes[other]
    }
    assert met == wanted


def test_combinations_are_small_and_have_an_output() -> None:
    assert [case.id for case in COMBINATIONS if min(case.geometry().output_size) <= 0] == []
    assert [case.id for case in COMBINATIONS if case.multiplications >= 1e6] == []
