"""Write what editors and type checkers read of the modules that rows fill: `python -m fourfold.frontends.names.stubs`.

A module that is filled with names has a stub beside it, which is generated; a module that holds code has none, so that
its code is checked itself.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch

from .derived import Derived
from .layers import Layer
from .table import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import Names

__all__ = ["stubs"]

FRONTENDS = Path(__file__).resolve().parent.parent
PACKAGE = (__package__ or "").rpartition(".")[0]
# front ends that have rows: the module that has NAMES
ROWS = ("megengine", "oneflow", "paddle", "paddle.fluid", "paddle.fluid_1_8")


def stubs() -> dict[Path, str]:
    """Return the text of every stub by its path."""
    found = {}
    for front_end in ROWS:
        names: Names = importlib.import_module(f"{PACKAGE}.{front_end}.names").NAMES
        importlib.import_module(names.package)
        for path in ("", *names.paths()):
            module = sys.modules.get(f"{names.package}.{path}" if path else names.package)
            place = FRONTENDS.joinpath(*(f"{front_end}.{path}" if path else front_end).split("."))
            if module is None or not module.__dict__.get("__all__") or place.with_suffix(".py").exists():
                continue
            if not names.served(path) and (place / "__init__.py").exists():
                continue  # its code lists what is below
            package = place.is_dir() or any(other.startswith(f"{path}.") for other in names.paths())
            file = place / "__init__.pyi" if package else place.with_suffix(".pyi")
            found[file] = stub(names, path, module)
    return found


def stub(names: Names, path: str, module: ModuleType) -> str:
    """Return the stub of one module."""
    imports, definitions = set(), []
    for name in module.__dict__["__all__"]:
        value = getattr(module, name)
        canonical = names.signatures.canonical(f"{path}.{name}" if path else name)
        row = names.rows.get(canonical)
        if isinstance(value, ModuleType):
            parent, _, last = value.__name__.rpartition(".")
            place = "." if parent == module.__name__ else parent
            imports.add(f"from {place} import {last} as {name}")
        elif row is None or not (isinstance(row, (Function, Layer, Derived))):
            imports.add(_imported(name, value))
        elif _home(value) != (module.__name__, name):
            imports.add(f"from {_home(value)[0]} import {_home(value)[1]} as {name}")
        elif isinstance(row, Function):
            definitions.append(f"def {name}{_typed(inspect.signature(value), method=False)} -> Any: ...")
        else:
            definitions += _class(name, value, imports)
    lines = [
        "# generated: python -m fourfold.frontends.names.stubs",
        "from typing import Any",
        "",
        *sorted(imports),
        "",
        # what is imported under another name is exported only where it is listed
        f"__all__ = {sorted(module.__dict__['__all__'])!r}",
        "",
    ]
    return "\n".join([*lines, *definitions, "", "def __getattr__(name: str) -> Any: ...", ""])


def _class(name: str, kind: type, imports: set[str]) -> Iterator[str]:
    base = kind.__mro__[1]
    above = base.__name__ if base.__module__ == kind.__module__ else f"_{base.__name__}"
    if above != base.__name__:
        imports.add(f"from {base.__module__} import {base.__name__} as {above}")
    yield f"class {name}({above}):"
    yield f"    def __init__{_typed(inspect.signature(vars(kind)['__init__']))} -> None: ..."
    if "forward" in vars(kind):
        yield f"    def forward{_typed(inspect.signature(vars(kind)['forward']))} -> Any: ..."


def _home(value: Any) -> tuple[str, str]:
    return value.__module__, value.__name__


def _imported(name: str, value: Any) -> str:
    home, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if home and own and getattr(sys.modules.get(home), own, None) is value:
        return f"from {home} import {own} as {name}"
    if isinstance(value, torch.dtype):
        return f"from torch import {str(value).removeprefix('torch.')} as {name}"
    return f"{name}: Any"


def _typed(signature: inspect.Signature, *, method: bool = True) -> str:
    shown = []
    for parameter in signature.parameters.values():
        default = parameter.default if parameter.default is parameter.empty else ...
        annotation = parameter.empty if method and parameter.name == "self" else Any
        shown.append(parameter.replace(default=default, annotation=annotation))
    text = str(inspect.Signature(shown))
    return text.replace("typing.Any", "Any").replace("Ellipsis", "...")


if __name__ == "__main__":
    for file, text in stubs().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print(file.relative_to(FRONTENDS))
