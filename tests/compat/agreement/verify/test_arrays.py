from __future__ import annotations

import pytest

from fourfold.compat.agreement.verify.arrays import is_view


@pytest.mark.parametrize(
    ("shape", "other", "expected"),
    [
        pytest.param((1, 4, 96, 8), (1, 4, 8, 12, 8), True, id="planes"),
        pytest.param((2, 3), (3, 2), False, id="transposed"),
        pytest.param((2, 12), (2, 3, 4, 1), True, id="ones"),
        pytest.param((4, 3), (2, 6), False, id="regrouped"),
        pytest.param((24,), (2, 3, 4), True, id="flat"),
    ],
)
def test_views_merge_adjacent_axes_only(shape: tuple[int, ...], other: tuple[int, ...], expected: bool) -> None:
    assert is_view(shape, other) is expected
    assert is_view(other, shape) is expected
