"""No false alarm: what a release answered to its own code, and the front end answers alike, nothing stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from fourfold.compat.agreement.names.calls import areas, calls, read_answers
from fourfold.compat.checking import check

ANSWERS = Path(__file__).parents[2] / "data" / "answers"
IMPORTS = {
    "paddle": "import paddle",
    "fluid": "import paddle, paddle.fluid as fluid",
    "megengine": "import megengine, megengine as mge, megengine.functional as F, megengine.module as M",
    "oneflow": "import oneflow, oneflow as flow, oneflow.nn as nn",
}


@pytest.mark.parametrize("framework", IMPORTS)
def test_calls_that_the_release_answers_are_not_told(framework: str, tmp_path: Path) -> None:
    listed = []
    for area in areas(framework):
        recorded = read_answers(ANSWERS / framework / f"{area}.jsonl")
        listed += [call for call in calls(framework, area) if "result" in recorded[call.line]]
    listed = listed[::4]  # all of them take seconds
    text = "\n".join([IMPORTS[framework], *(f"def call_{index}(): {call.line}" for index, call in enumerate(listed))])
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    found = check(tmp_path / "script.py", fluid="1.8" if framework == "fluid" else "documented")
    stopping = {place.line for each in (*found.names, *found.arguments) for place in each.stopping}
    told = [listed[line - 2] for line in sorted(stopping)]
    assert [call.line for call in told if not call.reason] == []
    # what a scope's find_var() gives has a method of that name, too
    perhaps = [each.name for each in found.perhaps if each.name != "paddle.Tensor.get_tensor"]
    assert (found.troubles, perhaps) == ([], [])
    assert len(listed) > 200
