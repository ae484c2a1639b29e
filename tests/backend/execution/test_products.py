"""Products of bfloat16 matrices: float32 sums of integers are exact, and rounded once or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from fourfold.backend.execution import products

if TYPE_CHECKING:
    from collections.abc import Callable

LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "as-it-is": lambda matrix: matrix,
    "transposed": lambda matrix: matrix.t().contiguous().t(),
    "part": lambda matrix: torch.nn.functional.pad(matrix, (1, 3, 2, 1))[2:-1, 1:-3],
}
SHAPES = [(1, 1, 1), (5, 3, 7), (7, 64, 1), (1, 33, 40), (64, 512, 33), (20, 1600, 50)]  # rows, terms, columns

sums = pytest.mark.skipif(not products.has_sums(), reason="this torch holds no MKL")


def integers(rows: int, columns: int, seed: int) -> torch.Tensor:
    """Draw numbers of up to 100: up to 1,677 products of two add up to less than 2**24."""
    return torch.randint(-100, 101, (rows, columns), generator=torch.Generator().manual_seed(seed)).bfloat16()


@sums
@pytest.mark.parametrize("right", LAYOUTS)
@pytest.mark.parametrize("left", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_sums_are_exact_in_float32(shape: tuple[int, int, int], left: str, right: str) -> None:
    one, other = integers(shape[0], shape[1], 0), integers(shape[1], shape[2], 1)
    found = products.product_of(LAYOUTS[left](one), LAYOUTS[right](other))
    assert found.dtype == torch.float32
    assert torch.equal(found.double(), one.double() @ other.double())


@pytest.mark.skipif(not products.has_rounded(), reason="this torch multiplies bfloat16 by loops of its own")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_result_in_bfloat16_is_rounded_once(shape: tuple[int, int, int]) -> None:
    one, other = integers(shape[0], shape[1], 0), integers(shape[1], shape[2], 1)
    found = torch.empty(shape[0], shape[2], dtype=torch.bfloat16)
    products.multiply(one, other, found)
    assert torch.equal(found, (one.double() @ other.double()).bfloat16())


@sums
def test_a_function_that_computes_something_else_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    products._mkl.cache_clear()
    monkeypatch.setattr(products, "function", lambda name: lambda *_: None)
    try:
        assert not products.has_sums()
    finally:
        products._mkl.cache_clear()


@sums
def test_products_are_added_to_what_bfloat16_cannot_hold() -> None:
    found = torch.full((3, 4), 2.0**20 + 1)
    products.multiply(integers(3, 8, 0), torch.zeros(8, 4, dtype=torch.bfloat16), found, add=True)
    assert torch.equal(found, torch.full((3, 4), 2.0**20 + 1))


@sums
@pytest.mark.parametrize("add", [False, True])
def test_no_terms_are_zero(add: bool) -> None:
    found = torch.ones(2, 3)
    products.multiply(torch.empty(2, 0).bfloat16(), torch.empty(0, 3).bfloat16(), found, add=add)
    assert torch.equal(found, torch.full((2, 3), float(add)))


@sums
def test_only_part_of_a_larger_matrix_is_written() -> None:
    whole = torch.ones(4, 9)
    products.multiply(integers(4, 5, 0), integers(5, 6, 1), whole[:, 2:8])
    assert torch.equal(whole[:, [0, 1, 8]], torch.ones(4, 3))
