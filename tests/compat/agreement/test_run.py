"""Results of subjects that misbehave in a known way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fourfold.compat.agreement import Case, Result, Status, Verdict, agree
from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.data import operands as draw
from fourfold.compat.agreement.report import as_json, differences, summary
from fourfold.compat.agreement.subjects import ENGINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.compat.agreement.data import Operands
    from fourfold.compat.agreement.definition import Values

(CASE,) = select(["option/stride-2"])
(ILLEGAL,) = select(["refused/padding-cuts-too-much"])


@dataclass(frozen=True)
class Altered:
    """The engine, with its values changed on the way out."""

    change: Callable[[Values], Values]
    name: str = "altered"
    bitwise: bool = True
    forms: tuple[str, ...] = ("layer",)

    def unsupported(self, case: Case, form: str) -> str | None:
        return None

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        return self.change(ENGINE.run(case, operands, "function"))


def next_value(values: Values) -> Values:
    """The weight's gradient with one element moved by one ULP."""
    changed = values.grad_weight.copy()
    changed[0, 1, 0, 0, 0] = np.nextafter(changed[0, 1, 0, 0, 0], np.float32(np.inf))
    return values._replace(grad_weight=changed)


def raising(values: Values) -> Values:
    msg = "not today"
    raise RuntimeError(msg)


def result_of(change: Callable[[Values], Values], case: Case = CASE, **changes: Any) -> Result:
    (result,) = agree([case], [replace(Altered(change), **changes)])
    return result


def verdicts(result: Result, against: str) -> dict[str, str]:
    return {check.quantity: check.comparison.verdict.value for check in result.checks if check.against == against}


def test_one_ulp_in_one_element_of_one_gradient_is_found() -> None:
    result = result_of(next_value)
    same = dict.fromkeys(("output", "grad_input", "grad_bias"), "identical")
    assert verdicts(result, "engine") == {**same, "grad_weight": "different"}
    assert verdicts(result, "definition") == {**same, "grad_weight": "different"}
    assert not result.ok
    assert result.worst is not None
    assert result.worst.comparison.index == (0, 1, 0, 0, 0)


def test_one_ulp_on_normal_data_is_within_rounding_of_the_definition_but_not_the_bits_of_the_engine() -> None:
    result = result_of(next_value, CASE.replace(data="normal"))
    assert verdicts(result, "definition")["grad_weight"] == "within rounding"
    assert verdicts(result, "engine")["grad_weight"] == "different"
    assert not result.ok


def test_framework_may_round_differently_from_the_engine() -> None:
    result = result_of(next_value, CASE.replace(data="normal"), bitwise=False)
    assert verdicts(result, "engine") == {}
    assert result.ok


def test_sign_of_a_zero_counts_against_the_engine_only() -> None:
    result = result_of(
        lambda values: values._replace(output=np.where(values.output == 0, np.float32(-0.0), values.output))
    )
    assert verdicts(result, "definition")["output"] == "identical"
    assert verdicts(result, "engine")["output"] == "different"


def test_missing_gradient_is_a_difference() -> None:
    result = result_of(lambda values: values._replace(grad_bias=None))
    assert [check.comparison.reason for check in result.checks if not check.comparison.ok] == ["grad_bias is missing"]


def test_wrong_shape_is_a_difference() -> None:
    result = result_of(lambda values: values._replace(output=values.output[..., :-1]))
    assert verdicts(result, "definition")["output"] == "different"


def test_exception_is_a_result_and_a_difference() -> None:
    result = result_of(raising)
    assert (result.status, result.reason, result.ok) == (Status.REFUSED, "RuntimeError: not today", False)


def test_refusing_what_the_engine_refuses_is_agreement() -> None:
    result = result_of(lambda values: values, ILLEGAL)
    assert (result.status, result.ok) == (Status.REFUSED, True)
    assert [check.comparison.verdict for check in result.checks] == [Verdict.REFUSED]


def test_running_what_the_engine_refuses_is_a_difference() -> None:
    class Lenient(Altered):
        def run(self, case: Case, operands: Operands, form: str) -> Values:
            return super().run(CASE, draw(CASE), form)

    (result,) = agree([ILLEGAL], [Lenient(lambda values: values)])
    assert not result.ok
    assert result.worst is not None
    assert "ran a case that the engine refuses" in str(result.worst.comparison)


def test_only_the_first_form_runs_where_asked() -> None:
    subject = replace(Altered(lambda values: values), forms=("layer", "functional"))
    assert [result.form for result in agree([CASE], [subject], every_form=False)] == ["layer"]
    assert [result.form for result in agree([CASE], [subject])] == ["layer", "functional"]


def test_difference_report_says_where_by_how_much_and_how_to_repeat_it() -> None:
    lines = list(differences([result_of(next_value)]))
    assert lines[0] == "option/stride-2[integers] on altered (layer):"
    assert "grad_weight against the definition: different: 1 of" in lines[1]
    assert "worst at (0, 1, 0, 0, 0)" in lines[1]
    assert lines[-1] == "  repeat: fourfold agree --cases 'option/stride-2' --subjects 'altered' --data integers"


def test_no_more_differences_are_told_than_asked_for() -> None:
    lines = list(differences([result_of(next_value)] * 3, most=1))
    assert [line for line in lines if line.endswith("(layer):")] == lines[:1]
    assert lines[-1] == "(2 more: --max-differences 3 tells of all)"


def test_agreement_reports_no_difference() -> None:
    assert list(differences([result_of(lambda values: values)])) == []


def test_summary_counts_differences() -> None:
    results = [result_of(next_value), result_of(lambda values: values)]
    assert summary(results, 1.2) == "DIFFERENCE: 1 case, 2 runs: 1 differ; 1 s"


def test_json_holds_every_check_and_no_infinity() -> None:
    result = result_of(lambda values: values._replace(output=np.full_like(values.output, np.inf)))
    exported = as_json([result], 1.0)
    check = exported["results"][0]["checks"][0]
    assert (check["quantity"], check["against"], check["verdict"]) == ("output", "definition", "different")
    assert (check["max_ulp"], check["max_abs"]) == ("inf", "inf")
    assert exported["ok"] is False
