"""What a layer can be compared with: the definition, PyTorch, and the real frameworks in their environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .cases import is_symmetric
from .environments import SPECIFICATIONS, BrokenEnvironmentError, environment
from .expectation import QUANTITIES, define
from .subjects import SUBJECTS
from .worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Self

    from .cases import Case
    from .data import Array, Operands
    from .expectation import Quantity

# The first two need no environment.
FRAMEWORKS = ("definition", "torch", *SPECIFICATIONS)
PADDLES = ("paddle", "paddle-2.6", "fluid")


class MissingEnvironmentError(BrokenEnvironmentError):
    """The environment of a framework is not there; the message ends with the command that makes it."""


class Frameworks:
    """The real frameworks, each in a process of its own that starts when it is first asked and ends with `close()`.

    Args:
        timeout: seconds that one case may take, above 0. Default: 120.

    Example:
        >>> with Frameworks() as frameworks:
        ...     frameworks.version("definition")
        ''
    """

    def __init__(self, timeout: float = 120.0) -> None:
        self.timeout = timeout
        self._workers: dict[str, Worker] = {}

    def worker(self, framework: str) -> Worker:
        """Return the process of a framework.

        Raises:
            MissingEnvironmentError: its environment is not ready.
        """
        require(framework)
        if framework not in self._workers:
            found = environment(framework)
            self._workers[framework] = Worker(found.specification.framework, found, timeout=self.timeout)
        return self._workers[framework]

    def version(self, framework: str) -> str:
        """Return the release of a framework, as it says itself; empty for the definition."""
        if framework == "definition":
            return ""
        return str(torch.__version__) if framework == "torch" else self.worker(framework).versions["version"]

    def ask(self, framework: str, case: Case, values: Operands) -> tuple[dict[Quantity, Array], str]:
        """Return what a framework computes, by quantity, and why where it is not all."""
        if framework == "definition":
            return _by_quantity(define(case, values)._asdict()), ""
        if framework == "torch":
            subject = SUBJECTS["PyTorch"]
            reason = subject.unsupported(case, "functional")
            if reason is not None:
                return {}, f"cannot express the case: {reason}"
            return _by_quantity(subject.run(case, values, "functional")._asdict()), ""
        arrays = {"input": values.input, "weight": values.weight, "grad_output": values.upstream}
        if values.bias is not None:
            arrays["bias"] = values.bias
        answer = self.worker(framework).run(request(case, framework), arrays)
        return _by_quantity(answer.arrays), "" if answer.status == "ok" else str(answer)

    def close(self) -> None:
        """End all processes; the next question starts them again."""
        for worker in self._workers.values():
            worker.close()

    def __enter__(self) -> Self:
        """Return the frameworks; none has started."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes."""
        self.close()


def require(framework: str) -> None:
    """Raise unless a framework can be asked.

    Args:
        framework: one of `FRAMEWORKS`.

    Raises:
        ValueError: no such name.
        MissingEnvironmentError: its environment is not ready.
    """
    if framework not in FRAMEWORKS:
        msg = f"framework={framework!r} is not known; choose from {', '.join(FRAMEWORKS)}."
        raise ValueError(msg)
    if framework in SPECIFICATIONS and (state := environment(framework).state) != "ready":
        msg = f"environment {framework!r} is {state}; run: fourfold env create {framework}"
        raise MissingEnvironmentError(msg)


def request(case: Case, framework: str) -> dict[str, Any]:
    """Return a case as `recorder.py` takes it, with numbers in place of keywords that only Paddle has."""
    geometry, keyword = case.geometry(), isinstance(case.padding, str) and framework in PADDLES
    asked: dict[str, Any] = {
        name: getattr(case, name)
        for name in ("in_channels", "out_channels", "kernel_size", "stride", "groups", "bias", "dtype")
    }
    asked["padding"], asked["dilation"] = (
        (case.padding, case.dilation) if keyword else (geometry.padding, geometry.dilation)
    )
    if framework in PADDLES:
        asked["data_format"] = case.data_format
    if framework != "fluid":
        return {**asked, "output_padding": geometry.output_padding}
    # its layer knows neither of these, its function all
    if any(geometry.output_padding):
        asked["output_size"] = geometry.output_size
    function = keyword or "output_size" in asked or case.data_format == "NDHWC" or not is_symmetric(case)
    return {**asked, "form": "functional" if function else "layer"}


def _by_quantity(arrays: Mapping[str, Any]) -> dict[Quantity, Array]:
    return {quantity: arrays[quantity] for quantity in QUANTITIES if arrays.get(quantity) is not None}
