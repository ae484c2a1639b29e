"""What a layer can be compared with: the definition, PyTorch, and the real frameworks in their environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .environments import SPECIFICATIONS, BrokenEnvironmentError, environment
from .expectation import QUANTITIES, define
from .subjects import SUBJECTS
from .subjects.release import Release
from .subjects.remote import DidNotRunError

if TYPE_CHECKING:
    from typing_extensions import Self

    from .cases import Case
    from .data import Array, Operands
    from .definition import Values
    from .expectation import Quantity
    from .subjects import Subject

# The first two need no environment.
FRAMEWORKS = ("definition", "torch", *SPECIFICATIONS)


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
        self._releases: dict[str, Release] = {}

    def release(self, framework: str) -> Release:
        """Return a framework in its process.

        Raises:
            MissingEnvironmentError: its environment is not ready.
        """
        require(framework)
        if framework not in self._releases:
            self._releases[framework] = Release(environment(framework), self.timeout)
        return self._releases[framework]

    def version(self, framework: str) -> str:
        """Return the release of a framework, as it says itself; empty for the definition."""
        if framework == "definition":
            return ""
        return str(torch.__version__) if framework == "torch" else self.release(framework).worker.versions["version"]

    def ask(self, framework: str, case: Case, values: Operands) -> tuple[dict[Quantity, Array], str]:
        """Return what a framework computes, by quantity, and why where it is not all."""
        if framework == "definition":
            return _by_quantity(define(case, values)), ""
        subject: Subject = SUBJECTS["PyTorch"] if framework == "torch" else self.release(framework)
        # fluid's function can say more than its layer
        reasons = {form: subject.unsupported(case, form) for form in subject.forms}
        form = next((form for form, reason in reasons.items() if reason is None), None)
        if form is None:
            return {}, f"cannot express the case: {next(iter(reasons.values()))}"
        try:
            return _by_quantity(subject.run(case, values, form)), ""
        except DidNotRunError as error:
            return {}, f"{error.status}: {error}"

    def close(self) -> None:
        """End all processes; the next question starts them again."""
        for release in self._releases.values():
            release.worker.close()

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


def _by_quantity(values: Values) -> dict[Quantity, Array]:
    return {quantity: getattr(values, quantity) for quantity in QUANTITIES if getattr(values, quantity) is not None}
