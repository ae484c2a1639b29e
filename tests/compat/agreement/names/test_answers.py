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


# Of reasons that hold on some processors only.
SOMEWHERE = "by processor"

AREAS = [
    pytest.param(framework, area, id=f"{framework}/{area}") for framework in FRAMEWORKS for area in areas(framework)
]


@pytest.fixture(scope="module")
def answerers() -> Iterator[dict[str, Answerer]]:
    """Yield one for each framework."""
    with contextlib.ExitStack() as stack:
        yield {framework: stack.enter_context(front_end(framework)) for framework in FRAMEWORKS}


def wrong(call: Call, recorded: dict[str, Any] | None, answerer: Answerer) -> str | None:
    """Return what is wrong with the answer to a call."""
    if recorded is None:
        return "not recorded: fourfold vectors record --calls --out tests/data/answers"
    found = difference(recorded, answerer.answer(call.line), structure=call.structure)
    if call.reason:
        return "agrees now; it was to differ" if found is None and not call.reason.startswith(SOMEWHERE) else None
    return found


# One test for an area, not for a call: of 12,000 tests, pytest itself would take longer than the calls.
@pytest.mark.filterwarnings("ignore")  # of the front ends, as the releases warn
@pytest.mark.parametrize(("framework", "area"), AREAS)
def test_the_answers_are_the_release_s(framework: str, area: str, answerers: dict[str, Answerer]) -> None:
    recorded = read_answers(ANSWERS / framework / f"{area}.jsonl")
    answers = {call.line: wrong(call, recorded.get(call.line), answerers[framework]) for call in calls(framework, area)}
    differ = {line: answer for line, answer in answers.items() if answer is not None}
    assert not differ, "\n".join(f"{line}: {answer}" for line, answer in differ.items())
