"""The parameters of served names are the release's: names, order, kinds and defaults."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fourfold.compat.activation.served import FRAMEWORKS, RELEASED_FLUID
from fourfold.frontends.names import Signatures

# Names whose parameters differ, with a reason each.
DIFFERS = dict(
    line.split(": ", 1)
    for line in Path(__file__).with_name("differs.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
RELEASES = [
    ("paddle", "3.3.1", FRAMEWORKS["paddle"]),
    ("paddle", "1.8.5", RELEASED_FLUID),
    ("megengine", "1.13.0", FRAMEWORKS["megengine"]),
    ("oneflow", "0.9.0", FRAMEWORKS["oneflow"]),
]


class Served(NamedTuple):
    """A served name that the release has parameters of."""

    recorded: inspect.Signature
    value: Any


def _served() -> dict[str, Served]:
    found = {}
    for framework, release, served in RELEASES:
        signatures = Signatures(framework, release)
        for path, module in served.modules.items():
            if module is None or (release == "1.8.5") != path.startswith("fluid"):
                continue
            home = importlib.import_module(f"fourfold.frontends.{module}")
            for name in home.__all__:
                full, value = f"{path}.{name}" if path else name, getattr(home, name)
                if callable(value) and signatures.lines.get(full, "").startswith(("def (", "class (")):
                    found[f"{framework} {release} {full}"] = Served(signatures.signature(full), value)
    return found


def _stated(value: Any) -> str:
    """Return the parameters of a callable as the recordings write them; '' where Python knows none."""
    try:
        signature = inspect.signature(value)
    except ValueError:
        return ""
    empty = inspect.Signature.empty
    parameters = [each.replace(annotation=empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=empty))


SERVED = _served()


@pytest.mark.parametrize(("framework", "release"), [(framework, release) for framework, release, _ in RELEASES])
def test_parameters_are_the_release_s_or_differ_for_a_reason(framework: str, release: str) -> None:
    of_release = {label: each for label, each in SERVED.items() if label.startswith(f"{framework} {release} ")}
    differ = {
        label: _stated(each.value) for label, each in of_release.items() if _stated(each.value) != str(each.recorded)
    }
    assert differ.keys() == DIFFERS.keys() & of_release.keys(), {
        label: f"{stated}, where the release has {SERVED[label].recorded}"
        for label, stated in differ.items()
        if label not in DIFFERS
    }


def test_every_difference_is_of_a_served_name() -> None:
    assert DIFFERS.keys() <= SERVED.keys()
