"""hypothesis strategies that draw legal operators only. FOURFOLD_EXAMPLES sets how many (default 40)."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from fourfold.backend import ConvTranspose3dSpec

effort = settings(max_examples=int(os.environ.get("FOURFOLD_EXAMPLES", "40")), deadline=None, derandomize=True)

Case = tuple[ConvTranspose3dSpec, tuple[int, int, int]]


@st.composite
def cases(draw: Any, longest: int = 4) -> Case:
    """Draw an operator and an input size, of 1..longest voxels per axis, for which it leaves at least one voxel."""
    groups = draw(st.integers(1, 3))
    axes = [draw(_axes(longest)) for _ in range(3)]
    spec = ConvTranspose3dSpec(
        in_channels=groups * draw(st.integers(1, 2)),
        out_channels=groups * draw(st.integers(1, 2)),
        kernel_size=[axis["kernel_size"] for axis in axes],
        stride=[axis["stride"] for axis in axes],
        padding=[axis["padding"] for axis in axes],
        output_padding=[axis["output_padding"] for axis in axes],
        dilation=[axis["dilation"] for axis in axes],
        groups=groups,
    )
    depth, height, width = (axis["size"] for axis in axes)
    return spec, (depth, height, width)


@st.composite
def _axes(draw: Any, longest: int) -> dict[str, Any]:
    size, kernel_size, stride, dilation = (draw(st.integers(1, most)) for most in (longest, 4, 3, 3))
    full = (size - 1) * stride + dilation * (kernel_size - 1) + 1
    low = draw(st.integers(-2, full - 1))
    high = draw(st.integers(-2, full - 1 - max(low, 0)))
    return {
        "size": size,
        "kernel_size": kernel_size,
        "stride": stride,
        "dilation": dilation,
        "padding": (low, high),
        "output_padding": draw(st.integers(0, max(stride, dilation) - 1)),
    }
