"""Seconds of every algorithm on every workload: what the engine's predictions are fitted to (`fit`)."""

from __future__ import annotations

import json
import random
import statistics
import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import torch

from ...backend import ConvTranspose3dSpec
from ...backend.execution import slabwise
from ...backend.planning.case import Case, case_of
from ...backend.planning.planner import possible, possible_gradients
from ...backend.planning.rates import measured, processor
from .subjects import operands, specification
from .variant import DTYPES, FORWARD, LAYOUTS, MODES, Variant
from .workloads import select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .subjects import Operands

DRAWN = 50  # layers drawn at random beside the workloads
HALVES = 40  # of these, in bfloat16 too
TINY = 30  # of small volumes, where calls are what counts
HOPELESS = 4.0  # times as long as the best so far: one call is enough to know
ROUNDS = 3
_SEED = 20
_MOST_PRODUCTS, _MOST_VALUES = 4e9, 2e7


def machine() -> str:
    """Return the name under which what is recorded here is kept: the processor and the threads."""
    return f"{processor()}, {torch.get_num_threads()} threads"


def lacking(path: Path) -> Iterator[str]:
    """Yield the keys of what a file lacks of this machine."""
    known = _read(path).get(machine(), {"cases": {}})["cases"]
    return (key for key in given() if key not in known)


def record(path: Path, key: str) -> None:
    """Measure a case and write it into the file, which is replaced whole: a run that is cut off goes on there."""
    content = _read(path)
    here = content.setdefault(machine(), {"torch": torch.__version__, "rates": measured()._asdict(), "cases": {}})
    case, mode = parsed(key)
    here["cases"][key] = _seconds(case, mode, given()[key]())
    write(path, content)


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write with one case per line."""
    lines = []
    for name, machine in content.items():
        head = json.dumps({key: value for key, value in machine.items() if key != "cases"})[:-1]
        rows = [f"  {json.dumps(key)}: {json.dumps(row)}" for key, row in machine["cases"].items()]
        lines.append(f' {json.dumps(name)}: {head}, "cases": {{\n' + ",\n".join(rows) + "\n }}")
    part = path.with_suffix(".part")
    part.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    part.replace(path)


@lru_cache(maxsize=1)
def given() -> dict[str, Callable[[], Operands | None]]:
    """Return what is recorded: what makes the operands of each, None for random ones; by key."""
    found: dict[str, Callable[[], Operands | None]] = {}
    for dtype in DTYPES:
        for layout in LAYOUTS if dtype == DTYPES[0] else LAYOUTS[:1]:
            for mode in MODES:
                for workload in select([], dtype):
                    variant = Variant(workload, mode, dtype, layout)
                    found[key_of(_case(specification(variant.case), variant), mode)] = partial(operands, variant)
    halves = (case._replace(dtype=torch.bfloat16) for case in drawn(HALVES))
    for case in (*drawn(DRAWN), *drawn(TINY, edges=(1, 2, 3, 4, 6)), *halves):
        for mode in MODES:
            found.setdefault(key_of(case, mode), lambda: None)
    return found


def _case(spec: ConvTranspose3dSpec, variant: Variant) -> Case:
    shape = variant.case.input_shape
    batched = shape if len(shape) == 5 else (1, *shape)  # (N, C, D, H, W)
    layout = torch.channels_last_3d if variant.layout == "channels_last" else torch.contiguous_format
    input = torch.empty(batched, dtype=getattr(torch, variant.dtype), device="meta", memory_format=layout)
    return case_of(spec, input)._replace(device="cpu")


def drawn(number: int, edges: Sequence[int] = (4, 6, 8, 12, 16, 20, 24, 32, 48)) -> Iterator[Case]:
    """Yield cases like those of models, always the same."""
    draw = random.Random(_SEED)
    found = 0
    while found < number:
        groups = draw.choice([1, 1, 1, 1, 2, 4, 8])
        wide, deep = (groups * draw.choice([1, 2, 3, 4, 8, 12, 16, 24, 32, 64, 128]) for _ in range(2))
        kernel, stride = draw.choice([(2, 2), (2, 2), (3, 1), (3, 2), (4, 2), (5, 2), (4, 4), (1, 1), (7, 2), (6, 3)])
        padding = draw.choice([0, (kernel - stride) // 2]) if kernel > stride else 0
        dilation = draw.choice([1] * 9 + [2])
        size = (draw.choice(edges), draw.choice(edges), draw.choice(edges))
        batch, layout = draw.choice([1, 1, 2, 4]), draw.random() < 0.2
        dtype = draw.choice([torch.float32] * 4 + [torch.float64])
        spec = ConvTranspose3dSpec(
            in_channels=wide,
            out_channels=deep,
            kernel_size=kernel,
            stride=stride,
            padding=padding,
            groups=groups,
            dilation=dilation,
        )
        case = Case(spec, batch, size, dtype, "cpu", layout and wide > 1, torch.get_num_threads())
        values = case.output_voxels * deep + case.input_voxels * wide
        if case.products < _MOST_PRODUCTS and values < _MOST_VALUES:
            found += 1
            yield case


def key_of(case: Case, mode: str) -> str:
    """Write a case as JSON: what `parsed` reads."""
    spec = case.spec
    row = {
        "mode": mode,
        "channels": [spec.in_channels, spec.out_channels],
        "kernel": spec.kernel_size,
        "stride": spec.stride,
        "padding": spec.padding,
        "extra": spec.output_padding,
        "dilation": spec.dilation,
        "groups": spec.groups,
        "batch": case.batch,
        "size": case.size,
        "dtype": str(case.dtype).removeprefix("torch."),
        "channels_last": case.channels_last,
        "threads": case.threads,
    }
    return json.dumps(row, separators=(",", ":"))


def parsed(key: str) -> tuple[Case, str]:
    """Return the case and the mode of a key.

    Example:
        >>> from fourfold.backend.planning.case import case_of
        >>> spec = ConvTranspose3dSpec(in_channels=4, out_channels=2, kernel_size=2, stride=2)
        >>> case = case_of(spec, torch.empty(1, 4, 3, 3, 3))
        >>> parsed(key_of(case, "forward")) == (case, "forward")
        True
    """
    row = json.loads(key)
    spec = ConvTranspose3dSpec(
        in_channels=row["channels"][0],
        out_channels=row["channels"][1],
        kernel_size=tuple(row["kernel"]),
        stride=tuple(row["stride"]),
        padding=tuple(map(tuple, row["padding"])),
        output_padding=tuple(row["extra"]),
        dilation=tuple(row["dilation"]),
        groups=row["groups"],
    )
    dtype = getattr(torch, row["dtype"])
    return Case(spec, row["batch"], tuple(row["size"]), dtype, "cpu", row["channels_last"], row["threads"]), row["mode"]


def _seconds(case: Case, mode: str, given: Operands | None) -> dict[str, float]:
    """Time everybody who can compute a case, in turn."""
    spec, layout = case.spec, torch.channels_last_3d if case.channels_last else torch.contiguous_format
    if given is None:
        input = torch.rand(case.batch, spec.in_channels, *case.size, dtype=case.dtype).contiguous(memory_format=layout)
        weight, bias = torch.rand(spec.weight_shape, dtype=case.dtype), torch.rand(spec.out_channels, dtype=case.dtype)
    else:
        input, weight, bias = (each.detach() for each in given[:3])
        input = input if input.dim() == 5 else input.unsqueeze(0)  # (N, C, D, H, W)
    calls: dict[str, Callable[[], object]]
    with torch.no_grad():
        if mode == FORWARD:
            ways = [each for each in possible(case) if each.name != "fft"]
            calls = {each.name: partial(slabwise.compute, each, case, input, weight, bias) for each in ways}
            calls["native"] = partial(slabwise.compute, None, case, input, weight, bias)
        else:
            gradient = torch.rand(case.batch, spec.out_channels, *spec.output_size(case.size), dtype=case.dtype)
            gradient = gradient.contiguous(memory_format=layout)
            calls = {
                each.name: partial(slabwise.backward, each, case, gradient, input, weight, (True, True))
                for each in possible_gradients(case)
            }
        return _in_turn(calls)


def _in_turn(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return medians of rounds, of one call for those that are hopeless; short calls follow one that is not counted."""
    found: dict[str, list[float]] = {}
    for name, call in calls.items():
        call()
        found[name] = [_once(call)]
    best = min(times[0] for times in found.values())
    racing = [name for name, times in found.items() if times[0] < HOPELESS * best]
    rounds = ROUNDS if best < 1 / ROUNDS else 2
    for _ in range(rounds):
        for name in racing:
            if best < 0.02:  # seconds: threads fall asleep
                calls[name]()
            found[name].append(_once(calls[name]))
    return {name: float(f"{statistics.median(times):.4g}") for name, times in found.items()}


def _once(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
