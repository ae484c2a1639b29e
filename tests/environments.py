"""The real releases, for tests that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.compat.agreement.environments import environment

if TYPE_CHECKING:
    from fourfold.compat.agreement.environments import Environment


def ready(name: str) -> Environment:
    """Return an environment, or skip the test."""
    found = environment(name)
    if found.state != "ready":
        pytest.skip(f"environment {name!r} is {found.state}; run `fourfold env create {name}`")
    return found
