"""The operands of a case: deterministic, NumPy only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .cases import Case

Array = npt.NDArray[Any]

# NumPy has no bfloat16: such operands are float32 arrays whose values bfloat16 can hold.
STORAGE = {
    "float16": np.float16,
    "bfloat16": np.float32,
    "float32": np.float32,
    "float64": np.float64,
    "complex64": np.complex64,
    "complex128": np.complex128,
}

# Bits of the significand: integers of magnitude up to 2**bits are exact.
SIGNIFICAND = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53, "complex64": 24, "complex128": 53}


class Operands(NamedTuple):
    """Arrays in torch's layout; `upstream` is the gradient that flows into the output."""

    input: Array
    weight: Array
    bias: Array | None
    upstream: Array


def operands(case: Case) -> Operands:
    """Return the operands of a case; the same ones on every machine and NumPy version.

    Integers are drawn so that no sum of absolute products leaves the range in which the dtype counts exactly:
    small values, and zeros in the upstream gradient and the input where the sums are long. Hence any order of
    summation gives the same bits.

    >>> from fourfold.compat.agreement.cases import Case
    >>> case = Case(id="demo", source="example", in_channels=1, out_channels=1, kernel_size=1, input_size=(1, 1, 4))
    >>> operands(case).weight.ravel()
    array([-1.], dtype=float32)
    """
    # RandomState, not default_rng: its streams never change (NEP 19), and recorded vectors rely on that.
    source = np.random.RandomState(case.seed)
    shapes = {
        "input": case.input_shape,
        "weight": case.weight_shape,
        "bias": (case.out_channels,),
        "upstream": tuple(max(length, 0) for length in case.output_shape),
    }
    if case.data == "integers":
        arrays = {name: _integers(source, name, shape, case) for name, shape in shapes.items()}
    else:
        arrays = {name: _normal(source, shape, case.dtype) for name, shape in shapes.items()}
    bias = arrays["bias"] if case.bias else None
    return Operands(arrays["input"], arrays["weight"], bias, arrays["upstream"])


def greatest_sum(values: Operands, groups: int) -> float:
    """Return a bound on every partial sum of the operator and its gradients, whatever the order.

    Integer data is exact in a dtype if this is at most `2**SIGNIFICAND[dtype]`.
    """
    if values.input.size == 0 or values.upstream.size == 0:
        return _largest(values.weight) if values.bias is None else _largest(values.bias)
    in_channels, out_per_group, *kernel = values.weight.shape
    taps = math.prod(kernel)
    # a complex product has two real ones in each component
    parts = 2 if np.iscomplexobj(values.input) else 1
    x, w, g = (_largest(array) for array in (values.input, values.weight, values.upstream))
    output = in_channels // groups * taps * x * w * parts + (0.0 if values.bias is None else _largest(values.bias))
    grad_input = out_per_group * taps * g * w * parts
    grad_weight = min(x * _channel_sum(values.upstream), g * _channel_sum(values.input)) * parts
    return float(max(output, grad_input, grad_weight, _channel_sum(values.upstream)))


def round_bfloat16(array: Array) -> Array:
    """Round float32 values to the nearest bfloat16, ties to even, kept in float32."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    rounded = (bits + (((bits >> 16) & 1) + np.uint32(0x7FFF))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(array), np.float32(np.nan), rounded.view(np.float32))


def _integers(source: np.random.RandomState, name: str, shape: tuple[int, ...], case: Case) -> Array:
    largest, density = _range(name, shape, case)
    storage = STORAGE[case.dtype]

    def part() -> Array:
        values = source.randint(-largest, largest + 1, size=shape, dtype=np.int8).astype(storage)
        if density < 1:
            values *= source.random_sample(shape) < density
        return values

    return part() + 1j * part() if np.issubdtype(storage, np.complexfloating) else part()


def _range(name: str, shape: tuple[int, ...], case: Case) -> tuple[int, float]:
    """Largest magnitude, and the share of entries that are not zero."""
    capacity = 2.0 ** SIGNIFICAND[case.dtype]
    terms = max(case.weight_shape[1], case.in_channels // case.groups) * math.prod(case.kernel_size)
    parts = 2 if case.dtype.startswith("complex") else 1
    # bias included in the extra term; 4 is large enough to tell errors apart and small enough for long sums
    largest = next((value for value in (4, 3, 2) if (terms + 1) * value * value * parts <= capacity), 1)
    if name in ("weight", "bias"):
        return largest, 1.0
    per_channel = math.prod(shape) // shape[-4] if math.prod(shape) else 0
    # half the capacity: the draw itself varies
    density = capacity / (2 * parts * largest * largest * max(per_channel, 1))
    return largest, min(1.0, density) if name == "upstream" else 1.0


def _normal(source: np.random.RandomState, shape: tuple[int, ...], dtype: str) -> Array:
    storage = STORAGE[dtype]
    values: Array = source.standard_normal(shape)
    if np.issubdtype(storage, np.complexfloating):
        values = values + 1j * source.standard_normal(shape)
    stored: Array = np.asarray(values, dtype=storage)
    return round_bfloat16(stored) if dtype == "bfloat16" else stored


def _largest(array: Array) -> float:
    if np.iscomplexobj(array):
        return max(_largest(array.real), _largest(array.imag))
    return float(np.abs(array).max(initial=0))


def _channel_sum(array: Array) -> float:
    """Greatest sum of magnitudes over one channel."""
    if np.iscomplexobj(array):
        return max(_channel_sum(array.real), _channel_sum(array.imag))
    others = tuple(axis for axis in range(array.ndim) if axis != array.ndim - 4)
    return float(np.abs(array).sum(axis=others, dtype=np.float64).max(initial=0))
