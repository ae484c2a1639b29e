"""Run the same calls in a release and in its front end, now, and say where they are unlike.

Generated calls that differ for a reason are in `known/<framework>.txt`, by patterns as `Reasons` reads them. A pattern
begins with what happens, 'differs', 'refused' (here alone) or 'answered' (here alone), and goes on with the call, its
spaces left out: `differs:*.lgamma(*`. It has `?` for a bracket, which means something in patterns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....frontends.names import Reasons
from ..environments import environment
from .calls import areas, calls
from .comparison import difference
from .here import front_end
from .record import answers, answers_here
from .sweep import generated, unlike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .answers import Answer

__all__ = ["GENERATED", "KNOWN", "Names", "agree_on_names", "summary"]

# the area of calls that nobody wrote
GENERATED = "generated"
KNOWN = Path(__file__).with_name("known")
# seconds that one of them may take: some of Paddle never end, `paddle.pow(ints, -2)` among them
PATIENCE = 10.0


@dataclass(frozen=True)
class Names:
    """What came of the calls of one area.

    Attributes:
        framework: whose they are.
        area: of which file, or `GENERATED`.
        calls: how many were answered there and here.
        refused: how many of them both refuse.
        differences: calls, and what differs in each.
        known: calls that differ for a stated reason.
        idle: patterns of reasons that no call bears out.
    """

    framework: str
    area: str
    calls: int
    refused: int
    differences: dict[str, str]
    known: dict[str, str]
    idle: tuple[str, ...] = ()


def agree_on_names(
    framework: str, *, area: str = "", steps: Callable[[Iterable[str], int, str], Any] | None = None
) -> Iterator[Names]:
    """Yield what comes of the calls of each area, and of those that are generated.

    Args:
        framework: 'paddle', 'fluid', 'megengine' or 'oneflow'; its environment must be there.
        area: run this one alone, `GENERATED` for the generated calls. Default: '', all.
        steps: wraps the calls of an area, their number and its name, for progress.

    Raises:
        BrokenEnvironmentError: the environment is not ready.
    """
    for each in areas(framework):
        if area in ("", each):
            asked = calls(framework, each)
            yield _area(framework, each, [call.line for call in asked], {call.line: call for call in asked}, steps)
    if area in ("", GENERATED):
        with front_end(framework) as here:
            lines = list(generated(framework, here))
        yield _area(framework, GENERATED, lines, {}, steps)


def _area(framework: str, area: str, lines: list[str], stated: dict[str, Any], steps: Any) -> Names:
    wrapped = (lambda each: each) if steps is None else (lambda each: steps(each, len(lines), f"{framework}/{area}"))
    differences: dict[str, str] = {}
    known: dict[str, str] = {}
    reasons, explained = Reasons(KNOWN / f"{framework}.txt"), list[str]()
    refused = 0
    pairs = zip(
        lines,
        answers(environment(framework), lines, timeout=60.0 if stated else PATIENCE, steps=wrapped),
        answers_here(framework, lines),
        strict=True,
    )
    for line, there, here in pairs:
        refused += "raised" in there and "raised" in here
        call = stated.get(line)
        found = unlike(there, here) if call is None else difference(there, here, structure=call.structure)
        if found is not None:
            said = summary(line, there, here)
            explains = reasons.of(said) if call is None else call.reason
            (known if explains else differences)[line] = found
            explained.append(said)
    idle = () if stated else tuple(sorted(reasons.idle(explained)))
    return Names(framework, area, len(lines), refused, differences, known, idle)


def summary(line: str, there: Answer, here: Answer) -> str:
    """Return what the patterns of known differences are held against.

    >>> summary("paddle.exp(T(2, 3))", {"result": {}}, {"raised": ["RuntimeError"]})
    'refused:paddle.exp(T(2,3))'
    """
    answered = [["result" in each, not isinstance(each.get("gradients"), dict)] for each in (there, here)]
    what = "differs" if answered[0] == answered[1] else "refused" if answered[0] > answered[1] else "answered"
    return f"{what}:{line.replace(' ', '')}"
