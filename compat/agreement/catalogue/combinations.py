"""Combinations of options, generated: every kernel with every stride, padding, dilation and kind of groups.

What multiplies too fast (output padding or output size, bias, batch, input size) goes round instead, each with a
period of its own, so that every value of one meets every value of the others. An id spells its row:
`combination/k3.s2.p1.d1.g2.o1.nobias` has kernel 3, stride 2, padding 1, dilation 1, 2 groups, output padding 1.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from ..cases import Case
from .workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator

KERNELS = {"k1": 1, "k2": 2, "k3": 3, "k4": 4, "k132": (1, 3, 2)}
STRIDES = {"s1": 1, "s2": 2, "s3": 3, "s123": (1, 2, 3)}
PADDINGS = {"p0": 0, "p1": 1, "p012": (0, 1, 2)}
DILATIONS = {"d1": 1, "d2": 2}
GROUPS = {"g1": (2, 3, 1), "g2": (4, 2, 2), "g3": (3, 3, 3)}

# One below the stride is the most that every API takes; `size` asks for the same by output_size.
EXTRAS = ("o0", "o1", "size")
BATCHES = (1, 2, 1, 1, 3)
SIZES = ((2, 3, 4), (3, 2, 5), (4, 4, 2), (1, 5, 3), (5, 3, 1), (3, 3, 3), (2, 1, 7))

# Sizes that no tile and no vector divides; channels one above and one below a power of two.
ODD_SIZES = ((1, 1, 1), (1, 1, 31), (17, 1, 1), (1, 13, 2), (7, 5, 3), (2, 2, 33), (9, 1, 8), (3, 11, 1))
ODD_CHANNELS = ((1, 1), (1, 17), (15, 1), (7, 9), (33, 3))

# dtypes beside float32; each on the same short list of operators.
OTHER_DTYPES = ("float64", "float16", "bfloat16", "complex64", "complex128")
OPERATORS: dict[str, dict[str, Any]] = {
    "k2s2": {"kernel_size": 2, "stride": 2},
    "k3": {"kernel_size": 3},
    "k3s2p1o1": {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
    # four channels times its 64 taps, plus the bias, are more ones than bfloat16 can count
    "k4s2p1": {"kernel_size": 4, "stride": 2, "padding": 1, "in_channels": 3, "out_channels": 3},
    "k132s123": {"kernel_size": (1, 3, 2), "stride": (1, 2, 3)},
    "k3d2": {"kernel_size": 3, "dilation": 2, "padding": 1},
    "k2s2g2": {"kernel_size": 2, "stride": 2, "groups": 2},
    "k3g4nobias": {"kernel_size": 3, "groups": 4, "bias": False},
    "k3.asymmetric": {"kernel_size": 3, "stride": 2, "padding": ((0, 1), (1, 0), (1, 1))},
    "k3.same.ndhwc": {"kernel_size": 3, "stride": 2, "padding": "SAME", "data_format": "NDHWC"},
}


def combinations() -> Iterator[Case]:
    """Yield the combinations that are operators: those whose padding leaves something of the output."""
    axes: tuple[dict[str, Any], ...] = (KERNELS, STRIDES, PADDINGS, DILATIONS, GROUPS)
    for place, names in enumerate(product(*axes)):
        kernel, stride, padding, dilation, channels = (axis[name] for axis, name in zip(axes, names, strict=True))
        extra, size, bias = EXTRAS[place % 3], SIZES[place % 7], place % 4 != 3
        row: dict[str, Any] = {
            "in_channels": channels[0],
            "out_channels": channels[1],
            "groups": channels[2],
            "kernel_size": kernel,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "bias": bias,
            "batch": BATCHES[place % 5],
            "input_size": size,
        }
        name = ".".join([*names, extra, *([] if bias else ["nobias"])])
        case = Case(id=f"combination/{name}", source="combination", seed=5000 + place, **row)
        extras = tuple(step - 1 for step in case.stride)
        if extra == "o1":
            case = case.replace(output_padding=extras)
        elif extra == "size":
            least = case.geometry().output_size
            case = case.replace(output_size=tuple(a + b for a, b in zip(least, extras, strict=True)))
        if min(case.replace(output_size=None, output_padding=0).geometry().output_size) > 0:
            yield case


def odd() -> Iterator[Case]:
    """Yield odd sizes and odd channel counts, each on a plain operator and on one with a stride."""
    operators: dict[str, dict[str, Any]] = {
        "k3": {"kernel_size": 3},
        "k4s2p1": {"kernel_size": 4, "stride": 2, "padding": 1},
    }
    rows: dict[str, dict[str, Any]] = {
        "x".join(map(str, size)): {"in_channels": 2, "out_channels": 3, "input_size": size} for size in ODD_SIZES
    }
    rows |= {
        f"{ins}to{outs}": {"in_channels": ins, "out_channels": outs, "input_size": (2, 3, 2)}
        for ins, outs in ODD_CHANNELS
    }
    for place, ((name, row), (operator, options)) in enumerate(product(rows.items(), operators.items())):
        yield Case(id=f"odd/{name}.{operator}", source="odd", seed=6000 + place, batch=1, **row, **options)


def other_dtypes() -> Iterator[Case]:
    """Yield the short list of operators in every dtype but float32."""
    shape: dict[str, Any] = {"in_channels": 4, "out_channels": 4, "input_size": (2, 3, 4), "batch": 1}
    for place, (dtype, (name, row)) in enumerate(product(OTHER_DTYPES, OPERATORS.items())):
        yield Case(id=f"{dtype}/{name}", source="dtype", seed=7000 + place, dtype=dtype, **{**shape, **row})


def shrunken() -> Iterator[Case]:
    """Yield each workload with a few channels and voxels, for frameworks that are slow."""
    for place, workload in enumerate(WORKLOADS):
        case = workload.case(full=False)
        groups = min(case.groups, 4)
        channels: dict[str, Any] = {"in_channels": min(case.in_channels, 8), "out_channels": min(case.out_channels, 8)}
        size = tuple(min(length, 3) for length in case.input_size)
        yield case.replace(id=f"small/{workload.id}", groups=groups, input_size=size, seed=8000 + place, **channels)


COMBINATIONS = (*combinations(), *odd(), *other_dtypes(), *shrunken())
