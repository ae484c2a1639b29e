"""All front ends, each in its own spelling and layout, on every option of the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import cases, effort

from fourfold.compat.agreement import Case, Status, agree
from fourfold.compat.agreement.cases import DATA, Data
from fourfold.compat.agreement.catalogue import DOCUMENTED, OPTIONS, REFUSALS
from fourfold.compat.agreement.report import differences
from fourfold.compat.agreement.subjects import SUBJECTS

if TYPE_CHECKING:
    from fourfold.backend import ConvTranspose3dSpec

ALL = list(SUBJECTS.values())
FRONT_ENDS = [subject for subject in ALL if subject.bitwise and subject.name != "engine"]

# Front ends, and their forms, that can express a case with nothing unusual in it.
EVERY_FORM = 13


def name(value: Any) -> str:
    return value.id if isinstance(value, Case) else str(value)


def report(results: list[Any]) -> str:
    return "\n".join(differences(results))


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("case", OPTIONS, ids=name)
def test_front_ends_agree_bit_for_bit_and_with_the_definition(case: Case, data: Data) -> None:
    results = list(agree([case.replace(data=data)], ALL))
    assert report(results) == ""
    assert any(result.status is Status.RAN and result.subject != "engine" for result in results)


@pytest.mark.parametrize("case", [workload.case(full=False) for workload in DOCUMENTED], ids=name)
def test_documented_examples_run_on_every_form_of_every_front_end(case: Case) -> None:
    results = list(agree([case], FRONT_ENDS))
    assert report(results) == ""
    assert [result.status for result in results] == [Status.RAN] * EVERY_FORM


@pytest.mark.parametrize("case", REFUSALS, ids=name)
def test_every_api_refuses_an_illegal_operator(case: Case) -> None:
    results = list(agree([case], ALL))
    assert report(results) == ""
    assert {result.status for result in results} <= {Status.REFUSED, Status.UNSUPPORTED}


def test_at_least_sixty_options_run_on_at_least_ten_forms_of_the_front_ends() -> None:
    forms = [(subject, form) for subject in FRONT_ENDS for form in subject.forms]
    expressible = [sum(subject.unsupported(case, form) is None for subject, form in forms) for case in OPTIONS]
    assert len(forms) == EVERY_FORM
    assert sum(count >= 10 for count in expressible) >= 50
    assert sum(count >= 3 for count in expressible) >= 60


@effort
@given(drawn=cases(), seed=st.integers(0, 2**32 - 1), bias=st.booleans(), batch=st.sampled_from([1, 2, None]))
def test_front_ends_agree_on_any_legal_operator(
    drawn: tuple[ConvTranspose3dSpec, tuple[int, int, int]], seed: int, bias: bool, batch: int | None
) -> None:
    spec, size = drawn
    case = Case(
        id="drawn",
        source="hypothesis",
        in_channels=spec.in_channels,
        out_channels=spec.out_channels,
        kernel_size=spec.kernel_size,
        input_size=size,
        stride=spec.stride,
        padding=spec.padding,
        output_padding=spec.output_padding,
        dilation=spec.dilation,
        groups=spec.groups,
        bias=bias,
        batch=batch,
        seed=seed,
    )
    assert report(list(agree([case], ALL))) == ""
