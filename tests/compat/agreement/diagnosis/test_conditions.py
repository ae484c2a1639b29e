from __future__ import annotations

import pytest

from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.diagnosis.conditions import Separation, separate

CASES = {case.id.partition("/")[2]: case for case in select(["option/*"])}


@pytest.mark.parametrize(
    ("chosen", "others", "separation"),
    [
        pytest.param(["stride-2"], [], Separation("", True), id="nothing to tell from"),
        pytest.param(["stride-2", "stride-3"], ["kernel-3"], Separation("stride > 1", True), id="one"),
        pytest.param(
            ["output-padding-groups"], ["groups-2", "output-padding-1", "padding-1", "channels-1-1"],
            Separation("groups > 1 and output_padding > 0", True), id="two together",
        ),
        pytest.param(
            ["groups-2", "dilation-2"], ["kernel-3", "kernel-1", "channels-1-1", "one-voxel"],
            Separation("groups > 1 or dilation > 1", True), id="one or the other",
        ),
        pytest.param(["kernel-3"], ["kernel-3"], Separation("", False), id="nothing"),
    ],
)  # fmt: skip
def test_what_tells_cases_apart(chosen: list[str], others: list[str], separation: Separation) -> None:
    assert separate([CASES[name] for name in chosen], [CASES[name] for name in others]) == separation


def test_what_most_of_the_others_have_too_is_not_told() -> None:
    others = [CASES[name] for name in ("stride-2", "stride-3", "kernel-3", "kernel-1", "kernel-2")]
    assert separate([CASES["stride-2"]], others) == Separation("stride > 1", False, 2)
