"""The parameters of served names are the release's: names, order, kinds and defaults."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

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


def _served() -> list[Any]:
    cases = []
    for framework, release, served in RELEASES:
        signatures = Signatures(framework, release)
        for path, module in served.modules.items():
            if module is None or (release == "1.8.5") != path.startswith("fluid"):
                continue
            home = importlib.import_module(f"fourfold.frontends.{module}")
            for name in home.__all__:
                full, value = f"{path}.{name}" if path else name, getattr(home, name)
                if callable(value) and signatures.lines.get(full, "").startswith(("def (", "class (")):
                    label = f"{framework} {release} {full}"
                    cases.append(pytest.param(label, signatures.signature(full), value, id=label))
    return cases


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


@pytest.mark.parametrize(("label", "recorded", "value"), SERVED)
def test_parameters_are_the_release_s(label: str, recorded: inspect.Signature, value: Any) -> None:
    if label in DIFFERS:
        assert _stated(value) != str(recorded), "equal now: take it out of differs.txt"
    else:
        assert _stated(value) == str(recorded)


def test_every_difference_is_of_a_served_name() -> None:
    assert set(DIFFERS) <= {case.id for case in SERVED}
