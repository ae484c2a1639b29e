"""The arithmetic of attention, beside torch's."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from fourfold.frontends.attention import attention, expanded_heads


@pytest.mark.parametrize("scale", [None, 0.3])
def test_attention_is_torch_s(scale: float | None) -> None:
    query, key, value = (torch.randn(2, 2, n, 4, dtype=torch.float64) for n in (3, 5, 5))
    mask = torch.randn(3, 5, dtype=torch.float64)
    found, weights = attention(query, key, value, mask, scale=scale)
    expected = functional.scaled_dot_product_attention(query, key, value, mask, scale=scale)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 3, dtype=torch.float64))


def test_each_head_of_keys_serves_a_group_of_queries() -> None:
    keys = torch.tensor([1, 2])[None, :, None]
    assert expanded_heads(keys, 4, 1).flatten().tolist() == [1, 1, 2, 2]


def test_heads_that_do_not_divide_are_refused() -> None:
    with pytest.raises(AssertionError, match="2 heads of keys and values do not divide the 3"):
        expanded_heads(torch.zeros(1, 2, 1), 3, 1)
