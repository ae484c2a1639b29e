"""Hold an outcome against the recorded one."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

from ..comparison import Verdict
from ..data import operands
from ..expectation import QUANTITIES, judge, sums

if TYPE_CHECKING:
    from ..cases import Case
    from ..expectation import Quantity
    from ..request import Request
    from ..rounding import Sums
    from .vector import Outcome, Statistics

# Two-sided significance of every statistical comparison, and the quantile of the normal distribution that goes with it.
SIGNIFICANCE = 5.7e-7
QUANTILE = 5.0


def difference(request: Request, recorded: Outcome, actual: Outcome) -> str | None:
    """Say in what an outcome differs from the recorded one, or return None where it agrees.

    Values agree if they are bitwise identical on integer data (zeros may have either sign), and within the rounding
    bound of `rounding.py` on normal data; shape, dtype, and which gradients there are must be the same. A refusal
    agrees if `except` with the recorded class would catch it, by name, and a crash with the same crash. Drawn
    parameters agree as `resembles` says.

    Args:
        request: what was asked.
        recorded: what the real framework did.
        actual: what a front end did.
    """
    if recorded.status == actual.status == "refused":
        if recorded.kind in actual.ancestors:
            return None
        return f"it raised {actual.kind} ({actual.message}), where the release raised {recorded.kind}"
    if (recorded.status, recorded.death) != (actual.status, actual.death):
        return f"it gave {actual}, where the release gave {recorded}"
    if recorded.status != "ok":
        return None
    return _drawn(recorded, actual) if request.initial else _computed(request, recorded, actual)


def resembles(recorded: Statistics, actual: Statistics) -> str | None:
    """Say in what two samples cannot be of one distribution, or return None.

    Shapes must be equal, and constants. Otherwise mean, standard deviation and kurtosis may differ by 5 standard errors
    of the difference (two-sided significance 5.7e-7 each). Where the distribution has bounds (a kurtosis below 2.2),
    minimum and maximum may differ by the share of the range that n values leave free with probability 5.7e-7:
    -log(5.7e-7) / n.

    >>> import numpy as np
    >>> from fourfold.compat.agreement.vectors import Statistics
    >>> source = np.random.RandomState(0)
    >>> uniform, normal = source.uniform(-(3**0.5), 3**0.5, 5000), source.standard_normal(5000)
    >>> resembles(Statistics.of(uniform), Statistics.of(normal))  # doctest: +ELLIPSIS
    'kurtosis 2.9..., where the release has 1.8... (allowed: 0.49)'
    """
    if recorded.shape != actual.shape:
        return f"shape {actual.shape}, where the release has {recorded.shape}"
    if recorded.std == 0 or actual.std == 0:
        same = (recorded.std, recorded.mean) == (actual.std, actual.mean)
        return None if same else f"{_range(actual)}, where the release has {_range(recorded)}"
    n = recorded.count
    spread = max(recorded.std, actual.std)
    # standard errors of a difference of two: of the mean s sqrt(2/n), of s about s sqrt((kurtosis - 1) / 2n), and of
    # the kurtosis sqrt(48/n) for a normal distribution, which is more than for a bounded one
    tail = max(recorded.kurtosis, actual.kurtosis)
    allowed = {
        "mean": QUANTILE * spread * math.sqrt(2 / n),
        "std": QUANTILE * spread * math.sqrt((tail - 1) / (2 * n)),
        "kurtosis": QUANTILE * math.sqrt(48 / n),
    }
    if max(recorded.kurtosis, actual.kurtosis) < 2.2:
        free = -math.log(SIGNIFICANCE) / n * (recorded.max - recorded.min)
        allowed |= {"min": free, "max": free}
    for name, limit in allowed.items():
        ours, theirs = getattr(actual, name), getattr(recorded, name)
        if abs(ours - theirs) > limit:
            return f"{name} {ours:.6g}, where the release has {theirs:.6g} (allowed: {limit:.2g})"
    return None


def _computed(request: Request, recorded: Outcome, actual: Outcome) -> str | None:
    if recorded.output_shape != actual.output_shape:
        return f"the output's shape is {actual.output_shape}, where the release's is {recorded.output_shape}"
    if set(recorded.arrays) != set(actual.arrays):
        return f"it gave {sorted(actual.arrays)}, where the release gave {sorted(recorded.arrays)}"
    return next(filter(None, (_values(name, request, recorded, actual) for name in QUANTITIES)), None)


def _drawn(recorded: Outcome, actual: Outcome) -> str | None:
    if set(recorded.statistics) != set(actual.statistics):
        return f"it drew {sorted(actual.statistics)}, where the release drew {sorted(recorded.statistics)}"
    for name, expected in recorded.statistics.items():
        found = resembles(expected, actual.statistics[name])
        if found is not None:
            return f"{name}: {found}"
    return None


def _range(statistics: Statistics) -> str:
    return f"values from {statistics.min:.6g} to {statistics.max:.6g}"


def _values(name: Quantity, request: Request, recorded: Outcome, actual: Outcome) -> str | None:
    if name not in recorded.arrays:
        return None
    expected, found = recorded.arrays[name], actual.arrays[name]
    comparison = judge(request.case, _sums(request.case).get(name), found, expected)
    good = comparison.ok if request.case.data == "normal" else comparison.verdict is Verdict.IDENTICAL
    return None if good else f"{name}: {comparison}"


@functools.lru_cache(maxsize=128)
def _sums(case: Case) -> dict[Quantity, Sums]:
    return sums(case, operands(case)) if case.data == "normal" else {}
