"""Each tuple of words is the table that it stands for, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.compat import bench
from fourfold.compat.activation.served import FRAMEWORKS
from fourfold.compat.agreement.cases import DATA
from fourfold.compat.agreement.data import STORAGE
from fourfold.compat.agreement.subjects import SUBJECTS
from fourfold.compat.agreement.subjects.author import APIS as OWN
from fourfold.compat.agreement.vectors import RECORDINGS
from fourfold.compat.bench.peers import PEERS
from fourfold.compat.checkpoints.writing import WRITERS
from fourfold.compat.cli.arguments import choices
from fourfold.compat.porting import APIS

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLES = {
    "DATA": DATA,
    "STORAGE": STORAGE,
    "SUBJECTS": SUBJECTS,
    "OWN": OWN,
    "MODES": bench.MODES,
    "LAYOUTS": bench.LAYOUTS,
    "DTYPES": bench.DTYPES,
    "PEERS": PEERS,
    "APIS": APIS,
    "FORMATS": WRITERS,
    "SERVED": FRAMEWORKS,
    "RECORDINGS": RECORDINGS,
}


@pytest.mark.parametrize(("name", "table"), TABLES.items(), ids=list(TABLES))
def test_words_are_those_of_the_table(name: str, table: Iterable[str]) -> None:
    assert getattr(choices, name) == tuple(table)


def test_every_tuple_of_words_has_its_table_here() -> None:
    assert {name for name in vars(choices) if name.isupper()} - {"SPECIFICATIONS"} == set(TABLES)
