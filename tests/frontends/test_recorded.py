"""Every front end beside what its framework was recorded to do, in `tests/data/vectors`. Nothing here writes there."""

from __future__ import annotations

import functools
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold.compat.agreement.deviations import FRAMEWORKS, deviations
from fourfold.compat.agreement.vectors import FRONT_ENDS, RECORDINGS, difference, read, replay
from fourfold.compat.agreement.vectors.vector import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[1] / "data" / "vectors"
SHIPPED = {name: read(FOLDER, name) for name in RECORDINGS}
VECTORS = {f"{name}/{vector.request.id}": vector for name, recording in SHIPPED.items() for vector in recording.vectors}
# Framework of the deviations -> its front ends
FAMILY = {"torch": ["torch"], "paddle": ["paddle"], "fluid": ["fluid_1_8", "fluid"]}
FAMILY |= {name: [name] for name in ("megengine", "oneflow")}
GLOBS = [
    pytest.param(framework, glob, id=f"{framework}-{glob}")
    for framework in FRAMEWORKS
    for entry in deviations(framework)
    for glob in entry.vectors
]
# of each front end, the names of the vectors of a recording
CHECKS = {
    (front_end, recording): [name for name in VECTORS if name.split("/")[0] == recording]
    for front_end, recordings in FRONT_ENDS.items()
    for recording in recordings
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Volumes of a few voxels gain nothing from more threads, and wait for them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@functools.cache
def found(front_end: str, name: str) -> str | None:
    """In what a front end differs from a vector."""
    vector = VECTORS[name]
    return difference(vector.request, vector.outcome, replay(front_end, vector.request))


@functools.cache
def globs(front_end: str) -> list[str]:
    framework = next(name for name, front_ends in FAMILY.items() if front_end in front_ends)
    return [glob for entry in deviations(framework) for glob in entry.vectors]


@pytest.mark.parametrize(("front_end", "recording"), CHECKS)
def test_a_front_end_does_what_its_framework_did_or_a_deviation_says_why(front_end: str, recording: str) -> None:
    stated = globs(front_end)
    names = [name for name in CHECKS[front_end, recording] if not any(fnmatchcase(name, glob) for glob in stated)]
    assert {name: differs for name in names if (differs := found(front_end, name)) is not None} == {}


@pytest.mark.parametrize(("framework", "glob"), GLOBS)
def test_what_a_deviation_claims_to_explain_is_there_and_differs(framework: str, glob: str) -> None:
    names = [name for name in VECTORS if fnmatchcase(name, glob)]
    assert any(found(front_end, name) for front_end in FAMILY[framework] for name in names)


def test_deviations_explain_a_small_part() -> None:
    checked = [(front_end, name) for (front_end, _), names in CHECKS.items() for name in names]
    assert sum(found(front_end, name) is not None for front_end, name in checked) < len(checked) / 10


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_operands_made_here_are_those_that_were_sent(name: str) -> None:
    vectors = SHIPPED[name].vectors
    assert [vector.request.id for vector in vectors if digest(vector.request.operands()) != vector.operands] == []


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_covers_values_gradients_refusals_and_drawn_parameters(name: str) -> None:
    vectors = SHIPPED[name].vectors
    outcomes = [vector.outcome for vector in vectors]
    quantities = Counter(quantity for outcome in outcomes for quantity in outcome.arrays)
    refusals = [outcome for outcome in outcomes if outcome.status == "refused" and outcome.ancestors]
    assert len(vectors) >= 150
    assert min(quantities[name] for name in ("output", "grad_input", "grad_weight", "grad_bias")) >= 100
    assert len(refusals) >= 30
    assert sum(bool(outcome.statistics) for outcome in outcomes) >= 6
    assert {vector.request.case.data for vector in vectors} == {"integers", "normal"}


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_recorded_release_is_the_one_that_environments_pin(name: str) -> None:
    from fourfold.compat.agreement.environments import SPECIFICATIONS

    release = SPECIFICATIONS[name].release if name in SPECIFICATIONS else "2.13.0"
    assert str(SHIPPED[name].provenance["version"]).split("+")[0] == release


def test_recordings_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5e6
