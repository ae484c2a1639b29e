"""The products of rows: for groups of few channels, whose products are small."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.backend.forced import make

from fourfold.backend.algorithms.rows import RowsGradient
from fourfold.backend.planning.case import case_of


# Of 64 voxels of a row, four pieces of 16 are multiplied by windows of 2 * 15 + 2 + 1 = 33: 2112 numbers for each pair
# of channels of a group, each of 4 or 8 bytes. 64 MiB hold 7943.8 pairs of float32.
@pytest.mark.parametrize(
    ("options", "dtype", "reason"),
    [
        ({"in_channels": 7943, "out_channels": 7943, "groups": 7943}, torch.float32, None),
        (
            {"in_channels": 7944, "out_channels": 7944, "groups": 7944},
            torch.float32,
            "its products would take 64 MiB, of any slab",
        ),
        (
            {"in_channels": 7943, "out_channels": 7943, "groups": 7943},
            torch.float64,
            "its products would take 128 MiB, of any slab",
        ),
        (
            {"in_channels": 192, "out_channels": 192},
            torch.float32,
            "groups have 36864 pairs of channels, it is for 4 at most",
        ),
        ({"in_channels": 5, "out_channels": 1}, torch.float32, "groups have 5 pairs of channels, it is for 4 at most"),
        ({"in_channels": 2, "out_channels": 2}, torch.float32, None),
    ],
    ids=["largest", "too-large", "float64", "dense", "five-pairs", "four-pairs"],
)
def test_what_would_take_more_than_a_slab_is_refused(
    options: dict[str, Any], dtype: torch.dtype, reason: str | None
) -> None:
    spec = make(kernel_size=3, stride=2, **options)
    volume = torch.empty(1, spec.in_channels, 2, 2, 64, dtype=dtype, device="meta")
    assert RowsGradient().refusal(case_of(spec, volume)) == reason
