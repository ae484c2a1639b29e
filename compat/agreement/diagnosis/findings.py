"""Differences of a subject put together: those of one kind, what tells their cases from others, what explains them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..expectation import QUANTITIES
from ..table import word
from .conditions import Separation, separate
from .search import first_different

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..cases import Case
    from ..run import Result

# Explanations of one finding that are told.
TOLD = 3


class Kind(NamedTuple):
    """How a case differs: cases that differ in the same way are explained together."""

    word: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Cases of one subject that differ in the same way.

    Attributes:
        subject: which.
        kind: how: in values, in shape, in gradients alone; or with which exception.
        cases: their ids, the smallest case first.
        agreeing: how many cases agree.
        alone: whether no case of the subject differs in another way.
        separation: what tells these cases from those that agree.
        equal_if: what would make them equal, with the number of cases that it does so in; the commonest first.
    """

    subject: str
    kind: Kind
    cases: tuple[str, ...]
    agreeing: int
    alone: bool
    separation: Separation
    equal_if: tuple[tuple[str, int], ...]

    @property
    def title(self) -> str:
        """The finding in one sentence."""
        count, where = len(self.cases), self.separation.words
        cases = f"{count} case{'s' * (count != 1)}"
        verb = self.kind.word if self.kind.word != "differs" or count == 1 else "differ"
        if not self.agreeing:
            return f"{cases} {verb}, and none agrees"
        if not where:
            return f"{cases} {verb}, {self.agreeing} agree: nothing tells them apart"
        if not self.separation.exact:
            return f"{cases} {verb}: all with {where}, as {self.separation.others} of the {self.agreeing} that agree"
        if self.alone:
            every = "the only case" if count == 1 else f"all {cases}"
            return f"{every} with {where} {verb}, and no other of {count + self.agreeing}"
        return f"{cases} {verb}: all with {where}, as none of the {self.agreeing} that agree"

    def lines(self) -> Iterator[str]:
        """Yield the details: what differs, what would make it equal, where to begin."""
        if self.kind.what:
            yield self.kind.what
        for words, count in self.equal_if:
            yield f"equal if {words}" + (f" (in {count} of {len(self.cases)})" if count < len(self.cases) else "")
        yield f"begin with {self.cases[0]}"


def diagnose(results: Sequence[Result]) -> list[Finding]:
    """Return a finding for each kind of difference of each subject, the most frequent first; none where all agree."""
    found = []
    for subject in dict.fromkeys(result.subject for result in results):
        of_subject: dict[tuple[str, str], list[Result]] = {}
        for result in results:
            if result.subject == subject and word([result]) != "not expressible":
                of_subject.setdefault((result.case.id, result.form), []).append(result)
        found += _of_subject(subject, list(of_subject.values()))
    return found


def telling_first(results: Sequence[Result], findings: Sequence[Finding]) -> list[Result]:
    """Return the results with those of the first case of each finding in front: to tell of a few, tell of these."""
    first = {(finding.subject, finding.cases[0]) for finding in findings}
    return sorted(results, key=lambda result: (result.subject, result.case.id) not in first)


def paragraphs(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the findings as lines."""
    several = len({finding.subject for finding in findings}) > 1
    for finding in findings:
        yield f"{finding.subject}: {finding.title}" if several else finding.title
        yield from (f"  {line}" for line in finding.lines())


def _of_subject(subject: str, runs: list[list[Result]]) -> list[Finding]:
    kinds: dict[Kind, list[list[Result]]] = {}
    agreeing = []
    for results in runs:
        wrong = [result for result in results if not result.ok]
        if wrong:
            kinds.setdefault(_kind(results, wrong), []).append(results)
        elif all(result.known is None for result in results):
            agreeing.append(results[0].case)
    return [
        _finding(subject, kind, members, agreeing, alone=len(kinds) == 1)
        for kind, members in sorted(kinds.items(), key=lambda each: -len(each[1]))
    ]


def _finding(subject: str, kind: Kind, members: list[list[Result]], agreeing: list[Case], *, alone: bool) -> Finding:
    cases = sorted((results[0].case for results in members), key=lambda case: case.multiplications)
    ids = tuple(case.id for case in cases)
    if kind.word != "differs":
        # messages of one kind may name other sizes: that of the smallest case is told
        first = next(results for results in members if results[0].case.id == ids[0])
        kind = kind._replace(what=next(str(one.reason) for one in first if not one.ok))
    return Finding(subject, kind, ids, len(agreeing), alone, separate(cases, agreeing), _explained(members))


def _kind(results: list[Result], wrong: list[Result]) -> Kind:
    said = word(wrong)
    if said != "differs":
        reason = next(str(one.reason) for one in wrong if word([one]) == said)
        return Kind(said, re.sub(r"\d+", "0", reason))
    quantities = [first_different(one.checks) for one in wrong]
    first = min((each for each in quantities if each is not None), key=QUANTITIES.index, default="output")
    parts = [f"in {first}, and not in the output"] if first != "output" else []
    if not parts and any(str(check.comparison.reason).startswith("shape") for one in wrong for check in one.checks):
        parts.append("in the shape of the output")
    if {one.case.data for one in wrong} == {"normal"} and any(one.case.data == "integers" for one in results):
        parts.append("on normal data alone, not on whole numbers")
    return Kind(said, "; ".join(parts))


def _explained(members: list[list[Result]]) -> tuple[tuple[str, int], ...]:
    """Return the fewest words that explain the most cases: of those that explain the same ones, the first."""
    by_words: dict[str, set[int]] = {}
    for place, results in enumerate(members):
        for result in results:
            for words in result.equal_if:
                by_words.setdefault(words, set()).add(place)
    told, left = Counter[str](), set(range(len(members)))
    while by_words and left and len(told) < TOLD:
        words = max(by_words, key=lambda each: len(by_words[each] & left))
        if not by_words[words] & left:
            break
        told[words] = len(by_words[words])
        left -= by_words[words]
    return tuple(told.items())
