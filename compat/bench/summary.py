"""What many ratios come to: geometric means of groups, and the worst of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .subjects import NATIVE, OURS
from .workloads import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .measure import Result
    from .variant import Variant

PEERS = "best of all"


@dataclass(frozen=True, slots=True)
class Group:
    """Ratios of a group: how many times faster ours is.

    Attributes:
        name: of the group.
        against: whose time is divided by ours.
        mean: the geometric mean.
        least: the least ratio.
        where: the workload that has it.
        count: of ratios.
    """

    name: str
    against: str
    mean: float
    least: float
    where: str
    count: int


def geometric_mean(values: Iterable[float]) -> float:
    """Return the geometric mean of positive values, at least one.

    Example:
        >>> geometric_mean([1.0, 4.0])
        2.0
    """
    logarithms = [math.log(value) for value in values]
    return math.exp(math.fsum(logarithms) / len(logarithms))


def ratio(result: Result, against: str = NATIVE.name) -> float | None:
    """Return how many times faster ours is than a subject, by medians; None where one was not measured."""
    timings = result.timings
    if OURS.name not in timings or against not in timings:
        return None
    return timings[against].median / timings[OURS.name].median


def ratio_to_best(result: Result) -> float | None:
    """Return how many times faster ours is than the best of all others, torch included; None without a peer."""
    others = [timing.median for name, timing in result.timings.items() if name != OURS.name]
    if OURS.name not in result.timings or len(others) < 2:
        return None
    return min(others) / result.timings[OURS.name].median


def groups(results: Sequence[Result]) -> list[Group]:
    """Return the groups that have ratios, against torch and, where peers were measured, against the best of all."""
    members: dict[str, list[Result]] = {}
    for result in results:
        for name in names_of(result.variant):
            members.setdefault(name, []).append(result)
    found = []
    for name, chosen in members.items():
        for against, ratio_of in ((NATIVE.name, ratio), (PEERS, ratio_to_best)):
            ratios = {result.variant.workload.id: value for result in chosen if (value := ratio_of(result)) is not None}
            if ratios:
                worst = min(ratios, key=ratios.__getitem__)
                mean = geometric_mean(ratios.values())
                found.append(Group(name, against, mean, ratios[worst], worst, len(ratios)))
    return found


def names_of(variant: Variant) -> list[str]:
    """Return the groups that a variant belongs to."""
    layout = "" if variant.layout == "contiguous" else f" {variant.layout}"
    if SMALL in variant.workload.marks:
        return [f"{variant.mode} small{layout}"]
    names = [f"{variant.mode} {variant.dtype}{layout}"]
    if variant.case.groups > 1 and variant.dtype == "float32":
        names.append(f"{variant.mode} grouped{layout}")
    return names
