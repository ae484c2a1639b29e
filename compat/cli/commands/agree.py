"""`fourfold agree`: run front ends, frameworks and one's own class on the same operators and compare them."""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict
from fnmatch import fnmatchcase
from itertools import chain
from typing import TYPE_CHECKING

from ...agreement.cases import DATA
from ...agreement.catalogue import SelectionError, catalogue, in_dtypes, select
from ...agreement.diagnosis.findings import diagnose, paragraphs, telling_first
from ...agreement.edges import agree_on_edges, edges, name_of
from ...agreement.environments import SPECIFICATIONS, BrokenEnvironmentError, environment
from ...agreement.html import NEEDED, as_html
from ...agreement.junit import as_junit
from ...agreement.known import explain, idle
from ...agreement.names import examples
from ...agreement.names.agreement import agree_on_names
from ...agreement.names.calls import areas
from ...agreement.report import (
    as_json,
    differences,
    frameworks_beside,
    largest_rounding,
    largest_share,
    summary,
)
from ...agreement.run import agree, forms_of
from ...agreement.subjects import ENGINE, SUBJECTS
from ...agreement.subjects.author import APIS, Author, SubjectError
from ...agreement.subjects.release import FRONT_END, release
from ...agreement.table import legend, not_expressible, table
from ...agreement.worker import WorkerError
from ...suggestion import did_you_mean
from ..arguments.agree import ALL
from ..console import HINT, Row, has_rich, print_table, progress, say
from .command import DIFFERENCE, OK, UsageError, check_html, write_json, write_text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from ...agreement.cases import Case
    from ...agreement.run import Result
    from ...agreement.subjects import Subject


def run(arguments: argparse.Namespace) -> int:
    """Run the cases; return 1 if anything differs."""
    if arguments.list:
        return _list(arguments)
    if arguments.names:
        return _names(arguments)
    if arguments.examples:
        return _examples(arguments)
    environments = _environments(arguments.environments)
    cases, wrong_calls = _cases(arguments, environments)
    check_html(arguments, *NEEDED)
    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        subjects = _subjects(arguments, environments, stack)
        cases = _without_bias(cases, subjects)
        every_form, form = arguments.every_form, arguments.form
        total = len(cases) * sum(len(forms_of(subject, every_form, form)) for subject in subjects)
        running: Iterator[Result] = agree(cases, subjects, every_form=every_form, form=form)
        if wrong_calls:
            asked = agree_on_edges(environments, arguments.cases, every_form=every_form, form=form)
            running = chain(running, asked)
        try:
            steps = progress(explain(running), total, "agreement", quiet=arguments.quiet)
            results = list(_until_first_difference(steps) if arguments.exit_first else steps)
        except (WorkerError, BrokenEnvironmentError) as error:
            raise UsageError(str(error)) from error
    seconds = time.perf_counter() - start
    complete = "*" in arguments.cases and every_form and not (arguments.data or arguments.dtype or arguments.exit_first)
    unproven = idle(results) if complete and environments else []
    _write(results, seconds, arguments)
    if arguments.json != "-":
        _print(results, seconds, arguments, unproven)
        if len(results) < total and arguments.exit_first:
            say(f"-x: stopped at the first difference; {total - len(results)} of {total} runs were not made")
    return OK if all(result.ok for result in results) and not unproven else DIFFERENCE


def _until_first_difference(results: Iterable[Result]) -> Iterator[Result]:
    for result in results:
        yield result
        if not result.ok:
            return


def _without_bias(cases: list[Case], subjects: Sequence[Subject]) -> list[Case]:
    """Take the bias off all cases for a class or function that has none: little would be left to ask it."""
    lacking = [subject for subject in subjects if isinstance(subject, Author) and not subject.has_bias]
    return [case.replace(bias=False) for case in cases] if lacking else cases


def _list(arguments: argparse.Namespace) -> int:
    rows = [Row((case.id, case.source, str(case.output_shape))) for case in catalogue(full=arguments.full)]
    rows += [Row((name, "wrong call, with --with", "")) for name in _wrong_calls(list(FRONT_END))]
    print_table(("case", "source", "output"), rows)
    return OK


def _wrong_calls(frameworks: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name_of(request) for framework in frameworks for request in edges(framework)))


def _environments(asked: Sequence[str]) -> list[str]:
    names = SPECIFICATIONS if ALL in asked else asked
    unready = {name: environment(name).state for name in names if environment(name).state != "ready"}
    if unready:
        states = ", ".join(f"{name} is {state}" for name, state in unready.items())
        msg = f"--with: {states}. Run `fourfold env create {' '.join(unready)}`."
        raise UsageError(msg)
    return list(dict.fromkeys(names))


def _cases(arguments: argparse.Namespace, environments: list[str]) -> tuple[list[Case], bool]:
    """Return the cases, and whether wrong calls are asked for too."""
    frameworks = [SPECIFICATIONS[name].framework for name in environments]
    calls = _wrong_calls(frameworks)
    try:
        chosen = select(arguments.cases, full=arguments.full, others=calls)
    except SelectionError as error:
        raise UsageError(str(error)) from error
    kinds = DATA if arguments.data is None else (arguments.data,)
    cases = [case.replace(data=kind) for case in in_dtypes(chosen, arguments.dtype) for kind in kinds]
    wanted = any(fnmatchcase(name, pattern) for name in calls for pattern in arguments.cases)
    return cases, wanted and not arguments.dtype


def _subjects(arguments: argparse.Namespace, environments: list[str], stack: contextlib.ExitStack) -> list[Subject]:
    if (arguments.subject is None) != (arguments.api is None):
        msg = f"--subject and --api go together: --subject package.module:Class --api {'|'.join(APIS)}."
        raise UsageError(msg)
    own: list[Subject] = []
    if arguments.subject is not None:
        try:
            own = [stack.enter_context(Author(arguments.subject, arguments.api))]
        except SubjectError as error:
            raise UsageError(str(error)) from error
    real = [stack.enter_context(release(name)) for name in environments]
    return [*_in_process(arguments, environments), *real, *own]


def _in_process(arguments: argparse.Namespace, environments: list[str]) -> list[Subject]:
    patterns = arguments.subjects
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in SUBJECTS):
            msg = f"no subject matches {pattern!r}; there are {', '.join(SUBJECTS)}."
            raise UsageError(msg + did_you_mean(pattern, SUBJECTS))
    if not patterns and environments:
        patterns = [ENGINE.name, *(f"{name.partition('-')[0]}*" for name in environments)]
    elif not patterns and arguments.subject is not None:
        return []
    return [
        subject
        for name, subject in SUBJECTS.items()
        if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _write(results: list[Result], seconds: float, arguments: argparse.Namespace) -> None:
    if arguments.junit is not None:
        write_text(as_junit(results, seconds), arguments.junit, "--junit")
    if arguments.html is not None:
        write_text(as_html(results, seconds, arguments.line), arguments.html, "--html")
    if arguments.json is not None:
        write_json(as_json(results, seconds), arguments.json)


def _asked(arguments: argparse.Namespace, there: Sequence[str], what: str) -> list[str]:
    named: list[str] = arguments.environments
    asked = list(there) if not named or ALL in named else list(dict.fromkeys(named))
    unknown = [name for name in asked if name not in there]
    if unknown:
        msg = f"--with: {unknown[0]!r} has no {what}; there are {what} for {', '.join(there)}."
        raise UsageError(msg)
    return asked


def _names(arguments: argparse.Namespace) -> int:
    """Compare names; return 1 if a call is answered otherwise without a stated reason, or a reason explains none."""
    asked = _asked(arguments, [name for name in SPECIFICATIONS if areas(name)], "calls")
    steps = None if arguments.quiet else progress
    try:
        found = [area for name in asked for area in agree_on_names(name, area=arguments.area, steps=steps)]
    except BrokenEnvironmentError as error:
        raise UsageError(str(error)) from error
    if arguments.json is not None:
        write_json([asdict(area) for area in found], arguments.json)
    if arguments.json != "-":
        rows = [
            Row(
                (
                    f"{area.framework}/{area.area}",
                    *map(str, (area.calls, area.refused, len(area.differences), len(area.known))),
                ),
                "bad" if area.differences or area.idle else "",
            )
            for area in found
        ]
        print_table(("calls", "asked", "refused by both", "differ", "differ for a stated reason"), rows)
        for area in found:
            for line, difference in area.differences.items():
                say(f"{area.framework}: {line}: {difference}")
            for pattern in area.idle:
                say(f"{area.framework}: known difference that no call bears out: {pattern}")
    return DIFFERENCE if any(area.differences or area.idle for area in found) else OK


def _examples(arguments: argparse.Namespace) -> int:
    """Compare examples; return 1 if any comes out otherwise without a stated reason, or a reason has become idle."""
    asked = _asked(arguments, examples.FRAMEWORKS, "examples")
    names = [arguments.area] if arguments.area else ["*"]
    steps = None if arguments.quiet else progress
    try:
        found = {name: list(examples.agree_on_examples(name, names=names, steps=steps)) for name in asked}
    except BrokenEnvironmentError as error:
        raise UsageError(str(error)) from error
    wrong = [each for outcomes in found.values() for each in outcomes if each.verdict in examples.WRONG]
    unproven = [] if arguments.area else [(name, each) for name in asked for each in examples.idle(name, found[name])]
    if arguments.json is not None:
        write_json([asdict(each) for outcomes in found.values() for each in outcomes], arguments.json)
    if arguments.json != "-":
        counted = {name: examples.counts(outcomes) for name, outcomes in found.items()}
        rows = [
            Row((name, str(len(found[name])), *map(str, each.values())), "bad" if each[examples.DIFFERS] else "")
            for name, each in counted.items()
        ]
        print_table(("examples", "all", *examples.VERDICTS), rows)
        for each in wrong:
            say(f"{each.framework}: {each.name}: {each.verdict}: {each.what}")
        for name, pattern in unproven:
            say(f"{name}: a reason that no example bears out: {pattern}")
    return DIFFERENCE if wrong or unproven else OK


def _print(results: list[Result], seconds: float, arguments: argparse.Namespace, unproven: list[str]) -> None:
    if not arguments.quiet:
        headers, rows = table(results, each=arguments.each)
        print_table(headers, rows, whole=True, optional=("output",) if arguments.each else ())
        say("", *legend(rows))
        if not arguments.each and (lines := not_expressible(results)):
            say("", *lines)
        say("")
    findings = diagnose(results)
    if findings:
        say("what the differences have in common:", *(f"  {line}" for line in paragraphs(findings)), "")
    for line in differences(telling_first(results, findings), arguments.max_differences):
        say(line)
    if any(result.beside for result in results):
        say("frameworks beside one another:")
        for line in frameworks_beside(results):
            say(f"  {line}")
    if arguments.environments and not arguments.quiet:
        eps, shares = largest_rounding(results), largest_share(results)
        told = ", ".join(f"{name} {eps[name]:.2f} ({shares[name]:.2f} of the bound)" for name in eps)
        say(f"largest rounding in eps: {told}")
    for line in unproven:
        say(f"known deviation that nothing here bears out: {line}")
    say(summary(results, seconds))
    if not has_rich() and not arguments.quiet:
        say(HINT, error=True)
