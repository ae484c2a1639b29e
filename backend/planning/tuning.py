"""Optional: choose by measuring, once per case and machine, in place of the cost model.

Off by default. The choices are kept in a JSON file: a file that is damaged, of another version or of another machine
counts as empty, and a writer replaces it whole, with what others wrote meanwhile. What is no file is left alone.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from ..errors import OperatorTypeError
from ..forking import ForkSafeLock
from . import files

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Candidate = TypeVar("Candidate", bound="Callable[[], object]")
VERSION = 1
_REPEATS = 3


class Tuner:
    """Remembers which candidate was the fastest, in memory and in a file.

    Args:
        path: the file, or None to remember for this process only.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.plans: dict[Any, Any] = {}  # what was planned for a case in this process
        # arguments for torch's operator where it is the fastest, by device
        self.shortcuts: dict[torch.device, dict[Any, Any]] = defaultdict(dict)
        self._lock = ForkSafeLock()
        self._choices = {} if path is None else _read(path)

    def known(self, key: str) -> str | None:
        """Return the name that was chosen for a key, or None."""
        return self._choices.get(key)

    def choose(
        self,
        key: str,
        candidates: Mapping[str, Candidate],
        fastest: Callable[[Mapping[str, Candidate]], str] | None = None,
    ) -> str:
        """Return the name of the fastest candidate; measure where the key is new.

        Args:
            key: what the choice depends on.
            candidates: what to call, by name.
            fastest: returns the name. Default: each is called four times, the first time unmeasured.
        """
        known = self._choices.get(key)
        if known is not None and known in candidates:
            return known
        with self._lock:
            known = self._choices.get(key)
            if known is not None and known in candidates:  # measured by another thread meanwhile
                return known
            best = (fastest or _fastest)(candidates)
            self._choices[key] = best
            if self.path is not None:
                self._choices = {**_read(self.path), **self._choices}
                content = {"version": VERSION, "machine": _machine(), "choices": dict(sorted(self._choices.items()))}
                files.write(self.path, content)
        return best


_chosen: list[Tuner] = []  # the tuner to ask, if there is one


def autotune(enabled: bool = True, *, path: str | os.PathLike[str] | None = None) -> None:
    """Choose algorithms by measuring them, once per operator, size and machine; or stop doing so.

    The first call of each new case runs every candidate several times. On CUDA, torch's operator is kept unless
    another algorithm agrees with it and saves 5 % and 50 microseconds; while a CUDA graph is captured nothing is
    measured. Under `torch.use_deterministic_algorithms(True)` the cost model decides nevertheless, for it decides the
    same always.

    Args:
        enabled: False goes back to the cost model. Default: True.
        path: the JSON file that keeps the choices. Default: `fourfold/tuning.json` in the user's cache directory
            (`XDG_CACHE_HOME`, `~/.cache`).

    Raises:
        TypeError: `enabled` is not a bool, such as a path given in its place.

    Example:
        >>> import tempfile, torch
        >>> from fourfold.backend import ConvTranspose3dSpec, autotune, conv_transpose3d
        >>> spec = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=2, stride=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     autotune(path=folder + "/tuning.json")
        ...     conv_transpose3d(torch.ones(1, 2, 4, 4, 4), torch.ones(2, 2, 2, 2, 2), None, spec).shape
        ...     autotune(False)
        torch.Size([1, 2, 8, 8, 8])
    """
    if not isinstance(enabled, bool):
        msg = f"enabled={enabled!r} is not a bool; give True or False, and a file as path=..."
        raise OperatorTypeError(msg)
    if not enabled and path is not None:
        msg = f"path={path!r} has no meaning where tuning is turned off; leave it out."
        raise OperatorTypeError(msg)
    _chosen[:] = [Tuner(files.cache("tuning.json") if path is None else Path(path))] if enabled else []


def active() -> Tuner | None:
    """Return the tuner to ask, or None where the cost model decides."""
    return None if not _chosen or torch.are_deterministic_algorithms_enabled() else _chosen[0]


def _fastest(candidates: Mapping[str, Callable[[], object]]) -> str:
    times = {name: _median(call) for name, call in candidates.items()}
    return min(times, key=lambda name: times[name])


def _median(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _machine() -> str:
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()} {os.cpu_count()} torch {torch.__version__}"


def _read(path: Path) -> dict[str, str]:
    content = files.read(path)
    if not isinstance(content, dict) or content.get("version") != VERSION or content.get("machine") != _machine():
        return {}
    choices = content.get("choices")
    if not isinstance(choices, dict) or not all(isinstance(each, str) for each in choices.values()):
        return {}
    return choices
