"""Compare nested results with what a real framework printed as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

EPS = float(np.finfo(np.float32).eps)


def differences(found: Any, recorded: Any, units: float, name: str = "") -> list[str]:
    """Return one line for each difference between two values made of dicts, lists, numbers and texts.

    A regular list of numbers, nested or not, is an array. Two arrays agree where their greatest distance is at most
    `units` times float32's eps times the greatest recorded number. Everything else is equal or different; integers and
    bools stand alone, so that a dtype counts.

    Args:
        found: what is judged.
        recorded: what it should be.
        units: what is allowed, in eps of the greatest number of an array.
        name: put before each line.
    """
    if isinstance(recorded, dict) and isinstance(found, dict):
        if list(found) != list(recorded):
            return [f"{name}: keys {list(found)}, recorded {list(recorded)}"]
        return [line for key in recorded for line in differences(found[key], recorded[key], units, f"{name}.{key}")]
    wanted, given = _array(recorded), _array(found)
    if wanted is not None and given is not None and wanted.shape == given.shape:
        distance = float(np.abs(wanted - given).max(initial=0))
        scale = EPS * float(np.abs(wanted).max(initial=0))
        return (
            [] if distance <= units * scale else [f"{name}: {distance / scale if scale else distance:.1f} units apart"]
        )
    if isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        pairs = enumerate(zip(found, recorded, strict=True))
        return [line for index, pair in pairs for line in differences(*pair, units, f"{name}[{index}]")]
    same = type(found) is type(recorded) and found == recorded
    return [] if same else [f"{name}: {found!r}, recorded {recorded!r}"]


def _array(value: Any) -> np.ndarray[Any, Any] | None:
    if isinstance(value, (bool, int, str, dict)) or value is None:
        return None
    try:
        array = np.array(value)
    except ValueError:  # ragged
        return None
    return array.astype(np.float64) if array.dtype.kind == "f" else None
