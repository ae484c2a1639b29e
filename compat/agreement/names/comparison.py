"""Whether two answers to one call are the same."""

from __future__ import annotations

import base64
import builtins
from typing import Any

import numpy as np

__all__ = ["difference", "unpacked"]

# Floating-point values may differ by this many eps of the largest one in their array. Elementwise functions of two
# libraries differ by a few ULP each, and the sums in a call are short. Gradients pass several of them in a row, and
# what matrix products round differs from processor to processor.
EPS, EPS_OF_GRADIENTS = 64, 512


def difference(expected: dict[str, Any], got: dict[str, Any], *, structure: bool = False) -> str | None:
    """Return what differs first, or None.

    Args:
        expected: the release's answer.
        got: the other.
        structure: compare kinds, dtypes and shapes only, as where values are drawn at random.
    """
    if "crashed" in expected or "timeout" in expected:
        return None  # that says nothing of what is right
    if "crashed" in got or "timeout" in got:
        return f"the process ended or was ended: {got}"
    if "raised" in expected or "raised" in got:
        return _errors(expected, got)
    found = _values(expected["result"], got["result"], "result", structure=structure)
    if found is not None or structure:
        return found
    return _gradients(expected.get("gradients"), got.get("gradients"))


def unpacked(text: str, shape: Any = None) -> np.ndarray[Any, Any]:
    """Return the array that `answers.packed` wrote.

    >>> unpacked("<i4 AQAAAAIAAAA=")
    array([1, 2], dtype=int32)
    """
    dtype, _, data = text.partition(" ")
    array = np.frombuffer(base64.b64decode(data), dtype)
    return array if shape is None else array.reshape(shape)


def _errors(expected: dict[str, Any], got: dict[str, Any]) -> str | None:
    if "raised" not in got:
        return f"answered, where {expected['raised'][0]} is raised: {expected.get('message', '')[:120]}"
    if "raised" not in expected:
        return f"{got['raised'][0]} was raised: {got.get('message', '')}"
    # ours may be more than one class, for those who catch torch's; the release's must be among them
    # and a class of the framework's own is as good as the nearest of Python's that it derives from
    name = next((each for each in expected["raised"] if _is_builtin(each)), None)
    if name is None or name in got["raised"]:
        return None
    return f"{got['raised'][0]} was raised in place of {name}: {got.get('message', '')[:200]}"


def _is_builtin(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception


def _values(expected: Any, got: Any, place: str, *, structure: bool) -> str | None:  # noqa: PLR0911, one for each kind
    kinds = [next((kind for kind in _KINDS if kind in each), "?") for each in (expected, got)]
    if kinds[0] != kinds[1]:
        return f"{place} is {_shown(got, kinds[1])}, where {_shown(expected, kinds[0])} is right"
    kind = kinds[0]
    if kind in ("tensor", "array", "number"):
        return _arrays(expected, got, kind, place, structure=structure)
    if kind in ("list", "tuple"):
        if len(expected[kind]) != len(got[kind]):
            return f"{place} has {len(got[kind])} items, where {len(expected[kind])} are right"
        pairs = zip(expected[kind], got[kind], strict=True)
        found = (_values(one, two, f"{place}[{i}]", structure=structure) for i, (one, two) in enumerate(pairs))
        return next((each for each in found if each is not None), None)
    if kind == "dict":
        if [name for name, _ in expected[kind]] != [name for name, _ in got[kind]]:
            return f"{place} has the keys {[name for name, _ in got[kind]]}, not {[name for name, _ in expected[kind]]}"
        pairs = zip(expected[kind], got[kind], strict=True)
        found = (_values(one[1], two[1], f"{place}[{one[0]!r}]", structure=structure) for one, two in pairs)
        return next((each for each in found if each is not None), None)
    if kind == "value":
        return _plain(expected, got, place, structure=structure)
    return None if structure or expected[kind] == got[kind] else f"{place} is a {got[kind]}, not a {expected[kind]}"


_KINDS = ("tensor", "array", "number", "list", "tuple", "dict", "value", "type")


def _shown(value: Any, kind: str) -> str:
    if kind == "value":
        return f"the {value['type']} {value['value'][:40]}"
    return f"a {kind}" if kind in ("tensor", "array", "number", "list", "tuple", "dict") else f"a {value.get('type')}"


def _plain(expected: Any, got: Any, place: str, *, structure: bool) -> str | None:
    if expected["type"] != got["type"]:
        return f"{place} is {_shown(got, 'value')}, where {_shown(expected, 'value')} is right"
    if structure or expected["value"] == got["value"]:
        return None
    if expected["type"] == "float":
        one, two = float(expected["value"]), float(got["value"])
        if abs(one - two) <= EPS * float(np.finfo(np.float32).eps) * abs(one):
            return None
    return f"{place} is {got['value'][:80]}, not {expected['value'][:80]}"


def _arrays(expected: Any, got: Any, kind: str, place: str, *, structure: bool) -> str | None:
    for fact in ("dtype", "shape"):
        if expected.get(fact) != got.get(fact):
            return f"{place} has {fact} {got.get(fact)}, not {expected.get(fact)}"
    if structure:
        return None
    one, two = unpacked(expected[kind]), unpacked(got[kind])
    return _close(one, two, expected.get("dtype", ""), place)


def _close(one: np.ndarray[Any, Any], two: np.ndarray[Any, Any], dtype: str, place: str) -> str | None:
    if one.size != two.size:
        return f"{place} has {two.size} values, not {one.size}"
    if one.dtype.kind not in "fc":
        wrong = one != two
    else:
        both = (one == two) | (np.isnan(one) & np.isnan(two))
        magnitude = float(np.max(np.abs(one[np.isfinite(one)]), initial=0.0))
        eps = 2.0**-7 if dtype == "bfloat16" else float(np.finfo(one.dtype).eps)
        allowed = EPS_OF_GRADIENTS if place.startswith("gradient") else EPS
        with np.errstate(invalid="ignore"):
            wrong = ~both & ~(np.abs(one - two) <= allowed * eps * magnitude)
    if not wrong.any():
        return None
    index = int(np.argmax(wrong))
    return f"{place} differs in {int(wrong.sum())} of {one.size} values, first {two[index]} for {one[index]} at {index}"


def _gradients(expected: Any, got: Any) -> str | None:
    if isinstance(expected, dict) or isinstance(got, dict):
        if isinstance(expected, dict) and isinstance(got, dict):
            return None
        who, which = ("no", got) if isinstance(got, dict) else ("a", expected)
        return f"there is {who} gradient: {which['raised'][0]}"
    expected, got = expected or [], got or []
    # no output that takes gradients, and gradients that are all None, are two ways to say that there are none
    expected, got = expected or [None] * len(got), got or [None] * len(expected)
    if len(expected) != len(got):
        return f"{len(got)} gradients, where {len(expected)} are right"
    for index, (one, two) in enumerate(zip(expected, got, strict=True)):
        if one is None or two is None:
            # none and zeros are two ways to say that there is no influence
            other = two if one is None else one
            if other is not None and np.any(unpacked(other["array"])):
                return f"gradient {index} is {'there' if one is None else 'missing'}"
            continue
        found = _close(unpacked(one["array"]), unpacked(two["array"]), "", f"gradient {index}")
        if found is not None:
            return found
    return None
