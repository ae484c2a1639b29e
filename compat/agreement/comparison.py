"""Compare two results, element by element, and give a verdict. Never by a bare relative tolerance."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .formats import FORMATS

if TYPE_CHECKING:
    from .formats import Format

Array = npt.NDArray[Any]

# Place in a histogram of distances that are infinite; 2**64 is the greatest other one.
LAST = 65

# Elements compared at a time: bounds the temporaries.
BLOCK = 1 << 20


class Verdict(str, Enum):
    """How two results relate."""

    IDENTICAL = "identical"
    WITHIN_ROUNDING = "within rounding"
    DIFFERENT = "different"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Outcome for one pair of arrays.

    Attributes:
        verdict: `refused` is never the outcome of comparing values; a run sets it where a subject raised.
        elements: how many were compared.
        differing: how many are not the same value.
        opposite_zeros: how many are zeros of opposite sign, where that is tolerated.
        max_abs: greatest |actual - expected|; infinite where one of the two is not finite and the other differs.
        max_ulp: greatest distance in ULP, infinite likewise.
        max_eps: greatest |actual - expected| in units of eps * magnitude, or None where no magnitude was given.
        of_bound: greatest |actual - expected| as a share of its bound, at most 1 where it is within rounding, or None
            where no bound was given.
        index: of the worst element (by `of_bound` if there is one, else by `max_ulp`), or None if none differs.
        actual: the value there, as text.
        expected: the value there, as text.
        reason: why, where it is not about values.
        histogram: elements by distance in ULP: at 0, at 1, up to 3, 7, 15, ... ; infinite ones are last, at `LAST`.
    """

    verdict: Verdict
    elements: int = 0
    differing: int = 0
    opposite_zeros: int = 0
    max_abs: float = 0.0
    max_ulp: float = 0
    max_eps: float | None = None
    of_bound: float | None = None
    index: tuple[int, ...] | None = None
    actual: str | None = None
    expected: str | None = None
    reason: str | None = None
    histogram: tuple[int, ...] = field(default=(), compare=False)

    @property
    def ok(self) -> bool:
        """Whether the verdict is `identical` or `within rounding`."""
        return self.verdict in (Verdict.IDENTICAL, Verdict.WITHIN_ROUNDING)

    def __str__(self) -> str:
        if self.reason is not None:
            return f"{self.verdict.value}: {self.reason}"
        if self.index is None:
            return self.verdict.value
        eps = "" if self.max_eps is None else f", {self.max_eps:.3g} eps"
        times = "times" if self.of_bound is not None and self.of_bound > 1 else "of"
        share = "" if self.of_bound is None else f", {self.of_bound:.3g} {times} the bound"
        return (
            f"{self.verdict.value}: {self.differing} of {self.elements} differ, worst at {self.index}: "
            f"{self.actual} for {self.expected}, at most {self.max_ulp:g} ULP, {self.max_abs:.3g} absolute{eps}{share}"
        )


def compare(
    actual: Array,
    expected: Array,
    dtype: str,
    *,
    limit: Array | None = None,
    magnitude: Array | None = None,
    opposite_zeros: bool = False,
) -> Comparison:
    """Compare two arrays of one dtype.

    NaN equals NaN, and an infinity the same infinity; where only one of two elements is finite, or they are
    different infinities, they differ and no bound excuses it.

    Args:
        actual: values of `dtype`.
        expected: values of `dtype` or of a wider type (the definition); then they are rounded for the verdict
            `identical` and for distances in ULP, and not for the bound.
        dtype: a key of `FORMATS`.
        limit: how far two elements may lie apart (see `rounding.limit`): it permits `within rounding`. Default: None,
            only equality will do.
        magnitude: |x| * |w| + |b|, or the like for a gradient: the operator on absolute values, in eps of which the
            difference is told. Default: None.
        opposite_zeros: whether 0.0 and -0.0 count as the same value. Default: False.

    Example:
        >>> import numpy as np
        >>> one = np.ones(3, np.float32)
        >>> print(compare(one, np.nextafter(one, np.float32(2)), "float32"))
        different: 3 of 3 differ, worst at (0,): 1.0 for 1.0000001, at most 1 ULP, 1.19e-07 absolute
        >>> compare(one, np.nextafter(one, np.float32(2)), "float32", limit=one / 2**23).verdict.value
        'within rounding'
    """
    if actual.shape != expected.shape:
        return Comparison(Verdict.DIFFERENT, reason=f"shape {actual.shape} for {expected.shape}")
    kind = FORMATS[dtype]
    if actual.dtype != kind.storage:
        return Comparison(Verdict.DIFFERENT, reason=f"dtype {actual.dtype} for {np.dtype(kind.storage)}")
    shape = actual.shape
    flat = (np.ascontiguousarray(actual).reshape(-1), np.ascontiguousarray(expected).reshape(-1))
    allowed, scale = (None if one is None else np.ascontiguousarray(one).reshape(-1) for one in (limit, magnitude))
    worst = _Worst()
    for start in range(0, flat[0].size, BLOCK):
        part = slice(start, start + BLOCK)
        bounds = (None if one is None else one[part] for one in (allowed, scale))
        block = _Block(flat[0][part], flat[1][part], next(bounds), next(bounds), kind)
        worst.add(start, block, opposite_zeros)
    return worst.result(flat, shape, bounded=limit is not None, scaled=magnitude is not None)


class _Block:
    """The element-wise facts of one block."""

    def __init__(
        self, actual: Array, expected: Array, limit: Array | None, magnitude: Array | None, kind: Format
    ) -> None:
        rounded = kind.round(expected)
        left, right = kind.parts(actual), kind.parts(rounded)
        both_nan = np.isnan(left) & np.isnan(right)
        self.equal = ((left == right) | both_nan).all(axis=-1)
        self.same_signs = ((np.signbit(left) == np.signbit(right)) | both_nan).all(axis=-1)
        # equal elements may be infinite, and no other infinity has a meaningful difference
        finite = (np.isfinite(left) & np.isfinite(right)).all(axis=-1)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            error = np.abs(actual.astype(kind.wide) - expected.astype(kind.wide)).astype(np.float64)
            self.error = np.where(finite, error, np.where(self.equal, 0.0, math.inf))
            ulp = kind.ulp_distance(actual, rounded).astype(np.float64)
            self.ulp = np.where(finite, ulp, np.where(self.equal, 0.0, math.inf))
        self.share = None if limit is None else _ratio(self.error, limit.astype(np.float64))
        self.eps = None if magnitude is None else _ratio(self.error, kind.eps * np.abs(magnitude).astype(np.float64))


def _ratio(error: Array, scale: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        ratio = error / scale
    # a scale of NaN bounds nothing
    found: Array = np.where(error == 0, 0.0, np.where(np.isnan(ratio), math.inf, ratio))
    return found


class _Worst:
    """Running totals over blocks."""

    def __init__(self) -> None:
        self.differing = self.opposite_zeros = 0
        self.max_abs = self.max_ulp = self.max_eps = self.of_bound = 0.0
        self.histogram = np.zeros(LAST + 1, np.int64)
        self.position: int | None = None
        self._rank = -1.0

    def add(self, start: int, block: _Block, opposite_zeros: bool) -> None:
        same = block.equal if opposite_zeros else block.equal & block.same_signs
        self.opposite_zeros += int((block.equal & ~block.same_signs).sum()) if opposite_zeros else 0
        self.differing += int((~same).sum())
        self.max_abs = max(self.max_abs, float(block.error.max(initial=0.0)))
        self.max_ulp = max(self.max_ulp, float(block.ulp.max(initial=0.0)))
        # 0 -> 0, 1 -> 1, 2 and 3 -> 2, 4 to 7 -> 3, ...
        place = np.where(np.isfinite(block.ulp), np.frexp(np.where(np.isfinite(block.ulp), block.ulp, 0))[1], LAST)
        self.histogram += np.bincount(np.minimum(place, LAST), minlength=LAST + 1)
        if block.eps is not None:
            self.max_eps = max(self.max_eps, float(block.eps.max(initial=0.0)))
        if block.share is not None:
            self.of_bound = max(self.of_bound, float(block.share.max(initial=0.0)))
        if not same.all():
            rank = np.where(same, -1.0, block.ulp if block.share is None else block.share)
            worst = int(rank.argmax())
            if rank[worst] > self._rank:
                self._rank, self.position = float(rank[worst]), start + worst

    def result(self, flat: tuple[Array, Array], shape: tuple[int, ...], *, bounded: bool, scaled: bool) -> Comparison:
        verdict = Verdict.DIFFERENT
        if self.differing == 0:
            verdict = Verdict.IDENTICAL
        elif bounded and self.of_bound <= 1:
            verdict = Verdict.WITHIN_ROUNDING
        index = actual = expected = None
        if self.position is not None:
            index = tuple(int(axis) for axis in np.unravel_index(self.position, shape))
            actual, expected = (str(side[self.position]) for side in flat)
        return Comparison(
            verdict,
            elements=flat[0].size,
            differing=self.differing,
            opposite_zeros=self.opposite_zeros,
            max_abs=self.max_abs,
            max_ulp=self.max_ulp,
            max_eps=self.max_eps if scaled else None,
            of_bound=self.of_bound if bounded else None,
            index=index,
            actual=actual,
            expected=expected,
            histogram=tuple(np.trim_zeros(self.histogram, "b").tolist()),
        )
