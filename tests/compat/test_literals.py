"""Each Literal of public signatures is the table that it stands for, in its order."""

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

import pytest

import fourfold
from fourfold.compat import literals
from fourfold.compat.activation.served import FRAMEWORKS as SERVED
from fourfold.compat.agreement.cases import DATA, Data
from fourfold.compat.agreement.data import STORAGE
from fourfold.compat.agreement.frameworks import FRAMEWORKS
from fourfold.compat.checkpoints.writing import WRITERS
from fourfold.compat.cli.arguments import choices
from fourfold.compat.porting import TARGETS
from fourfold.frontends import paddle
from fourfold.frontends.paddle.nn.padding import DataFormat

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLES: dict[str, Iterable[str]] = {
    "Api": choices.APIS,
    "Target": TARGETS,
    "Format": WRITERS,
    "Served": SERVED,
    "Fluid": ("documented", "1.8"),
    "Reference": FRAMEWORKS,
    "Dtype": STORAGE,
}

# a parameter of a public function, and the names that it takes
PARAMETERS: list[tuple[Any, str, Any]] = [
    (fourfold.port_state, "source", literals.Api),
    (fourfold.port_state, "target", literals.Api),
    (fourfold.port_module, "target", literals.Target),
    (fourfold.plan_module, "target", literals.Target),
    (fourfold.save_checkpoint, "format", literals.Format),
    (fourfold.activate, "name", literals.Served),
    (fourfold.activate, "fluid", literals.Fluid),
    (fourfold.compare_layer, "framework", literals.Reference),
    (fourfold.compare_layer, "dtype", literals.Dtype),
    (fourfold.compare_layer, "data", Data),
    (paddle.nn.Conv3DTranspose, "data_format", DataFormat),
    (paddle.nn.functional.conv3d_transpose, "data_format", DataFormat),
    (paddle.static.nn.conv3d_transpose, "data_format", DataFormat),
]
NAMES = {id(one): name for name, one in vars(literals).items()} | {id(Data): "Data", id(DataFormat): "DataFormat"}


@pytest.mark.parametrize("name", literals.__all__)
def test_a_literal_is_its_table(name: str) -> None:
    assert sorted(typing.get_args(getattr(literals, name))) == sorted(TABLES[name])


def test_the_literals_that_stand_with_their_tables_are_those() -> None:
    assert typing.get_args(Data) == DATA
    assert typing.get_args(DataFormat) == ("NCDHW", "NDHWC")


@pytest.mark.parametrize(
    ("function", "parameter", "literal"), PARAMETERS, ids=[f"{row[0].__name__}-{row[1]}" for row in PARAMETERS]
)
def test_a_public_signature_says_which_names_it_takes(function: Any, parameter: str, literal: Any) -> None:
    annotation = inspect.signature(function).parameters[parameter].annotation
    assert str(annotation).removesuffix(" | None") == NAMES[id(literal)]
