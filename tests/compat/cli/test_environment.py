"""What is said of the machine, and of the extras."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import torch

from fourfold.compat.cli.environment import EXTRAS, Extra, environment

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
# distributions whose modules are called otherwise
MODULES = {"mkdocs-material": "material", "pillow": "PIL", "pytest-xdist": "xdist"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_extras_are_those_of_the_package() -> None:
    import tomllib

    declared = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    def modules(extra: str) -> set[str]:
        found: set[str] = set()
        for requirement in declared[extra]:
            name = re.match(r"[\w-]+", requirement)
            others = re.match(r"fourfold\[(.*)\]", requirement)
            assert name is not None
            if others:
                found = found.union(*(modules(other) for other in others[1].split(",")))
            else:
                found.add(MODULES.get(name[0], name[0].replace("-", "_")))
        return found

    assert {name: set(extra.modules) for name, extra in EXTRAS.items()} == {name: modules(name) for name in declared}


def test_an_extra_is_missing_what_cannot_be_imported() -> None:
    assert Extra(("json", "no_such_module"), "nothing").missing == ["no_such_module"]


def test_versions_of_the_libraries_are_those_that_torch_was_built_with() -> None:
    facts, built = environment(), torch.__config__.show()
    assert facts["mkl"] is None or f"Math Kernel Library Version {facts['mkl']}" in built
    assert facts["onednn"] is None or f"MKL-DNN v{facts['onednn']} " in built
