"""Arguments that crash or fool other implementations: each must end in a Python exception, in a living process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HUGE = 2**31 - 1
CASES = {
    "stride-huge": {"stride": HUGE},
    "stride-huge-padding-huge": {"stride": HUGE, "padding": HUGE, "size": [3, 3, 3]},
    "dilation-huge": {"dilation": HUGE},
    "dilation-huge-cut-to-ten": {
        "dilation": HUGE - 9,
        "padding": [[2**30, 2**30 - 9], [0, 0], [0, 0]],
        "kernel": [2, 1, 1],
    },
    "padding-huge": {"padding": HUGE},
    "padding-negative-huge": {"padding": -HUGE},
    "output-padding-huge": {"stride": HUGE, "output_padding": HUGE - 1},
    "kernel-huge": {"kernel": [HUGE, HUGE, HUGE]},
    "channels-huge": {"in_channels": HUGE, "out_channels": HUGE},
    "product-overflows-64-bits": {"stride": [2**21, 2**21, 2**21], "size": [3, 3, 3]},
    "groups-huge": {"groups": HUGE},
}
SCRIPT = """
import json, sys, torch
from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d
for name, case in json.loads(sys.argv[1]).items():
    size, kernel = case.pop("size", [2, 2, 2]), case.pop("kernel", [1, 1, 1])
    channels = {"in_channels": case.pop("in_channels", 1), "out_channels": case.pop("out_channels", 1)}
    try:
        spec = ConvTranspose3dSpec(kernel_size=kernel, **channels, **case)
        output = conv_transpose3d(torch.ones(1, spec.in_channels, *size), torch.ones(spec.weight_shape), None, spec)
        outcome = f"size {list(output.shape)}"
    except (ValueError, TypeError, RuntimeError, MemoryError) as error:
        outcome = f"{type(error).__name__} {str(error).splitlines()[0]}"
    print(json.dumps([name, outcome]), flush=True)
"""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """Run the cases in one other process; what killed it is the first case without an outcome."""
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(CASES)], capture_output=True, text=True, timeout=120, check=False
    )
    return dict(json.loads(line) for line in process.stdout.splitlines())


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("stride-huge", "OperatorError an input of (2, 2, 2)"),
        ("stride-huge-padding-huge", "size [1, 1, 1, 1, 1]"),
        ("dilation-huge", "size [1, 1, 2, 2, 2]"),
        ("dilation-huge-cut-to-ten", "size [1, 1, 1, 2, 2]"),
        ("padding-huge", "OperatorError the output would have size -4294967292 along depth"),
        ("padding-negative-huge", "OperatorError an input of (2, 2, 2)"),
        ("output-padding-huge", "OperatorError an input of (2, 2, 2)"),
        ("kernel-huge", "RuntimeError"),  # torch cannot make such a weight
        ("channels-huge", "RuntimeError"),  # nor such an input
        ("product-overflows-64-bits", "OperatorError an input of (3, 3, 3)"),
        ("groups-huge", "OperatorError in_channels=1 is not divisible by groups=2147483647"),
    ],
)
def test_the_process_lives_and_says_what_is_wrong(name: str, outcome: str, outcomes: dict[str, str]) -> None:
    assert outcomes[name].startswith(outcome)
