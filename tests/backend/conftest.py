"""What tests of the engine's choices share."""

from __future__ import annotations

from typing import Any

import pytest

from fourfold.backend.execution import slabwise


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the algorithms that compute outputs, as they do."""
    names: list[str] = []
    compute = slabwise.compute

    def watched(algorithm: Any, *args: Any, **options: Any) -> Any:
        names.append(algorithm.name if algorithm else "native")
        return compute(algorithm, *args, **options)

    monkeypatch.setattr(slabwise, "compute", watched)
    return names
