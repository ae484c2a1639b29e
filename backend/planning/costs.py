"""Predicted times: what a way to compute a case does, at the rates of the machine, times coefficients that were fitted.

Each way counts its parts, products, passes over memory and calls, in seconds at full rate (`Counts`). How many times
that long each part takes is in `coefficients.json`, which `python -m fourfold.compat.bench.fit` makes of the recorded
times in `measured.json`. What is written here is counting only.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch

from ..execution.geometry import window
from . import faults
from .rates import Rates, rates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..algorithms import Way
    from .case import Case

COEFFICIENTS = Path(__file__).with_name("coefficients.json")
VECTOR = 16  # channels that oneDNN computes at once
CACHED = 24e6  # bytes of a result beyond which it leaves the caches
TAPS_IN_BLOCKS = 512  # taps of a kernel beyond which oneDNN does not compute groups in blocks
TINY = 2e6  # multiplications up to which calls are what takes the time
MEASURED = 2e8  # multiplications from which on a call is planned by the rates of this machine, which that measures
WORTH = 1.2  # times the rate of float32 from which on bfloat16 operands are multiplied as they are
_NO_BLOCKS = 20480  # of in_channels * D * H: up to there torch does not call oneDNN at all
_SMALL_KERNEL = 3  # taps along H and W up to which that is so


class Counts(NamedTuple):
    """What a way to compute a case consists of.

    Attributes:
        regime: which coefficients hold, from the general to the special: `native/grouped/contiguous`.
        parts: seconds of each part at full rate, by name.
    """

    regime: str
    parts: Mapping[str, float]


def predicted(counts: Counts) -> float:
    """Return the seconds of all parts."""
    coefficients = _coefficients(counts.regime)
    return sum(coefficients.get(name, 0.0) * seconds for name, seconds in counts.parts.items())


@lru_cache(maxsize=256)
def _coefficients(regime: str) -> Mapping[str, float]:
    """Return the coefficients of a regime, or of the narrowest that it belongs to."""
    while regime not in _table() and "/" in regime:
        regime = regime.rpartition("/")[0]
    found: Mapping[str, float] = _table()[regime]["coefficients"]
    return found


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    table: Mapping[str, Mapping[str, Mapping[str, float]]] = json.loads(COEFFICIENTS.read_bytes())
    return table


def seconds(way: Way, case: Case) -> float:
    """Return the predicted seconds of an algorithm or a gradient."""
    return _seconds(way, case, rates_of(case))


@lru_cache(maxsize=8192)
def _seconds(way: Way, case: Case, _: Rates) -> float:
    return predicted(way.counts(case))


def rates_of(case: Case) -> Rates:
    """Return the rates that a case is planned by: small ones by the shipped table, always."""
    return rates(large=case.products >= MEASURED)


def operands(case: Case, product: str) -> torch.dtype:
    """Return the dtype of operands whose products in bfloat16 have the rate of that name: bfloat16 where that pays."""
    if case.dtype is not torch.bfloat16 or case.gpu is not None:
        return case.sums_in
    found = rates_of(case)
    return case.dtype if getattr(found, product) > WORTH * found.product else case.sums_in


def products(case: Case, product: str = "product") -> float:
    """Seconds of the definition's multiplications in matrix products at full speed.

    Args:
        case: what is computed.
        product: the name of the rate in bfloat16, where that pays.
    """
    narrow = product != "product" and operands(case, product) is torch.bfloat16
    name = product if narrow else "double" if case.sums_in is torch.float64 else "product"
    rate: float = getattr(rates_of(case), name)
    return case.products / (rate * case.threads)


def convolved(case: Case, least: float = VECTOR, operands: torch.dtype | None = None) -> float:
    """Seconds of the multiplications that oneDNN computes: channels that do not fill its vectors cost as if they did.

    Few input channels cost at most `least` times what they need.
    """
    spec = case.spec

    def filled(channels: int) -> float:
        return -(-channels // VECTOR) * VECTOR / channels

    found = rates_of(case)
    work = case.products / ((found.bfloat16 if operands is torch.bfloat16 else found.onednn) * case.threads)
    return work * filled(spec.out_channels // spec.groups) * min(filled(spec.in_channels // spec.groups), least)


def written(case: Case, numbers: float) -> float:
    """Seconds to write so many numbers."""
    return numbers * case.sums_in.itemsize / (rates_of(case).write * case.threads)


def passes(case: Case) -> float:
    """Seconds to write the output once."""
    return written(case, case.output_voxels * case.spec.out_channels)


def weights(case: Case) -> float:
    """Seconds to write the weight once."""
    return written(case, math.prod(case.spec.weight_shape))


def read(case: Case) -> float:
    """Seconds to write the input once."""
    return written(case, case.input_voxels * case.spec.in_channels)


def calls(case: Case, number: float) -> float:
    """Seconds of so many steps: a torch operator on a view, and the Python around it."""
    return number * rates_of(case).call


def multiplied(seconds: float, case: Case, terms: float, rows: float) -> dict[str, float]:
    """Return the parts of matrix products: with few terms per sum, few rows, or few columns they take longer."""
    return {
        "products": seconds,
        "products per term": seconds / terms,
        "products per row": seconds / rows,
        "products per voxel": seconds / max(1, case.input_voxels),
    }


def slabs(case: Case, workspace: float, size: int) -> float:
    """Slabs that a case is split into, about."""
    return 1 + case.output_voxels * workspace / size


def halo(case: Case, workspace: float, size: int) -> float:
    """How many times an input plane is computed, because slabs of the output share it."""
    spec = case.spec
    depth, height, width = spec.output_size(case.size)
    planes = max(spec.stride[0], size // max(1, int(workspace)) // (height * width))
    shared = max(0, spec.dilation[0] * (spec.kernel_size[0] - 1) + 1 - spec.stride[0])
    return 1.0 if planes >= depth else 1 + shared / planes


def interleaved(case: Case) -> dict[str, float]:
    """Return the part of writing the phases of the output in their places: how depends on the rows."""
    step, width = case.spec.stride[2], case.spec.output_size(case.size)[2]
    if case.channels_last:
        kind = "along channels"
    elif math.prod(case.spec.stride) == 1:
        kind = "as they are"
    elif step == 1:
        kind = "whole rows"
    else:
        kind = f"{'ragged' if width % step else 'even'} by {step if step < 5 else 'more'}"  # joined up to 4
    return {f"rows {kind}": passes(case), "short rows": passes(case) / case.size[2]}


def dtype_of(case: Case, operands: torch.dtype | None = None) -> str:
    """Name the dtype of the sums, or bfloat16 where operands are so."""
    if operands is torch.bfloat16:
        return "bfloat16"
    return "float64" if case.sums_in is torch.float64 else "float32" if case.sums_in is torch.float32 else "other"


def layout_of(case: Case) -> str:
    """Name the memory layout."""
    return "channels_last" if case.channels_last else "contiguous"


def is_whole(case: Case) -> bool:
    """Whether the output's sizes are multiples of the stride: oneDNN has other code then."""
    sizes = case.spec.output_size(case.size)
    return all(length % step == 0 for length, step in zip(sizes, case.spec.stride, strict=True))


def is_depthwise(case: Case) -> bool:
    """Whether every channel is convolved by itself."""
    return case.spec.groups == case.spec.in_channels == case.spec.out_channels > 1


def is_buffered(case: Case) -> bool:
    """Whether torch's own operator multiplies column buffers: in float32 small volumes never reach oneDNN."""
    spec = case.spec
    large = spec.in_channels * case.size[0] * case.size[1] > _NO_BLOCKS
    return not (large or case.batch > 1 or spec.groups > 1 or min(spec.kernel_size[1:]) > _SMALL_KERNEL)


def columns(case: Case) -> int:
    """Elements of a column buffer; none where the input as it lies is one."""
    if math.prod(case.spec.kernel_size) == math.prod(case.spec.stride) == 1:
        return 0
    return case.input_voxels * case.spec.out_channels * math.prod(case.spec.kernel_size)


def cast(case: Case, operands: torch.dtype | None = None) -> float:
    """Seconds to cast half precisions, operands and result."""
    return 0.0 if case.dtype in (case.sums_in, operands) else read(case) + passes(case)


def kind_of(case: Case) -> str:
    """Name the code of torch's that a case runs: by groups, by the kernel and by what fills its blocks."""
    spec = case.spec
    if is_buffered(case):
        return "buffered"
    depth, width = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    if spec.groups == 1:
        thin = "few out" if width < VECTOR // 4 else "few in" if depth < VECTOR // 4 else "plain"
        kind = "one column" if case.size[2] == 1 == width else thin
    elif depth == width == 1:
        kind = "depthwise"
    elif math.prod(spec.kernel_size) > TAPS_IN_BLOCKS:
        kind = "large groups"
    elif depth % VECTOR == 0 == width % VECTOR:
        kind = "groups in blocks"
    else:
        kind = "groups"
    return f"dilated {kind}" if max(spec.dilation) > 1 else kind


def convolution(case: Case, least: float = VECTOR, operands: torch.dtype | None = None) -> dict[str, float]:
    """Return the parts that every convolution of oneDNN's has: products, slower in short rows; passes; the weight."""
    work, whole = convolved(case, least, operands), passes(case)
    large = case.output_voxels * case.spec.out_channels * case.sums_in.itemsize > CACHED
    return {
        "calls": calls(case, 1),
        "convolved": work,
        "convolved, short rows": work / case.size[2] ** 2,
        "passes": whole,
        "passes beyond the caches": whole if large else 0.0,
        "passes, ragged": 0.0 if is_whole(case) else whole,
        "weights": weights(case),
        "cast": cast(case, operands),
    }


def buffered(case: Case) -> dict[str, float]:
    """Return the parts of torch's code with column buffers."""
    buffer = written(case, columns(case))
    large = columns(case) * case.sums_in.itemsize > CACHED
    return {
        "calls": calls(case, 1),
        "products": products(case),
        "products per voxel": products(case) / max(1, case.input_voxels),
        "columns": buffer,
        "columns beyond the caches": buffer if large else 0.0,
        "passes": passes(case),
        "weights": weights(case),
        "cast": cast(case),
    }


def native_operands(case: Case) -> torch.dtype:
    """Return the dtype of the operands of torch's own operator, forward."""
    right = faults.rounds_once(window(case.spec), case.spec.dilation)
    return operands(case, "bfloat16") if right else case.sums_in


def native(case: Case) -> Counts:
    """Count torch's own operator."""
    if native_operands(case) is torch.bfloat16:
        kind = kind_of(case).replace("buffered", "plain")
        return Counts(f"native/bfloat16/{kind}", convolution(case, operands=torch.bfloat16))
    if case.sums_in is not torch.float32:
        return Counts(f"native/{dtype_of(case)}/{layout_of(case)}", buffered(case))
    kind = kind_of(case)
    if kind.endswith("buffered"):
        return Counts(f"native/{kind}/{layout_of(case)}", buffered(case))
    if case.products < TINY:
        return Counts("native/tiny", convolution(case))
    apart = "apart" if case.spec.kernel_size == case.spec.stride else "overlapping"
    return Counts(f"native/{kind}/{layout_of(case)}/{apart}", convolution(case))


def native_gradient(case: Case) -> Counts:
    """Count torch's own backward operator."""
    if case.input_voxels == case.batch and not is_depthwise(case):
        return Counts(f"gradient native/voxel/{layout_of(case)}", buffered(case))
    if case.sums_in is not torch.float32:
        return Counts(f"gradient native/{dtype_of(case)}/{layout_of(case)}", buffered(case))
    kind = kind_of(case)
    if case.products < TINY:
        return Counts("gradient native/tiny", convolution(case))
    parts = {**convolution(case), **buffered(case)} if kind.endswith("buffered") else convolution(case)
    return Counts(f"gradient native/{kind}/{layout_of(case)}/{few_of(case)}", parts)


def few_of(case: Case) -> str:
    """Name what the channels of a group leave of oneDNN's vectors in gradients."""
    depth, width = (number // case.spec.groups for number in (case.spec.in_channels, case.spec.out_channels))
    if depth < VECTOR // 2:
        return "few in" if depth < VECTOR // 4 else "half in"
    return "few out" if width < VECTOR // 4 else "full" if width % VECTOR == 0 else "odd"
