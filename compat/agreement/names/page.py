"""The page of names: what each front end serves, module by module, from the names themselves."""

from __future__ import annotations

import importlib
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ....frontends.names import unserved
from ...activation.served import FRAMEWORKS, RELEASED_FLUID
from .calls import areas, calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....frontends.names import Names
    from ...activation.served import Framework

__all__ = ["PAGE", "counts", "page", "prune"]

PAGE = Path(__file__).resolve().parents[3] / "docs" / "names.md"
FRONTENDS = f"{__name__.split('.compat.')[0]}.frontends"
HEAD = """# Names

<!-- generated: python -m fourfold.compat.agreement.names -->

What the front ends serve, by the frameworks' own module names. Parameters, their order, kinds and defaults are the
releases', which `frontends/*/signatures/` records; a test compares every one. What stands here is held against answers
that the releases gave to recorded calls ([how](../CONTRIBUTING.md#a-name)). `fourfold agree --names` asks the releases
and the front ends again, the recorded calls and generated ones.

Every other name of a release can be imported and mentioned; calling it is an error that gives the reason and the
nearest names, and `fourfold run --check SCRIPT` tells which of them a script meets
([how](activation.md#what-stops-a-script-before-it-runs)). The second table of each framework has the reasons, with
patterns of names, from `frontends/*/signatures/*.unserved.txt`.
"""
# heading, which names are served, which of them belong under the heading, the framework of its calls, and its front end
SECTIONS = (
    ("Paddle 3.3.1", FRAMEWORKS["paddle"], False, "paddle", "paddle"),
    ("fluid 1.8.5", RELEASED_FLUID, True, "fluid", "paddle.fluid_1_8"),
    ("MegEngine 1.13", FRAMEWORKS["megengine"], False, "megengine", "megengine"),
    ("OneFlow 0.9", FRAMEWORKS["oneflow"], False, "oneflow", "oneflow"),
)


def counts() -> dict[str, tuple[int, int]]:
    """Return how many names each release's front end serves, and how many of its answers are recorded."""
    return {
        heading: (
            sum(len(names) for _, names in _modules(framework, fluid=fluid)),
            sum(len(calls(calls_of, area)) for area in areas(calls_of)),
        )
        for heading, framework, fluid, calls_of, _ in SECTIONS
    }


def page() -> str:
    """Return the text of the page."""
    parts, counted = [HEAD], counts()
    for heading, framework, fluid, calls_of, front_end in SECTIONS:
        listed = dict(_modules(framework, fluid=fluid))
        served, recorded = counted[heading]
        parts.append(f"## {heading}\n\n{served} names in {len(listed)} modules; {recorded:,} recorded calls.\n")
        parts.append("| module | names |\n|---|---|")
        root = "paddle" if fluid else calls_of
        parts += [f"| `{root}{'.' * bool(path)}{path}` | {', '.join(names)} |" for path, names in listed.items()]
        parts += ["", *_reasons(_names(front_end)), ""]
    return "\n".join(parts)


def prune() -> None:
    """Take the patterns that have become idle out of the tables of reasons."""
    for *_, front_end in SECTIONS:
        names = _names(front_end)
        names.signatures.reasons.prune(unserved(names))


def _names(front_end: str) -> Names:
    importlib.import_module(f"{FRONTENDS}.{front_end}")
    names: Names = importlib.import_module(f"{FRONTENDS}.{front_end}.names").NAMES
    return names


def _reasons(names: Names) -> Iterator[str]:
    reasons = names.signatures.reasons
    patterns, counts = defaultdict[str, list[str]](list), defaultdict[str, int](int)
    for pattern, reason in reasons.patterns.items():
        patterns[reason].append(pattern)
    for name in unserved(names):
        counts[reasons.of(name)] += 1
    yield f"{sum(counts.values())} names are not served:\n"
    yield "| reason | names | which |\n|---|---|---|"
    for reason, listed in patterns.items():
        yield f"| {reason} | {counts[reason]} | {', '.join(f'`{each}`' for each in listed)} |"
    if names.signatures.gone:
        gone = list(names.signatures.gone)
        yield f"| {names.signatures.reason(gone[0])} | {len(gone)} | {', '.join(f'`{each}`' for each in gone)} |"


def _modules(framework: Framework, *, fluid: bool) -> Iterator[tuple[str, list[str]]]:
    for path, module in sorted(framework.modules.items()):
        if module is None or path.startswith("fluid") != fluid:
            continue
        home = importlib.import_module(f"{FRONTENDS}.{module}")
        names = [name for name in home.__all__ if not isinstance(getattr(home, name), ModuleType)]
        if names:
            yield path, names
