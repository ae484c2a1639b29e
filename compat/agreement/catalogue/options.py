"""One case or more for every option of the operator and for what options do to each other; all of them small."""

from __future__ import annotations

from typing import Any

from ..cases import Case

# what a row leaves out
BASE: dict[str, Any] = {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "input_size": (3, 4, 5)}


def wide(channels_in: int, channels_out: int, groups: int, **others: Any) -> dict[str, Any]:
    """Return channels and groups as a dict."""
    return {"in_channels": channels_in, "out_channels": channels_out, "groups": groups, **others}


ROWS: dict[str, dict[str, Any]] = {
    # kernels
    "kernel-1": {"kernel_size": 1},
    "kernel-2": {"kernel_size": 2},
    "kernel-3": {},
    "kernel-4": {"kernel_size": 4},
    "kernel-5": {"kernel_size": 5},
    "kernel-1-3-5": {"kernel_size": (1, 3, 5)},
    "kernel-larger-than-input": {"kernel_size": 7, "input_size": (1, 2, 3)},
    "one-voxel": {"kernel_size": 4, "input_size": 1, "batch": 1},
    # strides
    "stride-2": {"stride": 2},
    "stride-3": {"stride": 3},
    "stride-1-2-3": {"stride": (1, 2, 3)},
    "stride-equals-kernel": {"kernel_size": 2, "stride": 2},
    "stride-above-kernel": {"kernel_size": 2, "stride": 3},
    "kernel-1-stride-2": {"kernel_size": 1, "stride": 2},
    "kernel-1-2-2-stride-1-2-2": {"kernel_size": (1, 2, 2), "stride": (1, 2, 2)},
    # padding
    "padding-1": {"padding": 1},
    "padding-0-1-2": {"kernel_size": 5, "padding": (0, 1, 2)},
    "padding-above-kernel": {"padding": (3, 0, 0), "input_size": (7, 3, 3)},
    "padding-stride": {"padding": 1, "stride": 2, "kernel_size": 4},
    "padding-asymmetric": {"padding": ((0, 1), (1, 0), (1, 1))},
    "padding-asymmetric-stride": {"padding": ((0, 1), (2, 1), (1, 0)), "stride": 2, "kernel_size": 4},
    "padding-asymmetric-groups": {**wide(4, 6, 2), "padding": ((1, 0), (0, 2), (0, 1)), "stride": (2, 1, 2)},
    "padding-asymmetric-dilation": {"padding": ((2, 1), (0, 1), (1, 3)), "dilation": 2},
    "padding-asymmetric-ndhwc": {"padding": ((0, 1), (1, 0), (0, 2)), "data_format": "NDHWC"},
    "padding-cuts-all-but-one": {"kernel_size": 1, "padding": (1, 1, 2), "input_size": (3, 3, 5)},
    "padding-negative": {"padding": -1},
    "padding-negative-stride": {"padding": (-2, 0, 1), "stride": 2},
    # padding by name
    "same": {"padding": "SAME"},
    "same-stride-2": {"padding": "SAME", "stride": 2},
    "same-kernel-2-stride-2": {"padding": "SAME", "stride": 2, "kernel_size": 2},
    "same-kernel-4-stride-3": {"padding": "SAME", "stride": 3, "kernel_size": 4},
    "same-kernel-below-stride": {"padding": "SAME", "stride": 4, "kernel_size": 2},
    "same-resets-dilation": {"padding": "SAME", "dilation": 2},
    "same-non-cubic": {"padding": "SAME", "kernel_size": (1, 3, 5), "stride": (1, 2, 3)},
    "same-ndhwc": {"padding": "SAME", "stride": 2, "data_format": "NDHWC"},
    "valid": {"padding": "VALID", "stride": 2},
    "valid-dilation": {"padding": "VALID", "dilation": (1, 2, 1)},
    # output padding and output size
    "output-padding-1": {"stride": 2, "output_padding": 1},
    "output-padding-0-1-2": {"stride": (1, 2, 3), "output_padding": (0, 1, 2)},
    "output-padding-usual": {"stride": 2, "padding": 1, "output_padding": 1},
    "output-padding-past-full": {"kernel_size": 1, "stride": 3, "output_padding": 2},
    "output-padding-below-dilation": {"dilation": 3, "output_padding": 2},
    "output-padding-equals-stride": {"stride": 2, "output_padding": 2},
    "output-padding-large": {"stride": 2, "output_padding": (7, 0, 3)},
    "output-padding-asymmetric": {"stride": 2, "padding": ((0, 1), (1, 0), (1, 1)), "output_padding": 1},
    "output-padding-groups": {**wide(4, 4, 2), "stride": 2, "padding": 1, "output_padding": 1},
    "output-size-least": {"stride": 2, "padding": 1, "output_size": (5, 7, 9)},
    "output-size-greatest": {"stride": 2, "padding": 1, "output_size": (6, 8, 10)},
    "output-size-mixed": {"stride": (3, 2, 1), "kernel_size": (2, 3, 4), "output_size": (10, 9, 8)},
    "output-size-dilation": {"stride": 2, "dilation": 2, "output_size": (9, 12, 13)},
    # dilation
    "dilation-2": {"dilation": 2},
    "dilation-1-2-3": {"dilation": (1, 2, 3)},
    "dilation-stride": {"dilation": 2, "stride": 2, "padding": 1},
    "dilation-stride-3-2": {"dilation": (2, 3, 1), "stride": (3, 2, 1), "padding": (2, 1, 0)},
    "dilation-kernel-1": {"dilation": 3, "kernel_size": 1},
    # channels and groups
    "channels-1-1": wide(1, 1, 1),
    "channels-many": wide(16, 24, 1, stride=2, input_size=3),
    "groups-2": wide(4, 6, 2),
    "groups-3-stride": wide(6, 3, 3, stride=2, padding=1),
    "groups-4-non-cubic": wide(8, 4, 4, kernel_size=(2, 3, 1), stride=(2, 1, 2)),
    "groups-dilation": wide(4, 4, 2, dilation=(1, 2, 2), stride=(2, 1, 1)),
    "groups-without-bias": wide(4, 2, 2, bias=False),
    "groups-one-volume": wide(6, 6, 2, batch=1, stride=2),
    "depthwise": wide(4, 4, 4, stride=2, padding=1),
    "depthwise-multiplier-2": wide(3, 6, 3, kernel_size=2, stride=2),
    "depthwise-many": wide(32, 32, 32, kernel_size=(3, 1, 3), input_size=3),
    # bias, batch, layout
    "without-bias": {"bias": False},
    "without-bias-stride": {"bias": False, "stride": 2, "padding": 1, "output_padding": 1},
    "batch-1": {"batch": 1, "stride": 2},
    "batch-5": {"batch": 5, "kernel_size": 2, "stride": 2},
    "batch-0": {"batch": 0, "stride": 2},
    "unbatched": {"batch": None},
    "unbatched-groups": {**wide(4, 6, 2), "batch": None, "stride": 2, "output_padding": 1},
    "ndhwc": {"data_format": "NDHWC"},
    "ndhwc-stride": {"data_format": "NDHWC", "stride": 2, "padding": 1, "output_padding": 1},
    "ndhwc-groups": {**wide(4, 6, 2), "data_format": "NDHWC", "kernel_size": (1, 2, 3)},
    # dtypes
    "float64": {"dtype": "float64", "stride": 2, "padding": 1},
    "float64-groups-dilation": {**wide(4, 6, 2), "dtype": "float64", "dilation": 2},
    "float16": {"dtype": "float16", "stride": 2},
    "bfloat16": {"dtype": "bfloat16", "stride": 2},
    "complex64": {"dtype": "complex64", "stride": 2, "padding": 1},
    "complex128": {"dtype": "complex128", "kernel_size": (1, 2, 3)},
}

# What every API must refuse.
ILLEGAL: dict[str, dict[str, Any]] = {
    "padding-cuts-too-much": {"kernel_size": 1, "padding": (0, 0, 4)},
    "padding-cuts-too-much-stride": {"stride": 2, "padding": (5, 1, 1)},
}

OPTIONS = tuple(
    Case(id=f"option/{name}", source="option", seed=seed, **{**BASE, **row})
    for seed, (name, row) in enumerate(ROWS.items())
)

REFUSALS = tuple(
    Case(id=f"refused/{name}", source="illegal", seed=seed, **{**BASE, **row})
    for seed, (name, row) in enumerate(ILLEGAL.items())
)
