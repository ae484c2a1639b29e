"""`fourfold bench`: ours against torch's own operator and against other frameworks, in one run."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ..console import HINT, Row, has_rich, print_table, progress
from .command import DIFFERENCE, OK, Command, UsageError, add_json, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...benchmarks import Effort, Variant

BOTH, ALL = "both", "all"
MODES = ("forward", "backward")
DTYPES = ("float32", "float64", "bfloat16")
LAYOUTS = ("contiguous", "channels_last")


def positive(text: str) -> int:
    """Return an int of 1 and above."""
    value = int(text)
    if value < 1:
        msg = f"{value}: legal are 1 and above"
        raise argparse.ArgumentTypeError(msg)
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `fourfold bench`."""
    parser.add_argument(
        "--workload",
        metavar="PATTERN",
        action="append",
        default=[],
        help="ids or globs, such as W1, 'R*' or W7/512-256; may be repeated. Default: all; in float64 and bfloat16 "
        "those marked for it",
    )
    parser.add_argument(
        "--mode",
        choices=(*MODES, BOTH),
        default=MODES[0],
        help="backward is forward and the gradients of input, weight and bias. Default: forward",
    )
    parser.add_argument("--dtype", choices=(*DTYPES, ALL), default=DTYPES[0], help="Default: float32")
    parser.add_argument(
        "--layout", choices=(*LAYOUTS, BOTH), default=LAYOUTS[0], help="of input and output. Default: contiguous"
    )
    parser.add_argument("--layers", action="store_true", help="time layers in place of functions")
    parser.add_argument("--threads", metavar="N", type=positive, help="of everybody. Default: torch's own choice")
    parser.add_argument("--rounds", metavar="N", type=positive, help="exactly so many. Default: 5 and more, by time")
    parser.add_argument("--quick", action="store_true", help="a few rounds only")
    parser.add_argument("--full", action="store_true", help="the volumes that the models state: up to 20 GB")
    parser.add_argument("--device", default="cpu", help="as torch names it. Default: cpu")
    parser.add_argument("--explain", action="store_true", help="print the engine's plan of each workload and stop")
    parser.add_argument("--list", action="store_true", help="print the workloads and stop")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure; return 1 if a result is wrong. How fast anything is never decides."""
    import torch

    from ...benchmarks import LAYERS, NATIVE, OURS, measure, peaks
    from ...benchmarks.explain import explain
    from ...benchmarks.report import as_json, notes, summary, table

    if arguments.threads is not None:
        torch.set_num_threads(arguments.threads)
    variants = _variants(arguments)
    if arguments.list:
        return _list(variants)
    if arguments.explain:
        print("\n\n".join(map(explain, variants)))
        return OK
    subjects = LAYERS if arguments.layers else (OURS, NATIVE)
    rates = peaks(list(dict.fromkeys(variant.dtype for variant in variants)), arguments.device)
    effort = _effort(arguments)
    results = [measure(variant, subjects, effort) for variant in progress(variants, len(variants), "benchmarks")]
    if arguments.json is not None:
        write_json(as_json(results, rates), arguments.json)
    if arguments.json != "-":
        print_table(*table(results, rates, [subject.name for subject in subjects]))
        print()
        print_table(*summary(results))
        print()
        for line in notes(results):
            print(line)
        print(
            f"{torch.get_num_threads()} threads; medians in ms; matrix product "
            + ", ".join(f"{dtype} {rate / 1e9:.0f} GFLOP/s" for dtype, rate in rates.flops.items())
            + f"; copy {rates.bandwidth / 1e9:.1f} GB/s"
        )
        if not has_rich():
            print(HINT, file=sys.stderr)
    return DIFFERENCE if any(result.wrong for result in results) else OK


def _variants(arguments: argparse.Namespace) -> list[Variant]:
    from ...benchmarks import Variant, WorkloadError, select

    modes = _each(arguments.mode, MODES, BOTH)
    layouts = _each(arguments.layout, LAYOUTS, BOTH)
    try:
        return [
            Variant(workload, mode, dtype, layout, arguments.device)
            for dtype in _each(arguments.dtype, DTYPES, ALL)
            for mode in modes
            for layout in layouts
            for workload in select(arguments.workload, dtype, full=arguments.full)
        ]
    except WorkloadError as error:
        raise UsageError(str(error)) from error


def _each(chosen: str, every: Sequence[str], word: str) -> Sequence[str]:
    return every if chosen == word else (chosen,)


def _effort(arguments: argparse.Namespace) -> Effort:
    from ...benchmarks import QUICK, Effort

    effort = QUICK if arguments.quick else Effort()
    return effort if arguments.rounds is None else replace(effort, rounds=arguments.rounds, most=arguments.rounds)


def _list(variants: Sequence[Variant]) -> int:
    rows = []
    for workload in dict.fromkeys(variant.workload for variant in variants):
        case = workload.case
        shapes = (f"{case.input_shape}", f"{case.weight_shape}", f"{case.output_shape}")
        rows.append(Row((workload.id, case.source, *shapes, f"{variants[0].cost.flops / 1e9:.3g}")))
    print_table(("workload", "source", "input", "weight", "output", "GFLOP"), rows)
    return OK


COMMAND = Command("bench", "measure ours beside torch's own operator and other frameworks", add_arguments, run)
