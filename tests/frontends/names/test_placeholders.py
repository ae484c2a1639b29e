"""A recorded name without a row can be mentioned; only calling it raises."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import fourfold
from fourfold.frontends.names import Signatures
from fourfold.frontends.names.placeholders import placeholders

if TYPE_CHECKING:
    from fourfold.compat.literals import Served

FRONT_ENDS = ("paddle", "paddle.fluid", "paddle.fluid_1_8", "megengine", "oneflow")


class Two:
    """Names of which one is served."""

    root, package = "paddle", "fourfold.frontends.paddle"

    def __init__(self) -> None:
        self.signatures = Signatures(
            "paddle",
            "3.3.1",
            {
                "nn.Nine": "class (x)",
                "nn.Nine.__init_subclass__": "def ()",
                "nn.Nine.MOST": "value 9",
                "nn.Nine.Part": "class ()",
                "nn.Nine.Part.LEAST": "value 1",
                "nn.Nine.made": "def (x)",
                "nn.Nine.size": "property",
                "nn.ninth": "def (x)",
                "nn.NINE": "value 9",
            },
        )

    def served(self, path: str) -> list[str]:
        return ["Nines"]


def standing(name: str) -> Any:
    return placeholders(Two(), "nn")(name)  # type: ignore[arg-type]


def test_a_class_is_named_and_subclassed_and_raises_when_it_is_made() -> None:
    kind = standing("Nine")
    derived = type("Derived", (kind,), {})
    assert (kind.__fourfold_placeholder__, kind is standing("Nine"), isinstance(3, kind)) == (True, False, False)
    with pytest.raises(
        NotImplementedError, match=r"'paddle\.nn' as fourfold serves it has no 'Nine'; nearest are: Nines"
    ):
        derived(1)


def test_a_function_raises_when_it_is_called() -> None:
    with pytest.raises(NotImplementedError, match=r"'paddle\.nn' as fourfold serves it has no 'ninth'"):
        standing("ninth")(1)


def test_what_is_decorated_raises_when_it_is_called() -> None:
    def named() -> None:
        """Said."""

    decorated = standing("ninth")(named)
    assert (decorated.__name__, decorated.__doc__) == ("named", "Said.")
    with pytest.raises(NotImplementedError, match="ninth"):
        decorated()


def test_what_is_decorated_by_a_class_raises_when_it_is_called() -> None:
    decorated = standing("Nine")(lambda: 3)
    with pytest.raises(NotImplementedError, match="has no 'Nine'"):
        decorated()


def test_members_of_a_class_are_there_to_be_mentioned() -> None:
    kind = standing("Nine")
    assert (kind.MOST, kind.Part.LEAST, kind.Part.__qualname__) == (9, 1, "Nine.Part")
    assert not hasattr(kind, "size")
    with pytest.raises(NotImplementedError, match=r"has no 'Nine\.made'"):
        kind.made(1)


def test_a_constant_is_its_recorded_value() -> None:
    assert standing("NINE") == 9


def test_a_name_that_is_not_recorded_stands_for_nothing() -> None:
    with pytest.raises(LookupError):
        standing("tenth")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_another_name_of_what_is_served_is_the_very_thing(front_end: str) -> None:
    importlib.import_module(f"fourfold.frontends.{front_end}")
    names = importlib.import_module(f"fourfold.frontends.{front_end}.names").NAMES
    modules = {path: sys.modules[f"{names.package}.{path}".rstrip(".")] for path in ("", *names.paths())}

    def there(name: str) -> Any:
        path, _, last = name.rpartition(".")
        return getattr(modules[path], last)

    pairs = [(name, names.signatures.canonical(name)) for name in names.signatures]
    held = [(name, first) for name, first in pairs if {each.rpartition(".")[0] for each in (name, first)} <= {*modules}]
    others = [(name, there(name), there(first)) for name, first in held if not is_placeholder(there(first))]
    assert [name for name, this, first in others if is_placeholder(this)] == []
    assert len(others) > 100


def is_placeholder(value: Any) -> bool:
    return hasattr(value, "__fourfold_placeholder__")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_every_recorded_name_of_a_module_is_there(front_end: str) -> None:
    importlib.import_module(f"fourfold.frontends.{front_end}")
    names = importlib.import_module(f"fourfold.frontends.{front_end}.names").NAMES
    modules = {path: sys.modules[f"{names.package}.{path}".rstrip(".")] for path in ("", *names.paths())}
    held = [name.rpartition(".") for name in names.signatures if name.rpartition(".")[0] in modules]
    assert [f"{path}.{name}" for path, _, name in held if not hasattr(modules[path], name)] == []


@pytest.mark.parametrize(
    ("root", "module", "name"),
    [
        ("paddle", "paddle.distributed", "all_reduce"),
        ("paddle", "paddle.fluid.layer_helper", "OpProtoHolder"),
        ("megengine", "megengine.distributed", "Server"),
        ("oneflow", "oneflow.comm", "all_reduce"),
    ],
)
def test_modules_that_hold_nothing_served_are_imported_under_activation(root: Served, module: str, name: str) -> None:
    with fourfold.activate(root):
        found = importlib.import_module(module)
        assert isinstance(found, ModuleType)
        assert getattr(found, name).__fourfold_placeholder__
        assert name not in dir(found)
