"""`fourfold bench`: ours against torch's own operator and against other frameworks, in one run."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import torch

from ....backend import autotune
from ...agreement.environments import environment
from ...agreement.worker import WorkerError
from ...bench import (
    DTYPES,
    LAYERS,
    LAYOUTS,
    MODES,
    NATIVE,
    OURS,
    QUICK,
    Effort,
    Variant,
    WorkloadError,
    measure,
    peaks,
    select,
)
from ...bench.beside import busy
from ...bench.busy import Watch
from ...bench.explain import as_json as plan_as_json
from ...bench.explain import explain
from ...bench.html import as_html
from ...bench.memory import MemoryUnavailableError, peak_memory
from ...bench.page import as_page, into, page_at
from ...bench.peers import PEERS, Peer
from ...bench.plots import PlotsUnavailableError, check_available, plot
from ...bench.record import lacking, machine, record
from ...bench.report import as_json, conditions, notes, overhead, summary, table
from ..arguments.bench import ALL, BOTH
from ..console import HINT, Row, has_rich, print_table, progress, say
from .command import DIFFERENCE, OK, UsageError, announce, check_html, write_json, write_text
from .model import check_device

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from ...bench import Peaks, Result
    from ...bench.busy import Load


def run(arguments: argparse.Namespace) -> int:
    """Measure; return 1 if a result is wrong. How fast anything is never decides."""
    if arguments.threads is not None:
        torch.set_num_threads(arguments.threads)
    variants = _variants(arguments)
    if arguments.list:
        return _list(variants)
    if arguments.explain:
        return _explain(variants, arguments.json)
    if arguments.record_costs is not None:
        return _record(arguments.record_costs)
    _check(arguments)
    effort = _effort(arguments)
    ours = LAYERS if arguments.layers else (OURS, NATIVE)
    with contextlib.ExitStack() as stack:
        _tune(stack, arguments)
        peers = [stack.enter_context(Peer(name, torch.get_num_threads())) for name in _peers(arguments.peers)]
        try:
            versions = {peer.name: peer.versions["version"] for peer in peers}
        except WorkerError as error:
            raise UsageError(str(error)) from error
        larger = {} if arguments.device == "cpu" else {"size": 8192, "megabytes": 2048}
        rates = peaks(list(dict.fromkeys(variant.dtype for variant in variants)), arguments.device, **larger)
        with Watch() as watch, busy(arguments.beside):
            results = [
                _with_memory(measure(variant, (*ours, *peers), effort), asked=arguments.memory)
                for variant in progress(variants, len(variants), "benchmarks")
            ]
        load = watch.load(rates, peaks(list(rates.flops), arguments.device, **larger))
    _write(results, rates, load, versions, arguments)
    return DIFFERENCE if any(result.wrong for result in results) else OK


def _record(path: Path) -> int:
    """Record what the file lacks of this machine, a case at a time."""
    try:
        missing = list(lacking(path))
        for case in progress(missing, len(missing), "cases"):
            record(path, case)
    except (OSError, ValueError) as error:
        msg = f"--record-costs={path}: {error}"
        raise UsageError(msg) from error
    announce(path, f"{len(missing)} cases recorded of {machine()}")
    return OK


def _explain(variants: Sequence[Variant], target: str | None) -> int:
    if target is not None:
        write_json([plan_as_json(variant) for variant in variants], target)
    if target != "-":
        say(*"\n\n".join(map(explain, variants)).split("\n"))
    return OK


def _tune(stack: contextlib.ExitStack, arguments: argparse.Namespace) -> None:
    """Let ours, and cuDNN, measure for the time of the run."""
    if arguments.autotune:
        stack.callback(autotune, False)
        autotune()
    if arguments.cudnn_benchmark:
        stack.callback(setattr, torch.backends.cudnn, "benchmark", torch.backends.cudnn.benchmark)
        torch.backends.cudnn.benchmark = True


def _check(arguments: argparse.Namespace) -> None:
    """Say before a long run, not after it, that its results cannot be got or kept."""
    check_html(arguments, "jinja2")
    if arguments.layers and arguments.memory:
        msg = "--memory measures functions: leave --layers out."
        raise UsageError(msg)
    if arguments.plot is not None:
        try:
            check_available()
            arguments.plot.mkdir(parents=True, exist_ok=True)
        except (PlotsUnavailableError, OSError) as error:
            msg = f"--plot={arguments.plot}: {error}"
            raise UsageError(msg) from error
    check_device(arguments.device)


def _peers(names: Sequence[str] | None) -> list[str]:
    """Return the peers to measure, each of which is ready."""
    if not names:
        return []
    states = {name: environment(habits.environment).state for name, habits in PEERS.items()}
    if ALL in names:
        ready = [name for name, state in states.items() if state == "ready" and PEERS[name].default]
        if not ready:
            msg = f"--peers: no environment is ready. Make some: `fourfold env create {' '.join(PEERS)}`."
            raise UsageError(msg)
        return ready
    chosen = list(dict.fromkeys(names))
    for name in chosen:
        if states[name] != "ready":
            msg = f"--peers: {name} is {states[name]}. Run `fourfold env create {name}`."
            raise UsageError(msg)
    return chosen


def _with_memory(result: Result, *, asked: bool) -> Result:
    if not asked:
        return result
    try:
        memory = {subject.name: peak_memory(result.variant, subject.name) for subject in (OURS, NATIVE)}
    except MemoryUnavailableError as error:
        msg = f"--memory: {error}"
        raise UsageError(msg) from error
    return replace(result, memory=memory)


def _write(
    results: Sequence[Result], rates: Peaks, load: Load, versions: dict[str, str], arguments: argparse.Namespace
) -> None:
    subjects = [OURS.name, NATIVE.name, *versions]
    if arguments.html is not None:
        write_text(as_html(results, rates, versions, subjects, arguments.line), arguments.html, "--html")
    if arguments.json is not None:
        write_json({**as_json(results, rates, versions, arguments.beside), "load": asdict(load)}, arguments.json)
    if arguments.markdown is not None:
        page = into(as_page(results, rates, versions, subjects, arguments.beside), page_at(arguments.markdown))
        write_text(page, arguments.markdown, "--markdown")
    if arguments.plot is not None:
        for path in plot(results, rates, arguments.plot):
            announce(path)
    if arguments.json == "-":
        return
    for headers, rows in (table(results, rates, subjects), summary(results), overhead(results)):
        if rows:
            print_table(headers, rows, whole=True, optional=_optional(headers, rows))
            say("")
    say(*notes(results), f"medians in milliseconds; {conditions(rates, versions, arguments.beside)}")
    if load.is_busy:
        say(str(load))
    if not has_rich():
        say(HINT, error=True)


def _optional(headers: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Return the columns that a narrow terminal goes without: first those that say the same in every row."""
    columns = dict(zip(headers, zip(*(row.cells for row in rows), strict=True), strict=True))
    same = [name for name in ("mode", "dtype", "layout") if len(set(columns.get(name, "12"))) == 1]
    return [name for name in ("of roofline", "GFLOP/s", "of product", "of copy") if name in columns] + same


def _variants(arguments: argparse.Namespace) -> list[Variant]:
    modes = _each(arguments.mode, MODES, BOTH)
    layouts = _each(arguments.layout, LAYOUTS, BOTH)
    try:
        return [
            Variant(workload, mode, dtype, layout, arguments.device)
            for dtype in _each(arguments.dtype, DTYPES, ALL)
            for mode in modes
            for layout in layouts
            for workload in select(arguments.workload, dtype, full=arguments.full, large=arguments.device != "cpu")
        ]
    except WorkloadError as error:
        raise UsageError(str(error)) from error


def _each(chosen: Sequence[str], every: Sequence[str], word: str) -> Sequence[str]:
    """Return the values that are asked for, in the order of the table; the first where none is."""
    return every if word in chosen else [value for value in every if value in (chosen or every[:1])]


def _effort(arguments: argparse.Namespace) -> Effort:
    effort = QUICK if arguments.quick else Effort()
    return effort if arguments.rounds is None else replace(effort, rounds=arguments.rounds, most=arguments.rounds)


def _list(variants: Sequence[Variant]) -> int:
    rows: dict[str, Row] = {}
    for variant in variants:
        case = variant.case
        shapes = ("x".join(map(str, shape)) for shape in (case.input_shape, case.weight_shape, case.output_shape))
        volume = "smaller" if variant.workload.reduced else "stated"
        work = f"{variant.cost.flops / 1e9:.3g}"
        rows.setdefault(case.id, Row((case.id, case.source, *shapes, volume, work)))
    headers = ("workload", "source", "input", "weight", "output", "volume", "GFLOP")
    print_table(headers, list(rows.values()), whole=True, optional=("source", "volume"))
    return OK
