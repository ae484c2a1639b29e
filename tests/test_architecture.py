"""The layout keeps its promises: arrows, names, and what an import brings in."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fourfold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[1]
# What each part may not import.
FORBIDDEN = {
    "backend": {"frontends", "compat"},
    "frontends": {"compat"},
    "compat": set[str](),
}
FRAMEWORKS = ["paddle", "megengine", "oneflow", "rich", "safetensors"]


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def parts_imported(path: Path) -> set[str]:
    """Return the parts of fourfold that a module imports, relatively or absolutely."""
    relative = path.relative_to(ROOT).with_suffix("").parts
    found = set()
    for node in ast.walk(parsed(path)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.level:
            base = relative[: len(relative) - node.level]
            names = [
                ".".join([*base, *((node.module or "").split(".") if node.module else []), alias.name])
                for alias in node.names
            ]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module.removeprefix("fourfold.")] if node.module.startswith("fourfold.") else []
        elif isinstance(node, ast.Import):
            names = [alias.name.removeprefix("fourfold.") for alias in node.names if alias.name.startswith("fourfold.")]
        found |= {name.split(".")[0] for name in names}
    return found


@pytest.mark.parametrize("part", FORBIDDEN)
def test_imports_point_one_way(part: str) -> None:
    wrong = {str(path.relative_to(ROOT)): parts_imported(path) & FORBIDDEN[part] for path in modules(part)}
    assert {path: parts for path, parts in wrong.items() if parts} == {}


def test_the_import_finder_sees_relative_imports() -> None:
    assert parts_imported(ROOT / "frontends" / "tensor.py") == {"backend"}


def test_importing_fourfold_imports_no_framework_and_no_extra() -> None:
    script = f"import sys, fourfold; print([name for name in {FRAMEWORKS} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_front_ends_import_no_framework() -> None:
    names = ["torch", "paddle", "paddle.fluid", "paddle.fluid_1_8", "megengine", "oneflow"]
    imports = "; ".join(f"import fourfold.frontends.{name}" for name in names)
    script = f"import sys; {imports}; print([name for name in {FRAMEWORKS} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_pytest_plugin_costs_other_projects_no_import_of_torch() -> None:
    script = "import sys, fourfold.compat.agreement.plugin; print('torch' in sys.modules, 'numpy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False False"


def test_the_facade_leads_everywhere() -> None:
    script = (
        "import fourfold; print(fourfold.frontends.paddle.nn.Conv3DTranspose.__name__, fourfold.backend.plan.__name__)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["Conv3DTranspose", "plan"]


@pytest.mark.parametrize("module", [fourfold, fourfold.frontends], ids=["fourfold", "frontends"])
def test_a_name_that_is_not_there_lists_those_that_are(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"tensorflow.*(frontends|oneflow)"):
        _ = module.tensorflow


def test_there_is_one_copy_of_each_module() -> None:
    assert {"backend", "frontends", "compat"}.isdisjoint(sys.modules)


# Rooms of compat, each of which imports from those before it alone; what prints is below the commands that are printed.
ROOMS = [
    "deferred",
    "suggestion",
    "literals",
    "checkpoints",
    "cli.table",
    "cli.console",
    "cli.environment",
    "pages",
    "activation",
    "checking",
    "porting",
    "streaming",
    "sharding",
    "agreement",
    "bench",
    "cli",
]
LENGTH = 400
# These run alone, where none of this is installed, so that each is one file.
ALONE = {"compat/agreement/recorder.py", "compat/agreement/names/answers.py"}
# Folders of tests of the whole, and of what is no package.
WHOLE = {"data", "ecosystem", "examples", "fuzz"}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(path): path for part in FORBIDDEN for path in modules(part)}


def run_imports(nodes: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run, in functions too; those for types alone do not."""
    for node in nodes:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        else:
            yield from run_imports(ast.iter_child_nodes(node))


@functools.cache
def imported_by(name: str) -> set[str]:
    """Return the modules of ours that a module imports."""
    path, found = MODULES[name], set()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in run_imports([parsed(path)]):
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("fourfold.") for alias in node.names}
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        home = ".".join([*base, *(node.module or "").removeprefix("fourfold.").split(".")]).rstrip(".")
        found |= {f"{home}.{alias.name}" if f"{home}.{alias.name}" in MODULES else home for alias in node.names}
    return found & set(MODULES) - {name}


def circles(imports: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Return the sets of modules that import each other, if only by way of others."""
    reached = {name: reach(name, imports) for name in imports}
    together = {name: {name, *(each for each in reached[name] if name in reached[each])} for name in imports}
    return sorted({tuple(sorted(circle)) for circle in together.values() if len(circle) > 1})


def reach(name: str, imports: dict[str, set[str]]) -> set[str]:
    """Return all that a module imports by way of others."""
    seen: set[str] = set()
    left = [name]
    while left:
        new = imports[left.pop()] - seen
        seen |= new
        left += new
    return seen


def room(name: str) -> int:
    """Return the place of a module of compat among the rooms: the narrowest that it is in."""
    inside = [each for each in ROOMS if f"{name}.".startswith(f"compat.{each}.")]
    return ROOMS.index(max(inside, key=len))


def test_no_modules_import_each_other() -> None:
    assert circles({name: imported_by(name) for name in MODULES}) == []


def test_circles_are_found() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set[str]()}
    assert circles(imports) == [("a", "b", "c")]
    assert "backend.spec" in imported_by("backend.operator")


def test_rooms_of_compat_import_the_rooms_before_them() -> None:
    rooms = [name for name in MODULES if name.count(".") > 1 and name.startswith("compat.")]
    pairs = [
        (name, other)
        for name in rooms
        for other in imported_by(name)
        if other.count(".") > 0 and other.startswith("compat.")
    ]
    assert sorted((name, other) for name, other in pairs if room(other) > room(name)) == []


def test_no_module_is_named_for_nothing() -> None:
    named = [name for name, path in MODULES.items() if path.stem in ("utils", "helpers", "misc", "common_utils")]
    assert [name for name in named if "nn" not in MODULES[name].parts] == []  # which are frameworks'


def test_modules_are_short() -> None:
    lengths = {
        name: len(path.read_text(encoding="utf-8").splitlines())
        for name, path in MODULES.items()
        if str(path.relative_to(ROOT)) not in ALONE
    }
    assert {name: length for name, length in lengths.items() if length > LENGTH} == {}


def test_tests_mirror_the_tree() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in modules("tests") if path.parent.name}
    assert [
        str(folder)
        for folder in sorted(folders)
        if folder.parts
        and folder.parts[0] not in WHOLE
        and not (ROOT / folder).is_dir()
        and folder.parts[-1] not in ("documentation", "models")
    ] == []


def star(path: Path) -> list[str]:
    """Return the `__all__` that a module writes down; an empty one where it has none."""
    for node in parsed(path).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.List)
            and ast.unparse(node.targets[0]) == "__all__"
        ):
            return [str(ast.literal_eval(each)) for each in node.value.elts if not isinstance(each, ast.Starred)]
    return []


def rank(name: str) -> tuple[int, list[int | str]]:
    """Return where a name stands among sorted ones: constants, classes, the rest, and numbers by their size."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name.lstrip("_")[:1].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def test_all_lists_are_sorted() -> None:
    written = {name: star(path) for name, path in MODULES.items()}
    written["fourfold"] = star(ROOT / "src" / "fourfold" / "__init__.py")
    assert [name for name, listed in written.items() if listed != sorted(set(listed), key=rank)] == []


def test_all_lists_names_that_exist() -> None:
    stated = ["fourfold", *(f"fourfold.{name}" for name, path in MODULES.items() if star(path))]
    missing = {
        name: [item for item in module.__all__ if not hasattr(module, item)]
        for name in stated
        for module in [importlib.import_module(name)]
    }
    assert {name: items for name, items in missing.items() if items} == {}


def test_the_version_is_the_distribution_s() -> None:
    from importlib.metadata import version

    assert fourfold.__version__ == version("fourfold")
