"""`fourfold agree`: run the front ends on the same operators and compare them with the definition and each other."""

from __future__ import annotations

import sys
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..agreement.cases import DATA
from ..agreement.catalogue import SelectionError, catalogue, select
from ..agreement.report import as_json, differences, summary, table
from ..agreement.run import agree
from ..agreement.subjects import SUBJECTS
from ..console import HINT, Row, has_rich, print_table, progress
from .command import DIFFERENCE, OK, Command, UsageError, add_json, write_json

if TYPE_CHECKING:
    import argparse

    from ..agreement.cases import Case
    from ..agreement.run import Result
    from ..agreement.subjects import Subject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold agree`."""
    parser.add_argument(
        "--cases",
        metavar="GLOB",
        action="append",
        default=[],
        help="ids to run, such as W7/512-256, 'W1/*' or 'option/*'; may be repeated. "
        "Default: the workloads of published models and the documentation's examples",
    )
    parser.add_argument(
        "--subjects",
        metavar="GLOB",
        action="append",
        default=[],
        help=f"what to run them on; may be repeated. Default: all of {', '.join(SUBJECTS)}",
    )
    parser.add_argument("--data", choices=DATA, help="run on one kind of data only. Default: both")
    parser.add_argument("--full", action="store_true", help="the volumes that the models state: hours, up to 15 GB")
    parser.add_argument("--every-form", action="store_true", help="functions too, where layers alone are run")
    parser.add_argument("--each", action="store_true", help="one line per front end, where equal ones share a line")
    parser.add_argument("--list", action="store_true", help="print the ids of all cases and stop")
    parser.add_argument("--quiet", action="store_true", help="print differences and the summary only")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the cases; return 1 if anything differs."""
    if arguments.list:
        print_table(
            ("case", "source", "output"),
            [Row((case.id, case.source, str(case.output_shape))) for case in catalogue(full=arguments.full)],
        )
        return OK
    cases, subjects = _cases(arguments), _subjects(arguments.subjects)
    total = len(cases) * sum(len(subject.forms) if arguments.every_form else 1 for subject in subjects)
    start = time.perf_counter()
    results = list(
        progress(agree(cases, subjects, every_form=arguments.every_form), total, "agreement", quiet=arguments.quiet)
    )
    seconds = time.perf_counter() - start
    if arguments.json is not None:
        write_json(as_json(results, seconds), arguments.json)
    if arguments.json != "-":
        _print(results, seconds, arguments)
    return OK if all(result.ok for result in results) else DIFFERENCE


def _cases(arguments: argparse.Namespace) -> list[Case]:
    try:
        chosen = select(arguments.cases, full=arguments.full)
    except SelectionError as error:
        raise UsageError(str(error)) from error
    kinds = DATA if arguments.data is None else (arguments.data,)
    return [case.replace(data=kind) for case in chosen for kind in kinds]


def _subjects(patterns: list[str]) -> list[Subject]:
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in SUBJECTS):
            msg = f"no subject matches {pattern!r}; there are {', '.join(SUBJECTS)}."
            raise UsageError(msg)
    return [
        subject
        for name, subject in SUBJECTS.items()
        if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
    ]


def _print(results: list[Result], seconds: float, arguments: argparse.Namespace) -> None:
    if not arguments.quiet:
        headers, rows = table(results, each=arguments.each)
        print_table(headers, rows)
        print()
    for line in differences(results):
        print(line)
    print(summary(results, seconds))
    if not has_rich() and not arguments.quiet:
        print(HINT, file=sys.stderr)


COMMAND = Command("agree", "compare the front ends with the definition and with each other", add_arguments, run)
