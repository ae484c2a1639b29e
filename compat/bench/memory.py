"""Peak memory of one call, measured in a process of its own; Linux only."""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from ...backend.execution import slabwise
from ...backend.execution.memory import recycler
from ...backend.planning.case import case_of
from ...backend.planning.planner import possible, possible_gradients
from ..agreement.cases import Case
from .subjects import NATIVE, OURS, Operands, operands, specification
from .variant import Variant
from .workloads import Workload

STATUS = Path("/proc/self/status")
RESET = Path("/proc/self/clear_refs")
SUBJECTS = {subject.name: subject for subject in (OURS, NATIVE)}


class MemoryUnavailableError(RuntimeError):
    """This system does not tell the peak memory of a process, or the process failed."""


def peak_memory(variant: Variant, subject: str) -> int:
    """Return the bytes that one call takes at its peak beyond its operands, the result included.

    Before, libraries are loaded and threads started: by a call on a volume of one voxel, and by every algorithm of
    the engine on it, whoever is measured.

    Args:
        variant: what is called.
        subject: `fourfold` or `torch`.

    Raises:
        MemoryUnavailableError: not Linux, or the process did not end well.
    """
    if not RESET.exists() or variant.device != "cpu":
        msg = "peak memory is known on Linux's CPUs alone: there is no /proc/self/clear_refs, or the device is another."
        raise MemoryUnavailableError(msg)
    request = {
        "subject": subject,
        "case": variant.case.to_json(),
        "mode": variant.mode,
        "dtype": variant.dtype,
        "layout": variant.layout,
        "threads": torch.get_num_threads(),
    }
    command = [sys.executable, "-m", __name__, json.dumps(request)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["nothing on stderr"]
        msg = f"{variant}: {subject} ended with exit code {done.returncode}: {last[0]}"
        raise MemoryUnavailableError(msg)
    return int(done.stdout)


def measure_here(request: dict[str, Any]) -> int:
    """Return the peak of a request in this process."""
    torch.set_num_threads(request["threads"])
    subject = SUBJECTS[request["subject"]]
    case = Case.from_json(request["case"])

    def variant_of(case: Case) -> Variant:
        return Variant(Workload(case), request["mode"], request["dtype"], request["layout"])

    # explicit pads: SAME would be others for one voxel, and there it may cut everything
    geometry = case.geometry()
    one = case.replace(input_size=geometry.stride, padding=0, output_padding=0, batch=1)
    small = variant_of(one)
    subject.prepare(small, operands(small)).results()
    _run_all(small, operands(small))
    variant = variant_of(case)
    given = operands(variant)
    prepared = subject.prepare(variant, given)
    _give_back()
    RESET.write_text("5", encoding="ascii")
    before = _status("VmRSS")
    results = prepared.results()
    peak = _status("VmHWM") - before
    del results
    return max(peak, 0)


def _run_all(variant: Variant, given: Operands) -> None:
    input, weight = given.input.detach(), given.weight.detach()
    bias = None if given.bias is None else given.bias.detach()
    case = case_of(specification(variant.case), input)
    for algorithm in possible(case):
        slabwise.forward(algorithm, case, input, weight, bias)
    size = case.spec.output_size(case.size)
    gradient = torch.ones((case.batch, case.spec.out_channels, *size), dtype=case.dtype)
    for each in possible_gradients(case):
        slabwise.backward(each, case, gradient, input, weight, (True, True))


def _give_back() -> None:
    """Return what is free to the system: memory of earlier calls that is used again would not be counted."""
    recycler.clear()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries than GNU's have none
    if trim is not None:
        trim(0)


def _status(field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB$", STATUS.read_text(encoding="ascii"), re.MULTILINE)
    assert found is not None  # Linux writes both fields for every process with memory of its own
    return 1024 * int(found[1])


if __name__ == "__main__":
    print(measure_here(json.loads(sys.argv[1])))
