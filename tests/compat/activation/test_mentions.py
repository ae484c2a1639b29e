"""A file may mention every name that a release has, whatever of them is served."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from fourfold.compat.activation.activation import activate
from fourfold.compat.activation.served import FRAMEWORKS, RELEASED_FLUID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourfold.compat.literals import Fluid, Served

RELEASES = [
    pytest.param("paddle", "documented", "", id="paddle"),
    pytest.param("paddle", "documented", "fluid", id="fluid"),
    pytest.param("paddle", "1.8", "fluid", id="fluid 1.8"),
    pytest.param("megengine", "documented", "", id="megengine"),
    pytest.param("oneflow", "documented", "", id="oneflow"),
]
# how a file mentions a class without calling it
MENTIONS = """
class Derived(name):
    pass
def function(argument: name | None = None, kind: "name" = name) -> tuple[name, name]:
    return isinstance(argument, (int, name)), issubclass(int, name), {name: [name]}
function()
@name
def decorated():
    pass
@name
async def awaited():
    pass
"""
OF_FUNCTIONS = "@name\ndef decorated(argument=name): pass"


def recorded(root: str, fluid: str, below: str) -> Iterator[tuple[str, str, str]]:
    """Yield module, name and line of everything that the release has in its modules."""
    framework = RELEASED_FLUID if fluid == "1.8" else FRAMEWORKS[root]
    names, _ = framework.recorded(below)
    lines = {**names.signatures.lines, **names.signatures.gone}
    modules = {"", *(name for name, line in lines.items() if line == "module")}
    for name in lines:
        path, _, last = name.rpartition(".")
        if path in modules:
            yield ".".join(filter(None, [root, below, path])), last, lines[names.signatures.canonical(name)]


def failures(root: Served, fluid: Fluid, sources: list[str]) -> list[str]:
    with activate(root, fluid=fluid):
        return [told for source in sources if (told := failure(source))]


def failure(source: str) -> str:
    try:
        exec(source, {})
    except Exception as error:
        return f"{source}: {error!r}"
    return ""


@pytest.mark.parametrize(("root", "fluid", "below"), RELEASES)
def test_every_name_can_be_imported(root: Served, fluid: Fluid, below: str) -> None:
    sources = [f"from {module} import {name}" for module, name, _ in recorded(root, fluid, below)]
    assert failures(root, fluid, sources) == []
    assert len(sources) > 500


@pytest.mark.parametrize(("root", "fluid", "below"), RELEASES)
def test_every_name_that_is_not_served_can_be_mentioned_in_every_way(root: Served, fluid: Fluid, below: str) -> None:
    with activate(root, fluid=fluid):
        listed = [
            (module, name, line) for module, name, line in recorded(root, fluid, below) if is_standing(module, name)
        ]
    sources = [f"from {module} import {name} as name\n" for module, name, _ in listed]
    mentions = [
        MENTIONS if line.startswith("class") else "@name\ndef decorated(argument=name): pass" for *_, line in listed
    ]
    assert failures(root, fluid, [f"{first}{then}" for first, then in zip(sources, mentions, strict=True)]) == []
    assert len(sources) > 50


def is_standing(module: str, name: str) -> bool:
    value: Any = getattr(importlib.import_module(module), name, None)
    return hasattr(value, "__fourfold_placeholder__")


def test_import_star_gives_what_stands_for_names_that_are_not_served() -> None:
    text = "from paddle.nn import *\nfrom paddle.nn.functional import *\nkinds = (RNNTLoss, rnnt_loss, Conv3D, relu)"
    names: dict[str, Any] = {}
    with activate("paddle"):
        exec(text, names)
    assert [hasattr(each, "__fourfold_placeholder__") for each in names["kinds"]] == [True, True, False, False]


def test_a_file_of_old_layers_is_read_whatever_of_its_imports_is_served() -> None:
    text = """
from paddle.fluid import DistributeTranspiler
from paddle.fluid.dygraph import BatchNorm, Conv2D, Conv3D
from paddle.fluid.layer_helper import LayerHelper

class Helper(LayerHelper):
    pass

class Block(Conv3D):
    def forward(self, x):
        return DistributeTranspiler(x)

block = Block(1, 2, 3)
"""
    names: dict[str, Any] = {}
    with activate("paddle", fluid="1.8"):
        exec(text, names)
        with pytest.raises(NotImplementedError, match="'DistributeTranspiler'; reason: work of several"):
            names["block"].forward(1)
