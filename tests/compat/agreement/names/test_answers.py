"""What the front ends answer to the recorded calls, beside what the releases answered."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fourfold.compat.agreement.names.calls import CALLS, areas, calls, read_answers
from fourfold.compat.agreement.names.comparison import difference
from fourfold.compat.agreement.names.here import front_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourfold.compat.agreement.names.answers import Answerer
    from fourfold.compat.agreement.names.calls import Call

ANSWERS = Path(__file__).parents[3] / "data" / "answers"
FRAMEWORKS = sorted(path.name for path in CALLS.iterdir() if areas(path.name))


def _calls() -> Iterator[Any]:
    for framework in FRAMEWORKS:
        for area in areas(framework):
            recorded = read_answers(ANSWERS / framework / f"{area}.jsonl")
            for call in calls(framework, area):
                yield pytest.param(framework, call, recorded.get(call.line), id=f"{framework}/{area}/{call.line}")


@pytest.fixture(scope="session")
def answerers() -> Iterator[dict[str, Answerer]]:
    """Yield one for each framework."""
    with contextlib.ExitStack() as stack:
        yield {framework: stack.enter_context(front_end(framework)) for framework in FRAMEWORKS}


@pytest.mark.filterwarnings("ignore")  # of the front ends, as the releases warn
@pytest.mark.parametrize(("framework", "call", "recorded"), list(_calls()))
def test_the_answer_is_the_release_s(
    framework: str, call: Call, recorded: dict[str, Any] | None, answerers: dict[str, Answerer]
) -> None:
    assert recorded is not None, f"not recorded: fourfold record --calls --with {framework} --out tests/data/answers"
    found = difference(recorded, answerers[framework].answer(call.line), structure=call.structure)
    if call.reason:
        assert found is not None, f"agrees now; it was to differ: {call.reason}"
    else:
        assert found is None, found
