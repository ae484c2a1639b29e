from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from fourfold.compat.agreement.cases import Case
from fourfold.compat.bench import Variant, Workload
from fourfold.compat.bench.memory import MemoryUnavailableError, peak_memory

CASE = Case(id="one", source="", in_channels=4, out_channels=8, kernel_size=2, stride=2, input_size=64, batch=1)
RESULT = 4 * 8 * 128**3  # bytes
ONE = Variant(Workload(CASE), "forward", "float32", "contiguous")


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
def test_a_call_takes_at_least_its_result_and_less_than_ten_of_them() -> None:
    assert RESULT <= peak_memory(ONE, "torch") < 10 * RESULT


def test_memory_of_another_device_is_refused() -> None:
    with pytest.raises(MemoryUnavailableError, match="on Linux's CPUs alone"):
        peak_memory(replace(ONE, device="cuda"), "torch")


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
def test_a_process_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(MemoryUnavailableError, match=r"torch ended with exit code 1: nothing on stderr"):
        peak_memory(ONE, "torch")
