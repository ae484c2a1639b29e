"""An operator author's own class or function as a subject: run in a process of its own, where it may crash.

`python -m fourfold.compat.agreement.subjects.author MODULE:NAME API` is that process; it speaks the protocol of
`recorder.py`.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

from .. import recorder
from ..cases import REQUIRED
from ..importing import NotNamedError, import_named
from ..worker import Worker
from .api import MEGENGINE, ONEFLOW, PADDLE, TORCH
from .limits import CHANNELS_LAST, UNBATCHED
from .own import FUNCTION, LAYER, Own, own
from .remote import TIMEOUT, OneThread, Remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cases import Case

BOTH = (LAYER, FUNCTION)
APIS = {
    "torch": TORCH.only(*BOTH),
    "paddle": PADDLE.only(*BOTH),
    "megengine": MEGENGINE.only(*BOTH),
    "oneflow": ONEFLOW.only(*BOTH, limits=(CHANNELS_LAST, UNBATCHED)),
}
OPERANDS = ("x", "weight")


class SubjectError(ValueError):
    """The class or function cannot be found, or cannot be called as the API is."""


class Author(Remote):
    """A class or function with the API of a framework, whose tensors are torch tensors.

    Args:
        target: `package.module:name`, importable from the current folder or the Python path: a class, a function
            whose first arguments are those of one, which makes layers; or one that takes input, weight and bias.
        api: `torch`, `paddle`, `megengine` or `oneflow`: how it is called, and what it cannot be asked.
        timeout: seconds that one case may take. Default: 120.

    Raises:
        SubjectError: it cannot be imported or called, or not with what a call has at least.

    Example:
        >>> from fourfold.compat.agreement import agree
        >>> from fourfold.compat.agreement.catalogue import select
        >>> with Author("torch.nn:ConvTranspose3d", "torch") as subject:
        ...     [result.outcome for result in agree(select(["option/stride-2"]), [subject])]
        ['agrees']
    """

    def __init__(self, target: str, api: str, timeout: float = TIMEOUT) -> None:
        self.driver = driver(target, api)
        worker = Worker(api, OneThread(Launcher(target, api)), timeout=timeout)
        super().__init__(f"{target} ({api} API)", APIS[api].only(self.driver.form), worker)

    @functools.cached_property
    def has_bias(self) -> bool:
        """Whether it ever adds a bias: a class that is not told of one is asked whether it makes one.

        Raises:
            WorkerError: its process does not start.
        """
        if self.driver.bias or self.driver.form == FUNCTION:
            return self.driver.bias
        shape = dict.fromkeys(REQUIRED, 1)
        return "bias" in self.worker.initialize({"form": LAYER, **shape}).arrays

    def unsupported(self, case: Case, form: str) -> str | None:
        """Return why the API, or this class, cannot express the case; None where it can."""
        if reason := super().unsupported(case, form):
            return reason
        if reason := self.driver.lacking(self.api.spell(case, form)):
            return reason
        if not self.driver.bias and case.bias != self.has_bias:
            return "it takes no bias"
        return None


class Launcher:
    """Starts this module in the running Python, with its search path."""

    def __init__(self, target: str, api: str) -> None:
        self.arguments = ["-m", __name__, target, api]

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables; the recorder's arguments are not ours."""
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return [sys.executable, *self.arguments], {**os.environ, "PYTHONPATH": path}


def load(target: str) -> Callable[..., Any]:
    """Import `package.module:name`.

    Raises:
        SubjectError: it cannot be imported, or cannot be called.
    """
    try:
        found = import_named(target)
    except NotNamedError as error:
        msg = f"--subject={target}: name a module and a class or function in it, such as package.module:Class."
        raise SubjectError(msg) from error
    except Exception as error:  # whatever the author's module raises
        msg = (
            f"--subject={target}: {type(error).__name__}: {error}. "
            "The module must be importable from this folder or the Python path."
        )
        raise SubjectError(msg) from error
    if not callable(found):
        msg = f"--subject={target} is a {type(found).__name__}; it must be a class or a function."
        raise SubjectError(msg)
    return found  # type: ignore[no-any-return]


def driver(target: str, api: str) -> Own:
    """Return what drives the class or function in this process.

    Raises:
        SubjectError: it cannot be imported, or does not take what a call has at least.
    """
    if api not in APIS:
        msg = f"--api={api} is not known; choose from {', '.join(APIS)}."
        raise SubjectError(msg)
    found = own(load(target), api)
    needed = REQUIRED if found.form == LAYER else OPERANDS
    try:
        inspect.signature(found.found).bind(*needed)
    except TypeError as error:
        what = "a class" if found.form == LAYER else "a function"
        msg = f"--subject={target}: {error}. As {what} with the API of {api} it takes {', '.join(needed)} by position."
        raise SubjectError(msg) from error
    except ValueError:  # nothing is known of what is written in C
        pass
    return found


if __name__ == "__main__":
    recorder.FRAMEWORKS[sys.argv[2]] = lambda: driver(*sys.argv[1:])
    sys.exit(recorder.work(sys.argv[2]))
