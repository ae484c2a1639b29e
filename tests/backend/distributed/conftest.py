"""Groups of processes, started when a test first asks for one, and ended after the last test of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.backend.distributed.group import Group, group

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with group(2, tmp_path_factory.mktemp("two")) as made:
        yield made


@pytest.fixture(scope="package")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with group(4, tmp_path_factory.mktemp("four")) as made:
        yield made


@pytest.fixture(scope="package")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with group(8, tmp_path_factory.mktemp("eight")) as made:
        yield made
