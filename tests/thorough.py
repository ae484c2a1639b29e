"""Which of many like cases the default run has: those that are named; CI runs the others too (`-m thorough`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["some_by_default"]


def some_by_default(cases: Mapping[str, Any], kept: set[str]) -> list[Any]:
    """Return cases for `pytest.mark.parametrize`, of which those that are not kept are marked `thorough`."""
    return [
        pytest.param(case, id=name, marks=() if name in kept else pytest.mark.thorough) for name, case in cases.items()
    ]
