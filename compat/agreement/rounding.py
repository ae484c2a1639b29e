"""How far rounding may take a sum of products: the one bound that every comparison here goes by.

**What rounds.** A sum of n terms, products and perhaps a bias, is added up in some order, which nobody promises: one by
one, by taps, in blocks, as a tree. Each addition gives a partial sum s, the exact sum of some of the terms, up to a
rounding d * s; each product t, where it is not fused with its addition, up to d * t. To first order the result errs by
the sum of all d * s and d * t, where |d| <= u = eps / 2.

**How large partial sums are.** Let M be the sum of the terms' absolute values, |x| * |w| + |b|, and S the result. Some
terms add up to s, the others to S - s, and |s| + |S - s| <= M. Hence |s| <= (M + |S|) / 2, in any order. n - 1
additions and n products, which together are at most as large as two partial sums, thus count as r = n + 1 roundings of
one of (M + |S|) / 2. Two computed results err apart, as one with 2 r roundings.

**Never more than** r u (M + |S|) / 2: the triangle inequality. It is the smallest bound for sums of few terms.

**Hardly ever more than** LAMBDA * sqrt(r / 3) * u * (M + |S|) / 2. Take the d as independent, with mean 0, and no
wider than if they were uniform, so that their variances are u^2 / 3. The sum is then sub-Gaussian with the sum of
the variances (Azuma, Hoeffding), and P(|error| > l * deviation) <= 2 exp(-l^2 / 2). That is theorem 2.4 of Higham and
Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41 (2019), for any order of
summation.

**Nor, where the terms' signs are random,** more than CHAOS * sqrt(r / 3) * u * sqrt(T), where T is the sum of the
squares of the terms. This is so for drawn data: positive and negative values are equally likely, and no two terms of a
sum share both their factors. Partial sums are then random walks, of about sqrt(T), which is M / sqrt(n), and the bound
no longer grows with n, as Higham and Mary found ("Sharper probabilistic backward error analysis for basic linear
algebra kernels with random data", SIAM J. Sci. Comput. 42 (2020)). The error is a sum of d * e * |t| over all pairs of
a rounding d and a term t, with the sign e, that is in its partial sum. Given the signs it is sub-Gaussian; the mean
over the signs of exp(h * error) is at most that over standard normal numbers in their place, which is a product of
(1 - h^2 m u^2 / 3)^(-1/2) over the eigenvalues m of a matrix with the trace r T at most: at most
(1 - h^2 r T u^2 / 3)^(-1/2). Markov's inequality with h^2 r T u^2 / 3 = 1 - 1 / (2 L) gives the tail exp(-L) for CHAOS.

The smallest of the three is the bound. Each of the last two fails for one element with a probability of less than
ODDS / 2, if roundings are as assumed. They are not where many terms are one and the same number, so that roundings
repeat, nor in arithmetic that truncates; and transforms (Fourier, Winograd) round what is no partial sum.

**Half precisions** are coarse, and long sums of them lose what is small. torch and the engine add up channels, and the
voxels of a volume, in single precision, and store at most the sum of each tap, or of each volume of a batch, in the
half one: for them, only these count as terms of it, and the rest is a sum in single precision.

Below the normal numbers a rounding errs by half the smallest number: that is added for each.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .formats import FORMATS

if TYPE_CHECKING:
    from .formats import Format

Array = npt.NDArray[Any]

# The probability that an element whose rounding errors are as assumed lies outside its bound, at most. A run over 10^9
# elements then fails by chance once in a thousand times, at most: partial sums are hardly ever as large as assumed.
ODDS = 1e-12
# two signs of the error, and two bounds of which the smaller is taken
_L = math.log(4 / ODDS)
LAMBDA = math.sqrt(2 * _L)
CHAOS = (_L + math.log(2 * _L) / 2) / math.sqrt(1 - 1 / (2 * _L))
# A product of complex numbers has four real products, or three with sums of their factors in place of them.
COMPLEX = 4

SINGLE = FORMATS["float32"]

# Elements at a time: bounds the temporaries.
BLOCK = 1 << 20


class Sums(NamedTuple):
    """What is added up, element by element.

    Attributes:
        terms: how many: products, and 1 for a bias. It may broadcast.
        magnitude: the sum of their absolute values.
        squares: the sum of their squares, where their signs are random, else None.
        stored: the number of their partial sums that are added up in a half precision, where that is known, else None.
    """

    terms: Array
    magnitude: Array
    squares: Array | None = None
    stored: Array | None = None


def growth(roundings: Array | float) -> Array:
    """Return how many units so many rounding errors of one unit at most add up to, at most.

    >>> [round(float(growth(n)), 1) for n in (1, 10, 100, 10_000)]
    [1.0, 10.0, 44.0, 439.8]
    """
    count = np.asarray(roundings, np.float64)
    grown: Array = np.minimum(count, LAMBDA * np.sqrt(count / 3))
    return grown


def limit(sums: Sums, value: Array, kind: Format, *, sides: int = 2) -> Array:
    """Return how far two results may lie apart, element by element; 0 where there is nothing to round.

    Args:
        sums: what is added up.
        value: one of the results, or the exact one.
        kind: the format in which products and partial sums are rounded.
        sides: how many of the results are rounded: 2, or 1 where the other one is exact. Default: 2.

    >>> from fourfold.compat.agreement.formats import FORMATS
    >>> ten_ones = Sums(terms=np.array([10]), magnitude=np.array([10.0]))
    >>> limit(ten_ones, np.array([10.0]), FORMATS["float32"], sides=1) / 2**-24  # 11 roundings of 10 at most
    array([110.], dtype=float32)
    """
    if kind.eps > SINGLE.eps and sums.stored is not None:
        coarse, fine = sums._replace(terms=sums.stored, stored=None), sums._replace(stored=None)
        return limit(coarse, value, kind, sides=sides) + limit(fine, value, SINGLE, sides=sides)
    magnitude = np.asarray(sums.magnitude)
    shape = magnitude.shape
    parts = [np.broadcast_to(one, shape) for one in (sums.terms, sums.squares) if one is not None]
    allowed: Array = np.empty(shape, np.float64 if kind.eps < SINGLE.eps else np.float32)
    # leading axes are gone through one by one, as far as the temporaries would be large otherwise
    leading = next(axis for axis in range(len(shape) + 1) if math.prod(shape[axis:]) <= BLOCK)
    for index in np.ndindex(shape[:leading]):
        terms, *squares = (one[index] for one in parts)
        allowed[index] = _limit(terms, magnitude[index], value[index], squares[0] if squares else None, kind, sides)
    return allowed


def _limit(terms: Array, magnitude: Array, value: Array, squares: Array | None, kind: Format, sides: int) -> Array:
    products = COMPLEX if np.issubdtype(kind.storage, np.complexfloating) else 1
    roundings = sides * (products * terms.astype(np.float64) + 1)
    size = magnitude.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        most = growth(roundings) * (size + np.abs(value).astype(np.float64)) / 2
        if squares is not None:
            walk = CHAOS * np.sqrt(roundings / 3 * squares.astype(np.float64))
            # the square of a small number may be 0, which bounds nothing
            most = np.where(squares > 0, np.minimum(most, walk), most)
        allowed: Array = np.where(size == 0, 0.0, kind.eps / 2 * most + roundings * kind.smallest / 2)
    return allowed
