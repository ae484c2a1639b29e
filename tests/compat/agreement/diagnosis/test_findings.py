"""Faults that were planted are found, in words, from the data alone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.compat.agreement.diagnosis import planted
from tests.compat.agreement.diagnosis.planted import Planted

from fourfold.compat.agreement import agree
from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.diagnosis.findings import Finding, diagnose, paragraphs, telling_first

NAMES = [
    *("kernel-1", "kernel-3", "kernel-1-3-5", "stride-2", "stride-1-2-3", "padding-1", "padding-0-1-2"),
    *("output-padding-usual", "output-padding-0-1-2", "output-padding-groups", "dilation-2", "dilation-stride"),
    *("groups-2", "groups-4-non-cubic", "without-bias", "channels-1-1"),
]
CASES = select([f"option/{name}" for name in NAMES])


def found(subject: Planted, data: str = "integers") -> list[Finding]:
    return diagnose(list(agree([case.replace(data=data) for case in CASES], [subject])))


@pytest.mark.parametrize(
    ("operator", "title", "equal_if"),
    [
        pytest.param(
            planted.wrong_in_groups,
            "all 3 cases with groups > 1 differ",
            "every group has the weight of the first",
            id="groups",
        ),
        pytest.param(
            planted.flipped_along_width,
            "kernel_size > 1 along W",
            "the kernel is flipped along W",
            id="flip",
        ),
        pytest.param(
            planted.padded_in_front,
            "all 3 cases with output_padding > 0 differ",
            "output padding is on the wrong side",
            id="output padding",
        ),
        pytest.param(
            planted.deaf_to_dilation,
            "all 2 cases with dilation > 1 differ",
            "dilation is ignored",
            id="dilation",
        ),
        pytest.param(
            planted.reading_padding_backwards,
            "the only case with padding not equal along the axes differs",
            "padding is read as (W, H, D)",
            id="order of axes",
        ),
        pytest.param(planted.without_bias, "with bias differ", "the bias is missing", id="bias"),
        pytest.param(
            planted.with_channels_swapped,
            "groups = 1",
            "the weight is read as (out_channels, in_channels, ...)",
            id="channels",
        ),
        pytest.param(
            planted.late_along_depth,
            "16 cases differ, and none agrees",
            "the output begins one voxel later along D",
            id="crop",
        ),
    ],
)
def test_a_planted_fault_is_named_and_so_are_its_cases(operator: Any, title: str, equal_if: str) -> None:
    (finding,) = found(Planted(operator))
    assert title in finding.title
    assert [words for words, _ in finding.equal_if] == [equal_if]
    assert [count for _, count in finding.equal_if] == [len(finding.cases)]


@pytest.mark.parametrize(
    ("gradients", "what", "equal_if"),
    [
        pytest.param(
            planted.weight_gradient_flipped,
            "in grad_weight, and not in the output",
            "the weight's gradient is flipped along D",
            id="weight",
        ),
        pytest.param(
            planted.bias_gradient_of_the_mean,
            "in grad_bias, and not in the output",
            "the bias's gradient is halved",
            id="bias",
        ),
    ],
)
def test_faults_of_gradients_alone_are_told_as_such(gradients: Any, what: str, equal_if: str) -> None:
    (finding,) = found(Planted(planted.torch_s, gradients))
    assert finding.kind.what == what
    assert finding.equal_if[0][0] == equal_if


def test_coarse_operands_are_told_from_wrong_ones() -> None:
    cases = [case.replace(data=data) for case in CASES[1:4] for data in ("integers", "normal")]
    (finding,) = diagnose(list(agree(cases, [Planted(planted.in_bfloat16)])))
    assert finding.kind.what == "on normal data alone, not on whole numbers"
    assert finding.equal_if[0] == ("input and weight are rounded to bfloat16", 3)


def test_exceptions_that_differ_in_numbers_alone_are_one_finding() -> None:
    cases = [*CASES, *select(["option/dilation-1-2-3"])]
    (finding,) = diagnose(list(agree(cases, [Planted(planted.afraid_of_dilation)])))
    assert finding.title == "all 3 cases with dilation > 1 raised, and no other of 17"
    assert finding.kind.what.startswith("NotImplementedError: no dilation of ")


def test_two_faults_are_two_findings_each_with_its_own_cases() -> None:
    def both(x: Any, weight: Any, bias: Any, options: Any) -> Any:
        if options["groups"] > 1:
            return planted.afraid_of_dilation(x, weight, bias, {**options, "dilation": (9, 9, 9)})
        return planted.padded_in_front(x, weight, bias, options)

    assert [(finding.title, finding.kind.word) for finding in found(Planted(both))] == [
        ("3 cases raised: all with groups > 1, as none of the 11 that agree", "raised"),
        ("2 cases differ: all with output_padding > 0, as none of the 11 that agree", "differs"),
    ]


def test_a_right_implementation_has_no_finding() -> None:
    assert found(Planted(planted.torch_s)) == []


def test_findings_are_told_in_lines_and_their_first_cases_first() -> None:
    results = list(agree(CASES, [Planted(planted.deaf_to_dilation)]))
    findings = diagnose(results)
    lines = list(paragraphs(findings))
    assert lines[0] == "all 2 cases with dilation > 1 differ, and no other of 16"
    assert lines[1:] == [
        "  in the shape of the output",
        "  equal if dilation is ignored",
        "  begin with option/dilation-2",
    ]
    assert telling_first(results, findings)[0].case.id == "option/dilation-2"
