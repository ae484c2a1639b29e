"""What cases have in common: attributes that may tell those that differ from those that agree."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ..cases import is_symmetric
from .hypotheses import AXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..cases import Case

# Conditions that are put together: of three and more, some would fit by chance.
PARTS = 2
# Option -> its value where it says nothing.
LEAST = {"output_padding": 0, "dilation": 1, "stride": 1, "kernel_size": 1, "padding": 0}


class Condition(NamedTuple):
    """An attribute of a case, in the words of its arguments."""

    words: str
    holds: Callable[[Case], bool]


class Separation(NamedTuple):
    """How some cases differ from others.

    Attributes:
        words: what holds for them, such as `groups > 1`; empty where nothing tells them apart.
        exact: whether it holds for none of the others.
        others: for how many of the others it holds.
    """

    words: str
    exact: bool
    others: int = 0


def separate(chosen: Sequence[Case], others: Sequence[Case]) -> Separation:
    """Return what tells the chosen cases from the others: one condition, two together, or one or another of them.

    Args:
        chosen: at least one.
        others: any number.

    Example:
        >>> from fourfold.compat.agreement.catalogue import select
        >>> grouped, others = select(["option/groups-2"]), select(["option/stride-2", "option/kernel-3"])
        >>> separate(grouped, others)
        Separation(words='groups > 1', exact=True, others=0)
    """
    if not others:
        return Separation("", True)
    table = [
        (condition.words, [condition.holds(case) for case in chosen], [condition.holds(case) for case in others])
        for condition in conditions([*chosen, *others])
    ]
    necessary = [(words, theirs) for words, ours, theirs in table if all(ours)]
    for words, theirs in necessary:
        if not any(theirs):
            return Separation(words, True)
    for (first, ones), (second, twos) in combinations(necessary, PARTS):
        if not any(one and two for one, two in zip(ones, twos, strict=True)):
            return Separation(f"{first} and {second}", True)
    if words := _either(table, len(chosen)):
        return Separation(words, True)
    if not necessary:
        return Separation("", False)
    words, theirs = min(necessary, key=lambda each: sum(each[1]))
    # what holds for nearly all tells nothing
    return Separation(words, False, sum(theirs)) if 2 * sum(theirs) <= len(others) else Separation("", False)


def conditions(cases: Sequence[Case]) -> Iterator[Condition]:
    """Yield what can be said of cases, the plainest first; what holds for all or none of them is left out."""
    for condition in (*_of_options(), *_of_shapes(), *_of_kinds(cases)):
        held = sum(condition.holds(case) for case in cases)
        if 0 < held < len(cases):
            yield condition


def _either(table: list[tuple[str, list[bool], list[bool]]], count: int) -> str:
    """Return two or three conditions, one of which holds for each chosen case and none for another."""
    sufficient = [
        (words, {place for place, held in enumerate(ours) if held}) for words, ours, theirs in table if not any(theirs)
    ]
    left, parts = set(range(count)), list[str]()
    while left and len(parts) < PARTS + 1:
        words, covered = max(sufficient, key=lambda each: len(each[1] & left), default=("", set[int]()))
        if not covered & left:
            break
        left -= covered
        parts.append(words)
    return "" if left else " or ".join(parts)


def _of_options() -> Iterator[Condition]:
    yield Condition("groups > 1", lambda case: case.groups > 1)
    for name, least in LEAST.items():
        yield _above(name, least)
    yield Condition("bias", lambda case: case.bias)
    yield Condition("no bias", lambda case: not case.bias)
    yield Condition("output_size", lambda case: case.output_size is not None)
    yield Condition("channels last", lambda case: case.data_format == "NDHWC")
    yield Condition("asymmetric padding", lambda case: not is_symmetric(case))
    yield Condition("groups = 1", lambda case: case.groups == 1)
    yield Condition("no output_padding", lambda case: not any(case.geometry().output_padding))
    yield Condition("no dilation", lambda case: set(case.geometry().dilation) == {1})
    yield Condition("stride 1", lambda case: set(case.stride) == {1})
    yield Condition("no padding", lambda case: set(_values(case, "padding")) == {0})
    for axis in range(3):
        for name, least in LEAST.items():
            yield _above(name, least, axis)


def _of_shapes() -> Iterator[Condition]:
    for name in (*LEAST, "input_size"):
        yield _unequal(name)
    yield Condition("an even kernel_size", lambda case: any(size % 2 == 0 for size in case.kernel_size))
    yield Condition("an odd kernel_size above 1", lambda case: any(size % 2 and size > 1 for size in case.kernel_size))
    yield Condition("stride above kernel_size", lambda case: any(step > size for step, size in _steps(case)))
    yield Condition("stride below kernel_size", lambda case: any(step < size for step, size in _steps(case)))
    yield Condition("in_channels != out_channels", lambda case: case.in_channels != case.out_channels)
    yield Condition("in_channels = out_channels", lambda case: case.in_channels == case.out_channels)
    yield Condition("more than one input channel in a group", lambda case: case.in_channels > case.groups)
    yield Condition("more than one output channel in a group", lambda case: case.out_channels > case.groups)
    yield Condition("a batch of 2 and more", lambda case: (case.batch or 1) > 1)
    yield Condition("an unbatched input", lambda case: case.batch is None)
    yield Condition("an empty batch", lambda case: case.batch == 0)


def _of_kinds(cases: Sequence[Case]) -> Iterator[Condition]:
    for dtype in dict.fromkeys(case.dtype for case in cases):
        yield _equal("dtype", dtype, dtype)
    for padding in ("SAME", "VALID"):
        yield _equal("padding", padding, f"padding='{padding}'")


def _above(name: str, least: int, axis: int | None = None) -> Condition:
    def holds(case: Case) -> bool:
        values = _values(case, name)
        return max(values) > least if axis is None else values[axis] > least

    return Condition(f"{name} > {least}" + ("" if axis is None else f" along {AXES[axis]}"), holds)


def _unequal(name: str) -> Condition:
    return Condition(f"{name} not equal along the axes", lambda case: len(set(_values(case, name))) > 1)


def _equal(name: str, value: str, words: str) -> Condition:
    return Condition(words, lambda case: getattr(case, name) == value)


def _values(case: Case, name: str) -> list[int]:
    """Return an option along the three axes as it comes out; of padding, the larger of both sides."""
    if name == "padding":
        return [max(pads) for pads in case.geometry().padding]
    given = getattr(case, name)
    return list(getattr(case.geometry(), name, given))


def _steps(case: Case) -> Iterator[tuple[int, int]]:
    return zip(case.stride, case.kernel_size, strict=True)
