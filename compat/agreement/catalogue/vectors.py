"""What the real frameworks are asked for the recorded vectors: small cases, wrong calls, and drawn parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..cases import DATA, Case, Data
from ..request import OPERANDS, Request
from .options import BASE, OPTIONS, wide

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMS = ("layer", "functional")

# Fields of a case that describe operands, and bias, which is spelled apart.
NOT_IN_A_CALL = {"id", "source", "input_size", "batch", "data", "seed", "bias"}

# Dtypes that a framework has at all; which of them its CPU kernels have is recorded.
DTYPES = {
    "torch": ("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    "paddle": ("float16", "bfloat16", "float32", "float64"),
    "fluid": ("float16", "float32", "float64"),
    "megengine": ("float16", "float32"),
    "oneflow": ("float16", "float32", "float64"),
}

# Combinations on volumes of a few voxels, so that normal data, which does not compress, stays small.
TINY: dict[str, dict[str, Any]] = {
    "plain": {},
    "kernel-1": {"kernel_size": 1},
    "kernel-2-stride-2": {"kernel_size": 2, "stride": 2},
    "kernel-4-stride-2-padding-1": {"kernel_size": 4, "stride": 2, "padding": 1},
    "kernel-5-padding-2": {"kernel_size": 5, "padding": 2},
    "kernel-1-3-2": {"kernel_size": (1, 3, 2), "stride": (1, 2, 3)},
    "kernel-2-1-4-dilation": {"kernel_size": (2, 1, 4), "dilation": (3, 2, 1), "padding": (1, 0, 2)},
    "stride-3": {"stride": 3},
    "stride-2-padding-1": {"stride": 2, "padding": 1},
    "stride-1-2-3-padding-0-1-2": {"stride": (1, 2, 3), "padding": (0, 1, 2), "kernel_size": 5},
    "dilation-2": {"dilation": 2},
    "dilation-2-stride-2": {"dilation": 2, "stride": 2, "padding": 2},
    "groups-2": wide(4, 6, 2),
    "groups-2-stride-2": wide(4, 2, 2, stride=2, padding=1),
    "groups-3-dilation": wide(3, 6, 3, dilation=2, kernel_size=2),
    "depthwise": wide(4, 4, 4, stride=2),
    "bias-none": {"bias": False},
    "bias-none-stride": {"bias": False, "stride": (2, 1, 2)},
    "batch-3": {"batch": 3, "kernel_size": 2},
    "one-voxel": {"input_size": 1, "kernel_size": 4},
    "thin": {"input_size": (1, 5, 1), "stride": 2},
    "channels-8-1": wide(8, 1, 1, kernel_size=2),
    "channels-1-8": wide(1, 8, 1, kernel_size=2, stride=2),
    "float64": {"dtype": "float64"},
    "float64-stride-2": {"dtype": "float64", "stride": 2, "padding": 1},
    "output-padding-1": {"stride": 2, "padding": 1, "output_padding": 1},
    "output-padding-0-1-2": {"stride": (1, 2, 3), "output_padding": (0, 1, 2)},
    "output-size": {"stride": 2, "padding": 1, "output_size": (4, 6, 4)},
    "same-stride-2": {"padding": "SAME", "stride": 2},
    "valid-stride-2": {"padding": "VALID", "stride": 2},
    "asymmetric": {"padding": ((0, 1), (1, 0), (2, 1)), "stride": 2},
    "ndhwc": {"data_format": "NDHWC"},
    "ndhwc-stride-2": {"data_format": "NDHWC", "stride": 2, "padding": 1, "groups": 1},
}
TINY_SIZE = {"input_size": (2, 3, 2), "batch": 1}

# Calls that are wrong, or at the edge of what has a meaning: what they change of one small legal call.
WRONG: dict[str, dict[str, Any]] = {
    "stride-0": {"stride": 0},
    "stride-negative": {"stride": -1},
    "stride-two-values": {"stride": [2, 2]},
    "stride-four-values": {"stride": [2, 2, 2, 2]},
    "stride-text": {"stride": "two"},
    "stride-float": {"stride": 2.0},
    "dilation-0": {"dilation": 0},
    "dilation-negative": {"dilation": -1},
    "dilation-two-values": {"dilation": [1, 2]},
    "padding-negative": {"padding": -1},
    "padding-two-values": {"padding": [1, 1]},
    "padding-seven-values": {"padding": [1, 1, 1, 1, 1, 1, 1]},
    "padding-unknown-word": {"padding": "FULL"},
    "padding-lower-case-same": {"padding": "same"},
    "padding-float": {"padding": 0.5},
    "padding-cuts-everything": {"padding": 9},
    "output-padding-equals-stride": {"output_padding": 2},
    "output-padding-negative": {"output_padding": -1},
    "output-padding-two-values": {"output_padding": [1, 1]},
    "output-padding-with-output-size": {"output_padding": 1, "output_size": [5, 7, 5]},
    "output-size-too-small": {"output_size": [4, 7, 5]},
    "output-size-too-large": {"output_size": [5, 9, 5]},
    "output-size-two-values": {"output_size": [5, 7]},
    "output-size-int": {"output_size": 7},
    "output-size-text": {"output_size": "7"},
    "groups-0": {"groups": 0},
    "groups-negative": {"groups": -1},
    "groups-not-dividing": {"groups": 3},
    "groups-two-of-a-dense-weight": {"groups": 2},
    "data-format-unknown": {"data_format": "DHWCN"},
    "data-format-of-images": {"data_format": "NCHW"},
    "unknown-option": {"keywords": {"padding_value": 1}},
}

# The same for arguments that the layer alone has, or that shape its parameters: those stay as drawn.
WRONG_LAYER: dict[str, dict[str, Any]] = {
    "in-channels-0": {"in_channels": 0},
    "in-channels-negative": {"in_channels": -2},
    "out-channels-0": {"out_channels": 0},
    "out-channels-negative": {"out_channels": -4},
    "kernel-0": {"kernel_size": 0},
    "kernel-negative": {"kernel_size": -3},
    "kernel-two-values": {"kernel_size": [3, 3]},
    "kernel-four-values": {"kernel_size": [3, 3, 3, 3]},
    "kernel-text": {"kernel_size": "three"},
    "kernel-float": {"kernel_size": 3.0},
    "groups-not-dividing-either": {"in_channels": 4, "out_channels": 6, "groups": 5},
}

# Not asked: the process may die of them before or after it has answered.
RACES = {"oneflow": {"in-channels-negative", "out-channels-negative", "groups-negative"}}

# Operands that do not fit. Weight and bias are arguments of the function alone, and of fluid's not even that.
MISFITS: dict[str, tuple[dict[str, tuple[int, ...]], dict[str, Any]]] = {
    "input-with-3-channels": ({"input": (1, 3, 2, 3, 2)}, {}),
    "input-of-rank-3": ({"input": (2, 3, 2)}, {}),
    "input-of-rank-4": ({"input": (2, 2, 3, 2)}, {}),
    "input-of-rank-6": ({"input": (1, 1, 2, 2, 3, 2)}, {}),
    "input-without-voxels": ({"input": (1, 2, 0, 3, 2)}, {}),
    "input-float64": ({}, {"input_dtype": "float64"}),
}
MISFITS_FUNCTION: dict[str, tuple[dict[str, tuple[int, ...]], dict[str, Any]]] = {
    "weight-of-rank-4": ({"weight": (2, 4, 3, 3)}, {}),
    "weight-of-rank-6": ({"weight": (1, 2, 4, 3, 3, 3)}, {}),
    "weight-with-3-channels": ({"weight": (3, 4, 3, 3, 3)}, {}),
    "bias-of-3": ({"bias": (3,)}, {}),
    "bias-of-1": ({"bias": (1,)}, {}),
    "bias-of-rank-2": ({"bias": (4, 1)}, {}),
}

# Layers with some thousand weights, whose distribution is recorded.
DRAWN: dict[str, dict[str, Any]] = {
    "dense": {"in_channels": 16, "out_channels": 256, "kernel_size": 3},
    "narrow": {"in_channels": 256, "out_channels": 96, "kernel_size": 1},
    "wide-kernel": {"in_channels": 4, "out_channels": 64, "kernel_size": 5, "stride": 2},
    "non-cubic": {"in_channels": 24, "out_channels": 128, "kernel_size": (1, 3, 5)},
    "groups-4": {"in_channels": 64, "out_channels": 128, "kernel_size": 3, "groups": 4},
    "depthwise": {"in_channels": 384, "out_channels": 384, "kernel_size": 3, "groups": 384},
    "without-bias": {"in_channels": 32, "out_channels": 64, "kernel_size": 2, "bias": False},
}


def requests(framework: str, seed: int = 0) -> Iterator[Request]:
    """Yield everything that a framework is asked, in both forms.

    Args:
        framework: as `recorder.py` calls it.
        seed: added to the seed of every case. Default: 0.

    >>> len(list(requests("megengine"))) > 150
    True
    """
    for form in FORMS:
        for case in OPTIONS:
            yield from _values(framework, form, case.replace(seed=case.seed + seed), "integers")
        for place, (name, row) in enumerate(TINY.items()):
            tiny = Case(id=f"tiny/{name}", source="vectors", seed=1000 + place + seed, **{**BASE, **TINY_SIZE, **row})
            for data in DATA if form == "layer" else DATA[1:]:
                yield from _values(framework, form, tiny, data)
        yield from _edges(framework, form, seed)
    if framework == "fluid":
        # its default is neither True nor False
        default = Case(id="bias/default", source="vectors", seed=seed, **{**BASE, **TINY_SIZE})
        call = {name: value for name, value in spelling("fluid", "layer", default).items() if name != "bias"}
        yield Request("layer/bias/default/integers", default, call)
    for place, (name, row) in enumerate(DRAWN.items()):
        case = Case(id=name, source="vectors", input_size=1, seed=seed, **row)
        call = {**spelling(framework, "layer", case), "parameter_seed": 2000 + place + seed}
        yield Request(f"layer/drawn/{name}", case, call, given=(), initial=True)


def spelling(framework: str, form: str, case: Case) -> dict[str, Any]:
    """Return the call of a case as `recorder.py` takes it: what a framework lacks is left in, for it to refuse."""
    call = {"form": form, **{name: value for name, value in case.stated().items() if name not in NOT_IN_A_CALL}}
    # fluid's layer adds a bias only if it is asked for
    if not case.bias or framework == "fluid":
        call["bias"] = case.bias
    return call


def _values(framework: str, form: str, case: Case, data: Data) -> Iterator[Request]:
    if case.dtype in DTYPES[framework]:
        yield Request(f"{form}/{case.id}/{data}", case.replace(data=data), spelling(framework, form, case))


def _edges(framework: str, form: str, seed: int) -> Iterator[Request]:
    legal = Case(
        id="legal",
        source="vectors",
        in_channels=2,
        out_channels=4,
        kernel_size=3,
        stride=2,
        padding=1,
        input_size=(2, 3, 2),
        batch=1,
        seed=3000 + seed,
    )
    call = spelling(framework, form, legal)
    reshaping = WRONG_LAYER if form == "layer" else {}
    drawn: tuple[str, ...] = ("input", "grad_output")
    makes_its_own = form == "layer" or framework == "fluid"
    for name, changes in (WRONG | reshaping).items():
        if name in RACES.get(framework, ()):
            continue
        # changed groups change the parameters
        given = drawn if makes_its_own and (name in WRONG_LAYER or "groups" in changes) else OPERANDS
        yield Request(f"{form}/edge/{name}", legal, {**call, **changes}, given=given)
    for name, (shapes, changes) in (MISFITS | ({} if makes_its_own else MISFITS_FUNCTION)).items():
        # fluid's function makes parameters that fit the input
        given = ("input",) if framework == "fluid" and form == "functional" else OPERANDS
        yield Request(f"{form}/edge/{name}", legal, {**call, **changes}, shapes, given)
