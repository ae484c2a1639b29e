"""Results as tables and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch

from ..cli.console import Row
from ..cli.environment import environment
from .subjects import NATIVE, OURS
from .summary import groups, ratio, ratio_to_best
from .workloads import SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .measure import Result
    from .peaks import Peaks

# of the JSON; a reader of another version must be told
VERSION = 1
NONE = "-"


def table(results: Sequence[Result], peaks: Peaks, subjects: Sequence[str]) -> tuple[tuple[str, ...], list[Row]]:
    """Return headers and one row per variant: medians, ratios, rates, shares of the peaks."""
    others = [name for name in subjects if name not in (OURS.name, NATIVE.name)]
    memory = any(result.memory for result in results)
    headers: tuple[str, ...] = ("workload", "of", "mode", "dtype", "layout", f"{OURS.name} ms", f"{NATIVE.name} ms")
    headers += ("ratio", *(f"{name} ms" for name in others))
    headers += ("to best",) if others else ()
    headers += ("GFLOP/s", "of product", "of copy", "of roofline")
    headers += (f"MB {OURS.name}", f"MB {NATIVE.name}") if memory else ()
    return headers, [_row(result, peaks, others, memory=memory) for result in results]


def _row(result: Result, peaks: Peaks, others: Sequence[str], *, memory: bool) -> Row:
    variant, cost = result.variant, result.variant.cost
    times = {name: milliseconds(result, name) for name in (OURS.name, NATIVE.name, *others)}
    quotient = ratio(result)
    cells = [
        variant.workload.id,
        variant.case.source,
        variant.mode,
        variant.dtype,
        variant.layout,
        times[OURS.name],
        times[NATIVE.name],
    ]
    cells += [_number(quotient), *(times[name] for name in others)]
    cells += [_number(ratio_to_best(result))] if others else []
    if OURS.name in result.timings:
        seconds = result.timings[OURS.name].median
        product, copy = peaks.flops[variant.dtype], peaks.bandwidth
        cells.append(f"{cost.flops / seconds / 1e9:.1f}")
        shares = (cost.flops / product, cost.bytes / copy, cost.seconds(product, copy))
        cells += [f"{share / seconds:.0%}" for share in shares]
    else:
        cells += [NONE] * 4
    if memory:
        cells += [f"{result.memory[name] / 1e6:.1f}" if name in result.memory else NONE for name in times][:2]
    slower = quotient is not None and quotient < 0.95
    return Row(tuple(cells), "bad" if result.wrong or slower else "")


def milliseconds(result: Result, name: str) -> str:
    """Return the median in milliseconds with three digits, or why there is none."""
    if name in result.wrong:
        return "wrong"
    if name not in result.timings:
        return NONE
    return f"{1e3 * result.timings[name].median:#.3g}".rstrip(".")


def summary(results: Sequence[Result]) -> tuple[tuple[str, ...], list[Row]]:
    """Return headers and one row per group of ratios."""
    headers = ("group", "against", "geometric mean", "least", "where", "ratios")
    rows = [
        Row((group.name, group.against, f"{group.mean:.2f}", f"{group.least:.2f}", group.where, str(group.count)))
        for group in groups(results)
    ]
    return headers, rows


def overhead(results: Sequence[Result]) -> tuple[tuple[str, ...], list[Row]]:
    """Return headers and one row per small shape: microseconds, and what ours adds to torch's."""
    headers = ("small shape", "mode", f"{OURS.name} us", f"{NATIVE.name} us", "adds us", "adds")
    rows = []
    for result in results:
        variant, times = result.variant, result.timings
        if SMALL in variant.workload.marks and {OURS.name, NATIVE.name} <= times.keys():
            ours, theirs = (1e6 * times[name].median for name in (OURS.name, NATIVE.name))
            more = ours - theirs
            cells = (f"{ours:.1f}", f"{theirs:.1f}", f"{more:+.1f}", f"{more / theirs:+.0%}")
            rows.append(Row((variant.workload.id, variant.mode, *cells)))
    return headers, rows


def notes(results: Sequence[Result]) -> list[str]:
    """Return one line per subject that disagrees or was not measured."""
    lines = [f"{result.variant}: {name} is wrong: {text}" for result in results for name, text in result.wrong.items()]
    reasons: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for name, text in result.missing.items():
            reasons.setdefault((name, text), []).append(str(result.variant))
    return lines + [f"{name} not measured, {text}: {', '.join(where)}" for (name, text), where in reasons.items()]


def as_json(results: Sequence[Result], peaks: Peaks, versions: Mapping[str, str], beside: int = 0) -> dict[str, Any]:
    """Return everything that was measured, ready for JSON; `versions` are those of the peers."""
    return {
        "version": VERSION,
        "environment": environment(),
        "peers": dict(versions),
        "peaks": asdict(peaks),
        "beside": beside,
        "results": [_described(result, peaks) for result in results],
        "groups": [asdict(group) for group in groups(results)],
    }


def conditions(peaks: Peaks, versions: Mapping[str, str], beside: int = 0) -> str:
    """Return in one line with what the numbers were got; `beside` busy processes."""
    facts = environment()
    rates = [f"{dtype} {rate / 1e9:.0f} GFLOP/s" for dtype, rate in peaks.flops.items()]
    others = "".join(f", {name} {version}" for name, version in versions.items())
    if torch.cuda.is_available():
        cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
        others += f", {torch.cuda.get_device_name()}, CUDA {facts['cuda']}, cuDNN {cudnn}"
    loaded = f"; beside {beside} busy process{'es' if beside > 1 else ''}" if beside else ""
    return (
        f"{facts['cpu']}, {facts['cpu_capability']}, {facts['threads']} threads; Python {facts['python'].split()[-1]}, "
        f"torch {facts['torch']}{others}; matrix product {', '.join(rates)}; "
        f"copy {peaks.bandwidth / 1e9:.1f} GB/s{loaded}"
    )


def _described(result: Result, peaks: Peaks) -> dict[str, Any]:
    variant, cost = result.variant, result.variant.cost
    return {
        "workload": variant.workload.id,
        "source": variant.workload.case.source,
        "reduced": variant.workload.reduced,
        "case": variant.case.to_json(),
        "mode": variant.mode,
        "dtype": variant.dtype,
        "layout": variant.layout,
        "device": variant.device,
        "flops": cost.flops,
        "bytes": cost.bytes,
        "roofline": cost.seconds(peaks.flops[variant.dtype], peaks.bandwidth),
        "timings": {name: asdict(timing) for name, timing in result.timings.items()},
        "ratio": ratio(result),
        "ratio_to_best": ratio_to_best(result),
        "missing": result.missing,
        "wrong": result.wrong,
        "memory": result.memory,
    }


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
