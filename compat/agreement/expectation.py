"""What a case should give, and how far rounding may take it from there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from .comparison import compare
from .data import Operands
from .definition import Values, evaluate
from .formats import FORMATS
from .rounding import Sums, limit

if TYPE_CHECKING:
    from .cases import Case
    from .comparison import Comparison
    from .data import Array

Quantity: TypeAlias = Literal["output", "grad_input", "grad_weight", "grad_bias"]

QUANTITIES: tuple[Quantity, ...] = ("output", "grad_input", "grad_weight", "grad_bias")

# Products up to which the definition is evaluated in long double: NumPy has no fast matrix product for it.
PRECISE = 2e7

EXTENDED: dict[str, type[Any]] = {"float64": np.longdouble, "complex128": np.clongdouble}


def define(case: Case, values: Operands) -> Values:
    """Evaluate the definition on the operands of a case, in more bits than its dtype has where that is affordable."""
    return _evaluate(case, values, EXTENDED.get(case.dtype) if _is_affordable(case) else None)


def sums(case: Case, values: Operands) -> dict[Quantity, Sums]:
    """Return what is added up in the output and the gradients of a case, from its drawn operands."""
    # magnitudes of single precision are precise enough, and those of double have its range
    dtype = np.float64 if case.dtype in EXTENDED else np.float32
    sizes = Operands(*(None if array is None else np.abs(array) for array in values))  # type: ignore[arg-type]
    wide = (None if array is None else array.astype(np.float64) ** 2 for array in sizes)
    magnitudes, squares = _evaluate(case, sizes, None), _evaluate(case, Operands(*wide), None)  # type: ignore[arg-type]
    counted = terms(case)
    # what torch may store in half precisions: sums of a tap, and of a volume for the gradients of weight and bias
    volumes = np.array(1.0 if case.batch is None else float(case.batch))
    stored = terms(case.replace(in_channels=1, out_channels=1, groups=1))
    stored = stored._replace(grad_weight=volumes, grad_bias=volumes)
    found: dict[Quantity, Sums] = {}
    for quantity in QUANTITIES:
        magnitude = getattr(magnitudes, quantity)
        if magnitude is not None:
            # a square that is too large for single precision bounds nothing
            with np.errstate(over="ignore"):
                square = getattr(squares, quantity).astype(dtype)
            found[quantity] = Sums(
                getattr(counted, quantity), magnitude.astype(dtype), square, getattr(stored, quantity)
            )
    return found


def terms(case: Case) -> Values:
    """Count the terms of each sum, the bias included, in arrays that broadcast to the quantities' shapes.

    >>> from fourfold.compat.agreement.cases import Case
    >>> case = Case(
    ...     id="demo", source="example", in_channels=2, out_channels=3, kernel_size=(1, 1, 2), input_size=(1, 1, 3)
    ... )
    >>> [array.ravel().tolist() for array in terms(case)]
    [[3.0, 5.0, 5.0, 3.0], [6.0, 6.0, 6.0], [6.0, 6.0], [8.0]]
    """
    geometry = case.geometry()
    leading = () if case.batch is None else (1,)
    batch = 1 if case.batch is None else case.batch
    # one channel and one volume say how many taps and voxels meet
    ones = Operands(
        np.ones((*leading, 1, *case.input_size)),
        np.ones((1, 1, *case.kernel_size)),
        None,
        np.ones((*leading, 1, *geometry.output_size)),
    )
    output, of_input, of_weight, _ = evaluate(
        *ones, stride=geometry.stride, padding=geometry.padding, dilation=geometry.dilation
    )
    return Values(
        output * (case.in_channels // case.groups) + int(case.bias),
        of_input * (case.out_channels // case.groups),
        of_weight * batch,
        np.array([float(batch * math.prod(geometry.output_size))]),
    )


def judge(
    case: Case,
    added: Sums | None,
    actual: Array,
    expected: Array,
    *,
    defined: bool = False,
    stored: bool = False,
) -> Comparison:
    """Compare a result of a case with what it should be.

    Args:
        case: of both.
        added: what is added up, of drawn normal numbers; None demands equality, of integers.
        actual: the result.
        expected: another result, or what `define` gives. Which of the two zeros a sum gives is a matter of its order.
        defined: whether it is the definition's. Default: False.
        stored: whether the result is torch's or the engine's, which add up in single precision. Default: False.
    """
    if added is None or not actual.shape == expected.shape == added.magnitude.shape:
        return compare(actual, expected, case.dtype, opposite_zeros=True)
    bound = bound_of(case, added if stored else added._replace(stored=None), expected, defined=defined)
    return compare(actual, expected, case.dtype, limit=bound, magnitude=added.magnitude, opposite_zeros=True)


def bound_of(case: Case, added: Sums, expected: Array, *, defined: bool) -> Array:
    """Return how far rounding may take a result from another, or from the definition, which has more bits."""
    exact = defined and (case.dtype not in EXTENDED or _is_affordable(case))
    return limit(added, expected, FORMATS[case.dtype], sides=1 if exact else 2)


def _is_affordable(case: Case) -> bool:
    return case.data == "normal" and case.multiplications <= PRECISE


def _evaluate(case: Case, values: Operands, dtype: type[Any] | None) -> Values:
    geometry = case.geometry()
    return evaluate(
        *values,
        stride=geometry.stride,
        padding=geometry.padding,
        dilation=geometry.dilation,
        groups=case.groups,
        dtype=dtype,
    )
