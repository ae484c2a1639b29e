"""Play the examples of a release's docstrings there and here, now, and say where they come out unlike.

The examples are the releases' own text: they are read where the release is, at the time, and are not kept here. How one
is played, and how what is drawn at random stays out of the comparison, `player.py` says. What differs for a reason is a
pattern of names in `known/examples/<framework>.txt`, as `frontends.names.reasons` reads them.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....frontends.names import Reasons
from ..environments import environment
from .comparison import difference
from .docstrings import Example, examples
from .record import Peer
from .signatures import collected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = [
    "DIFFERS",
    "FRAMEWORKS",
    "VERDICTS",
    "WRONG",
    "Outcome",
    "agree_on_examples",
    "compare",
    "counts",
    "idle",
    "known",
    "reseeded",
]

PLAYER = Path(__file__).with_name("player.py")
REASONS = Path(__file__).with_name("known") / "examples"
FRAMEWORKS = ("paddle", "fluid", "megengine", "oneflow")
PATIENCE = 20.0  # seconds that playing an example once may take
AGREES, DIFFERS, RAISES, KNOWN, LACKING, BROKEN = VERDICTS = (
    "agrees",
    "differs",
    "raises here",
    "differs for a stated reason",
    "asks for what is not served",
    "cannot be run there",
)
WRONG = (DIFFERS, RAISES)
# seeds of further plays in the release: what two draws have in common by chance, more do not
REDRAWS = (2, 3, 4, 5)
# what the front ends say of names that they do not serve
UNSERVED = re.compile(
    r"as fourfold serves it has no|is not served by fourfold|(?:is|are) not served here|only .* served here"
)


@dataclass(frozen=True)
class Outcome:
    """What came of one example.

    Attributes:
        framework: whose it is.
        name: of the example.
        verdict: one of `VERDICTS`.
        what: what differs, or why it could not be run.
        code: the example.
    """

    framework: str
    name: str
    verdict: str
    what: str
    code: str


def agree_on_examples(
    framework: str,
    *,
    names: Sequence[str] = ("*",),
    steps: Callable[[Iterable[Example], int, str], Any] | None = None,
) -> Iterator[Outcome]:
    """Yield what comes of each example of a framework; its environment must be there.

    Args:
        framework: 'paddle', 'fluid', 'megengine' or 'oneflow'.
        names: patterns of the names of examples to play.
        steps: wraps the examples, with their number and the framework, for progress.

    Raises:
        BrokenEnvironmentError: the environment is not ready.
    """
    there = environment(framework)
    found = [
        example
        for example in examples(collected(there, "docstrings"))
        if any(fnmatchcase(example.name, pattern) for pattern in names)
    ]
    reasons = known(framework)
    with (
        Peer(framework, *there.command([str(PLAYER), there.specification.framework])) as release,
        Peer(framework, [sys.executable, "-m", f"{__package__}.here", framework, "examples"]) as front_end,
    ):
        for example in found if steps is None else steps(found, len(found), framework):
            verdict, what = _played(example.code, release, front_end)
            if verdict in WRONG and reasons.pattern(example.name) is not None:
                verdict, what = KNOWN, f"{reasons.of(example.name)}: {what}"
            yield Outcome(framework, example.name, verdict, what, example.code)


def known(framework: str) -> Reasons:
    """Return why examples come out otherwise here, by patterns of their names."""
    return Reasons(REASONS / f"{framework}.txt")


def idle(framework: str, outcomes: Iterable[Outcome]) -> list[str]:
    """Return the patterns that explain nothing in a complete run of a framework: each is an error."""
    reasons = known(framework)
    used = {reasons.pattern(each.name) for each in outcomes if each.verdict == KNOWN}
    return [pattern for pattern in reasons.patterns if pattern not in used]


def counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many there are of each verdict."""
    found = Counter(each.verdict for each in outcomes)
    return {verdict: found[verdict] for verdict in VERDICTS}


def _played(code: str, release: Peer, front_end: Peer) -> tuple[str, str]:
    first = release.ask({"code": code, "seed": 1}, PATIENCE)
    drawn: list[list[str]] = []
    found: str | None = ""
    here: dict[str, Any] = {}
    for seed in REDRAWS if "changed" in first else ():
        again = release.ask({"code": reseeded(code, seed), "seed": seed, "changed": first.get("changed")}, PATIENCE)
        if "changed" not in again:
            return BROKEN, str(again)
        both = zip_longest(drawn, again["drawn"], fillvalue=list[str]())
        drawn = [sorted({*one, *two}) for one, two in both]
        here = front_end.ask({"code": code, "seed": 1, "changed": first["changed"], "drawn": drawn}, PATIENCE)
        if "changed" not in here:
            return RAISES, f"the process ended or was ended: {here}"
        found = compare(first, here, drawn)
        if found is None or not any(drawn):
            break
    if "changed" not in first:
        return BROKEN, str(first)  # that it crashed, or took too long
    if found is not None:
        return DIFFERS, found
    if len(here["changed"]) < len(first["changed"]):
        what = f"{here['raised'][0]}: {here['message']}"
        return (LACKING if UNSERVED.search(what) else RAISES), what
    return (BROKEN, f"{first['raised'][0]}: {first['message']}") if "raised" in first else (AGREES, "")


def reseeded(code: str, seed: int) -> str:
    """Return an example with other seeds than those that it sets itself: with the given digit after them.

    >>> reseeded("paddle.seed(100); program.random_seed = 1; dropout(x, 0.5, seed=7)", 2)
    'paddle.seed(1002); program.random_seed = 12; dropout(x, 0.5, seed=72)'
    """
    return re.sub(r"(seed(?:\(| *= *)[1-9]\d*)", rf"\g<1>{seed}", re.sub(r"(seed\()0\)", r"\g<1>1)", code))


def compare(there: dict[str, Any], here: dict[str, Any], drawn: list[list[str]]) -> str | None:
    """Return what differs first between an example played there and here, up to where either raised; None if nothing.

    Args:
        there: the answer of `player.py` in the release.
        here: that of the front end.
        drawn: the leaves of each statement whose values are drawn at random.
    """
    for index, (expected, got, random) in enumerate(zip(there["changed"], here["changed"], drawn, strict=False)):
        symbolic = {path for side in (expected, got) for path, leaf in side.items() if leaf.get("symbolic")}
        for path in dict.fromkeys([*expected, *got]):
            if path.partition(" ")[0] in symbolic - {path}:
                continue  # whether it takes gradients
            found = _leaf(path, expected.get(path), got.get(path), random=path in random)
            if found is not None:
                return f"statement {index + 1}: {found}"
    return None


def _leaf(path: str, expected: Any, got: Any, *, random: bool) -> str | None:
    if path == "printed":
        one, two = (_text((each or {"value": ""})["value"]) for each in (expected, got))
        return None if random or one == two or "<" in one else f"{two[:80]!r} was printed, not {one[:80]!r}"
    if expected is None or got is None:
        if random:
            return None
        return f"{path} is unchanged" if got is None else f"{path} is changed"
    if expected.get("symbolic") or got.get("symbolic"):
        return _symbolic(path, expected, got)
    if expected.get("type") == got.get("type") == "str" and _text(expected["value"]) == _text(got["value"]):
        return None
    found = difference({"result": expected}, {"result": got}, structure=random)
    return None if found is None else found.replace("result", path, 1)


def _text(text: str) -> str:
    """Return a text without spaces, without the digits of fractions, which round, and their signs, which zeros have.

    Whether a tensor takes gradients is a leaf of its own.
    """
    text = re.sub(r"stop_gradient=\w+", "", "".join(text.split()))
    return re.sub(r"[-+]*\d+\.\d*(?:e[+-]?\d+)?", "#", text)


def _symbolic(path: str, expected: Any, got: Any) -> str | None:
    """Return what differs where at least one of two is a variable of a program, which has no values.

    One whose shape is not known before it runs is a mere object here.
    """
    if "object" in (expected.get("type"), got.get("type")):
        return None
    one, two = ((each.get("dtype"), each.get("shape", [])) for each in (expected, got))
    alike = one[0] == two[0] and len(one[1]) == len(two[1])
    if alike and all(a == b or -1 in (a, b) for a, b in zip(one[1], two[1], strict=True)):
        return None
    return f"{path} is {got.get('type', '')}{two}, not {expected.get('type', '')}{one}"
