"""The layout keeps its promises: arrows, names, and what an import brings in."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fourfold

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[1]
# What each part may not import.
FORBIDDEN = {
    "backend": {"frontends", "compat"},
    "frontends": {"compat"},
    "compat": set[str](),
}
FRAMEWORKS = ["paddle", "megengine", "oneflow", "rich", "safetensors"]


def modules(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def parts_imported(path: Path) -> set[str]:
    """Return the parts of fourfold that a module imports, relatively or absolutely."""
    relative = path.relative_to(ROOT).with_suffix("").parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(ROOT))) for part in FORBIDDEN for path in modules(part)]
)
def test_imports_point_one_way(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0]
    assert not parts_imported(path) & FORBIDDEN[part]


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


PUBLIC = [
    module.name
    for module in pkgutil.walk_packages(fourfold.__path__, "fourfold.")
    if module.ispkg and not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", ["fourfold", *PUBLIC])
def test_all_lists_names_that_exist_sorted(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", [])
    assert [item for item in listed if not hasattr(module, item)] == []
    assert len(set(listed)) == len(listed)


def test_the_version_is_the_distribution_s() -> None:
    from importlib.metadata import version

    assert fourfold.__version__ == version("fourfold")
