"""Models of scripts, called in two processes: sharded inside, whole outside, the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.backend.distributed.group import Group, group
from tests.compat.sharding.scripts import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALLS = "tests.compat.sharding.scripts"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with group(2, tmp_path_factory.mktemp("two")) as made:
        yield made


@pytest.mark.parametrize("name", MODELS)
def test_models_compute_what_they_compute_alone_with_the_methods_of_their_framework(two: Group, name: str) -> None:
    assert two.call(f"{CALLS}:model_of", name) == [([], True, True)] * 2


@pytest.mark.parametrize(
    ("what", "words"), [("input", "its input is not the same"), ("state", "its state is not the same")]
)
def test_processes_with_other_data_are_told_so(two: Group, what: str, words: str) -> None:
    answers = two.answers(f"{CALLS}:of_other_data", what)
    assert [(succeeded, words in answer) for succeeded, answer in answers] == [(False, True)] * 2


def test_what_has_no_parameters_is_no_model(two: Group) -> None:
    assert two.call(f"{CALLS}:loss_alone") == [0, 0]


def test_the_first_process_alone_saves_and_all_read(two: Group, tmp_path: Path) -> None:
    assert two.call(f"{CALLS}:saved", tmp_path / "model.pdparams") == [(True, True), (False, True)]
