"""Other frameworks as subjects: each in a process and an environment of its own, idle while others are timed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from ...agreement.environments import BrokenEnvironmentError, environment
from ...agreement.worker import Worker, WorkerError
from ..subjects import UnavailableError
from ..verdict import compared

if TYPE_CHECKING:
    from typing_extensions import Self

    from ...agreement.worker import Answer, Launcher
    from ..subjects import Operands, Prepared
    from ..variant import Variant

SCRIPT = Path(__file__).with_name("script.py").resolve()
# Seconds that making a case ready and calling it twice may take, and that one call may take.
TIMEOUT = 30.0
LIMIT = 2.0


class Habits(NamedTuple):
    """What a framework can be asked for."""

    environment: str
    layouts: tuple[str, ...] = ("contiguous",)
    gradients: bool = True
    default: bool = True


PEERS = {
    "openvino": Habits("openvino", gradients=False),
    "onnxruntime": Habits("onnxruntime", gradients=False),
    "tensorflow": Habits("tensorflow", ("contiguous", "channels_last")),
    # seconds per call nearly everywhere: only where it is asked for by name
    "jax": Habits("jax", ("contiguous", "channels_last"), default=False),
    "paddle": Habits("paddle"),
    "oneflow": Habits("oneflow"),
    "megengine": Habits("megengine"),
}


@dataclass(frozen=True, slots=True)
class Quiet:
    """Starts Python as another launcher does, with so many threads that sleep when they have nothing to do.

    Attributes:
        launcher: the other.
        threads: 1 and above.
    """

    launcher: Launcher
    threads: int

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables."""
        command, variables = self.launcher.command(arguments)
        pools = ("OMP", "MKL", "OPENBLAS", "NUMEXPR")
        threads = {f"{pool}_NUM_THREADS": str(self.threads) for pool in pools}
        idle = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0", "GOMP_SPINCOUNT": "0", "MKL_DYNAMIC": "FALSE"}
        silent = {"TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""}
        return command, {**variables, **threads, **idle, **silent}


class Peer:
    """A framework in a process of its own.

    Args:
        name: a key of `PEERS`.
        threads: that it may use, 1 and above.
        launcher: what starts its Python. Default: its environment.
        timeout: seconds for making a case ready, above 0. Default: 30.
        limit: seconds per call above which it is not measured, above 0. Default: 2.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        launcher: Launcher | None = None,
        *,
        timeout: float = TIMEOUT,
        limit: float = LIMIT,
    ) -> None:
        self.name = name
        self._habits = PEERS[name]
        self._limit = limit
        quiet = Quiet(launcher or environment(self._habits.environment), threads)
        self._worker = Worker(name, quiet, script=SCRIPT, timeout=timeout)

    @property
    def versions(self) -> dict[str, str]:
        """Of the framework, its Python and NumPy; it is started if need be."""
        return self._worker.versions

    def prepare(self, variant: Variant, operands: Operands) -> Prepared:
        """Send the case and call it twice; raise UnavailableError where it cannot be run, or takes too long."""
        reason = self._refusal(variant)
        if reason is not None:
            raise UnavailableError(reason)
        arrays = {name: tensor.detach().contiguous().numpy() for name, tensor in operands._asdict().items()}
        try:
            answer = self._worker.run(_request(variant), arrays)
        except (WorkerError, BrokenEnvironmentError) as error:
            raise UnavailableError(str(error).splitlines()[0]) from error
        _check(answer, self._worker.timeout)
        seconds = float(answer.arrays["seconds"])
        if seconds > self._limit:
            self._worker.run({}, {})
            msg = f"a call takes more than {self._limit:g} s"
            raise UnavailableError(msg)
        return _Ready(self._worker, answer, variant)

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def __enter__(self) -> Self:
        """Return the subject; its process starts with the first case."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def _refusal(self, variant: Variant) -> str | None:
        if variant.dtype != "float32" or variant.device != "cpu":
            return "measured in float32 on the CPU alone"
        if variant.layout not in self._habits.layouts:
            return "takes NCDHW alone"
        return None if self._habits.gradients or variant.mode == "forward" else "has no gradients"


class _Ready:
    def __init__(self, worker: Worker, answer: Answer, variant: Variant) -> None:
        self._worker = worker
        self._results = [torch.from_numpy(answer.arrays[name]) for name in compared(variant.mode)]

    def results(self) -> list[torch.Tensor]:
        """They are given once, and not kept."""
        found, self._results = self._results, []
        return found

    def seconds(self, calls: int) -> float:
        answer = self._worker.run({"calls": calls}, {})
        _check(answer, self._worker.timeout)
        return float(answer.arrays["seconds"])

    def close(self) -> None:
        self._worker.run({}, {})


def _check(answer: Answer, timeout: float) -> None:
    if answer.status == "timeout":
        msg = f"takes more than {timeout:g} s"
        raise UnavailableError(msg)
    if answer.status != "ok":
        text = str(answer.refusal) if answer.refusal is not None else str(answer)
        raise UnavailableError(text.removeprefix("UnsupportedError: ")[:100])


def _request(variant: Variant) -> dict[str, Any]:
    case = variant.case
    return {
        **case.operator(),
        "input_size": case.input_size,
        "output_shape": case.output_shape,
        "mode": variant.mode,
        "layout": variant.layout,
    }
