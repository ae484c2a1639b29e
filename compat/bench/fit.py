"""Fit the engine's coefficients to recorded times: `python -m fourfold.compat.bench.fit` writes `coefficients.json`.

Every regime has its own, where enough cases were recorded; else those of the regime around it hold. Relative errors
count, coefficients are not negative, and what one case got wrong by much counts less (Huber's weights): some calls
were disturbed while they were measured.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import nnls

from ...backend.algorithms import ALGORITHMS, GRADIENTS
from ...backend.planning import costs, rates
from ..cli.console import say
from .cost import BACKWARD
from .record import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from ...backend.planning.costs import Counts

RECORDED = Path(costs.__file__).with_name("measured.json")
LEAST = 3  # cases that a regime needs for coefficients of its own
_REWEIGHTINGS = 6
_OUTLIER = 0.25  # relative error beyond which a case counts less
_DIGITS = 4
_PRIOR = 1.0

# The Fourier transform is not recorded: it is taken where it is allowed only, for a clear win, so with a margin of 1.4
# on what was measured once, 6.5 and 8 ns for a point of 4 and 8 bytes.
TRANSFORM: Mapping[str, Mapping[str, float]] = {
    "fft/float32": {"transformed": 10.9, "products": 1.9 * 1.5, "calls": 56 * 5.0},
    "fft/float64": {"transformed": 6.7, "products": 1.9 * 1.5, "calls": 56 * 5.0},
}


def counted(recorded: Mapping[str, Any]) -> Iterator[tuple[Counts, float]]:
    """Yield what each recorded time consists of, at the rates of the machine that took it, and the seconds."""
    for machine in recorded.values():
        with rates.assumed(rates.Rates(**machine["rates"])):
            for key, times in machine["cases"].items():
                case, mode = parsed(key)
                ways = {way.name: way for way in (GRADIENTS if mode == BACKWARD else ALGORITHMS)}
                for name, seconds in times.items():
                    way = ways.get(name)
                    yield (costs.native(case) if way is None else way.counts(case)), seconds


def fit(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Return coefficients by regime, with the number of cases and the median relative error of each."""
    rows: dict[str, list[tuple[Mapping[str, float], float]]] = defaultdict(list)
    for (regime, parts), seconds in counted(recorded):
        steps = regime.split("/")
        for length in range(1, len(steps) + 1):
            rows["/".join(steps[:length])].append((parts, seconds))
    found: dict[str, Any] = {}
    for regime, of_regime in sorted(rows.items()):
        around = regime.rpartition("/")[0]
        if around and (len(of_regime) < LEAST or len(of_regime) == len(rows[around])):
            continue
        while around and around not in found:
            around = around.rpartition("/")[0]
        found[regime] = _fitted(of_regime, found[around]["coefficients"] if around else {})
    for regime, coefficients in TRANSFORM.items():
        found[regime] = {"cases": 0, "residual": None, "coefficients": dict(coefficients)}
    return found


def _fitted(rows: Sequence[tuple[Mapping[str, float], float]], around: Mapping[str, float]) -> dict[str, Any]:
    names = sorted({name for parts, _ in rows for name, value in parts.items() if value})
    matrix = np.array([[parts.get(name, 0.0) / seconds for name in names] for parts, seconds in rows])
    values = _not_negative(matrix, np.array([around.get(name, 0.0) for name in names]))
    errors = np.abs(matrix @ values - 1)
    kept = {name: float(f"{value:.{_DIGITS}g}") for name, value in zip(names, values, strict=True) if value > 0}
    return {"cases": len(rows), "residual": round(float(np.median(errors)), 3), "coefficients": kept}


def _not_negative(matrix: npt.NDArray[np.float64], around: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Solve matrix @ values = 1 with values of 0 and above, by least squares that are weighted again.

    The values of the regime around it count like a case or two: what a few cases say nothing of stays as it is there.
    """
    sizes = (_PRIOR if around.any() else 0.0) * np.sqrt((matrix**2).mean(0))
    weights = np.ones(len(matrix))
    for _ in range(_REWEIGHTINGS):
        known = np.vstack([matrix * weights[:, None], np.diag(sizes)])
        values: npt.NDArray[np.float64] = nnls(known, np.concatenate([weights, sizes * around]))[0]
        weights = np.sqrt(np.minimum(1.0, _OUTLIER / np.maximum(np.abs(matrix @ values - 1), _OUTLIER)))
    return values


def main() -> None:
    """Write the coefficients that fit what is recorded."""
    found = fit(json.loads(RECORDED.read_text(encoding="utf-8")))
    rows = [f" {json.dumps(regime)}: {json.dumps(row)}" for regime, row in found.items()]
    costs.COEFFICIENTS.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    say(f"{costs.COEFFICIENTS}: written, {len(found)} regimes")


if __name__ == "__main__":
    main()
