"""The page of names: what each front end serves, module by module, from the names themselves."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ...activation.served import FRAMEWORKS, RELEASED_FLUID
from .calls import areas, calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...activation.served import Framework

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).resolve().parents[3] / "docs" / "names.md"
FRONTENDS = f"{__name__.split('.compat.')[0]}.frontends"
HEAD = """# Names

<!-- generated: python -m fourfold.compat.agreement.names -->

What the front ends serve, by the frameworks' own module names. Parameters, their order, kinds and defaults are the
releases', which `frontends/*/signatures/` records; a test compares every one. What stands here is held against answers
that the releases gave to recorded calls ([how](../CONTRIBUTING.md#a-name)); a name that is not here is an error that
names the nearest. `fourfold agree --names` asks the releases and the front ends again, the recorded calls and generated
ones.
"""
# heading, which names are served, which of them belong under the heading, and the framework of its calls
SECTIONS = (
    ("Paddle 3.3.1", FRAMEWORKS["paddle"], False, "paddle"),
    ("fluid 1.8.5", RELEASED_FLUID, True, "fluid"),
    ("MegEngine 1.13", FRAMEWORKS["megengine"], False, "megengine"),
    ("OneFlow 0.9", FRAMEWORKS["oneflow"], False, "oneflow"),
)


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for heading, framework, fluid, calls_of in SECTIONS:
        listed = dict(_modules(framework, fluid=fluid))
        count = sum(map(len, listed.values()))
        recorded = sum(len(calls(calls_of, area)) for area in areas(calls_of))
        parts.append(f"## {heading}\n\n{count} names in {len(listed)} modules; {recorded:,} recorded calls.\n")
        parts.append("| module | names |\n|---|---|")
        root = "paddle" if fluid else calls_of
        parts += [f"| `{root}{'.' * bool(path)}{path}` | {', '.join(names)} |" for path, names in listed.items()]
        parts.append("")
    return "\n".join(parts)


def _modules(framework: Framework, *, fluid: bool) -> Iterator[tuple[str, list[str]]]:
    for path, module in sorted(framework.modules.items()):
        if module is None or path.startswith("fluid") != fluid:
            continue
        home = importlib.import_module(f"{FRONTENDS}.{module}")
        names = [name for name in home.__all__ if not isinstance(getattr(home, name), ModuleType)]
        if names:
            yield path, names
