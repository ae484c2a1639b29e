"""What tests of the engine's choices share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fourfold.backend.execution import products, slabwise
from fourfold.backend.planning import rates

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=[1, 1000], ids=["bfloat16-in-float32", "bfloat16-as-it-is"])
def bfloat16_operands(request: pytest.FixtureRequest) -> Iterator[None]:
    """Multiply bfloat16 in float32, or as it is: a machine is assumed that is so many times as fast at that."""
    if request.param > 1 and not (products.has_rounded() and products.has_sums()):
        pytest.skip("this torch has no such products")
    found = rates.shipped()
    with rates.assumed(
        found._replace(bfloat16=request.param * found.product, bfloat16_sums=request.param * found.product)
    ):
        yield


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
