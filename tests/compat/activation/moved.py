"""moved.py SEED SCRIPT ARGUMENT ...: run a script whose random numbers are moved by one unit in the last place.

It runs in a release's environment. The scripts draw their data and parameters with `numpy.random.RandomState`; here
every real number that it draws is multiplied by 1 + eps or 1 - eps of float32. How far that takes what a script writes
is how well it is conditioned.
"""

from __future__ import annotations

import functools
import runpy
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

EPS = float(np.finfo(np.float32).eps)


def moving(draw: Callable[..., Any], random: np.random.RandomState) -> Callable[..., Any]:
    """Return the method of RandomState, but for the last digit of what it returns."""

    @functools.wraps(draw)
    def moved(*arguments: Any, **options: Any) -> Any:
        values = draw(*arguments, **options)
        return values * (1 + EPS * random.choice([-1.0, 1.0], np.shape(values)))

    return moved


def main() -> None:
    seed, script, *arguments = sys.argv[1:]
    random = np.random.RandomState(int(seed))
    names = ("standard_normal", "normal", "uniform", "rand", "randn", "random_sample")
    methods = {name: moving(getattr(np.random.RandomState, name), random) for name in names}
    vars(np.random)["RandomState"] = type("RandomState", (np.random.RandomState,), methods)
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
