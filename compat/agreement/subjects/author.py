"""An operator author's own class as a subject: imported and run in a process of its own, where it may crash.

`python -m fourfold.compat.agreement.subjects.author MODULE:CLASS API` is that process; it speaks the protocol of
`recorder.py`.
"""

from __future__ import annotations

import functools
import inspect
import os
import platform
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import torch as pytorch

from .. import recorder
from ..cases import Case
from ..data import Operands
from ..importing import NotNamedError, import_named
from ..worker import Worker
from . import megengine, oneflow, paddle, torch
from .base import Form, InProcess
from .limits import CHANNELS_LAST, UNBATCHED
from .remote import TIMEOUT, OneThread, Remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

# API -> what the class is called with, positionally and by name; the output size is an argument of forward.
SIGNATURES: dict[str, tuple[int, tuple[str, ...]]] = {
    "torch": (3, ("stride", "padding", "output_padding", "groups", "bias", "dilation")),
    "paddle": (3, ("stride", "padding", "output_padding", "dilation", "groups", "bias_attr", "data_format")),
    "megengine": (9, ()),
    "oneflow": (9, ()),
}
LEADING = ("in_channels", "out_channels", "kernel_size")
OTHERS = ("stride", "padding", "output_padding", "dilation", "groups", "bias")


class SubjectError(ValueError):
    """The class cannot be found, or cannot be called as the API is."""


class Author(Remote):
    """A class with the API of a framework, whose tensors are torch tensors.

    Args:
        target: `package.module:Class`, importable from the current folder or the Python path.
        api: `torch`, `paddle`, `megengine` or `oneflow`: how it is called, and what it cannot be asked.
        timeout: seconds that one case may take. Default: 120.

    Raises:
        SubjectError: it cannot be imported, is no class, or does not take the arguments of the API.

    Example:
        >>> from fourfold.compat.agreement import agree
        >>> from fourfold.compat.agreement.catalogue import select
        >>> with Author("torch.nn:ConvTranspose3d", "torch") as subject:
        ...     [result.outcome for result in agree(select(["option/stride-2"]), [subject])]
        ['agrees']
    """

    def __init__(self, target: str, api: str, timeout: float = TIMEOUT) -> None:
        self.here = in_process(target, api)
        worker = Worker(api, OneThread(Launcher(target, api)), timeout=timeout)
        super().__init__(f"{target} ({api} API)", self.here.forms, worker)

    def unsupported(self, case: Case, form: str) -> str | None:
        """Why the API cannot express the case, or None where it can."""
        return self.here.unsupported(case, form)

    def request(self, case: Case, form: str) -> dict[str, Any]:
        """Return the case as it is."""
        return {**case.to_json(), "form": form}


class Launcher:
    """Starts this module in the running Python, with its search path."""

    def __init__(self, target: str, api: str) -> None:
        self.arguments = ["-m", __name__, target, api]

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        """Return the command line and the environment variables; the recorder's arguments are not ours."""
        path = os.pathsep.join(entry for entry in sys.path if entry)
        return [sys.executable, *self.arguments], {**os.environ, "PYTHONPATH": path}


def load(target: str) -> Callable[..., Any]:
    """Import `package.module:Class`.

    Raises:
        SubjectError: it cannot be imported, or cannot be called.
    """
    try:
        found = import_named(target)
    except NotNamedError as error:
        msg = f"--subject={target}: name a module and a class in it, such as package.module:Class."
        raise SubjectError(msg) from error
    except Exception as error:  # whatever the author's module raises
        msg = (
            f"--subject={target}: {type(error).__name__}: {error}. "
            "The module must be importable from this folder or the Python path."
        )
        raise SubjectError(msg) from error
    if not callable(found):
        msg = f"--subject={target} is a {type(found).__name__}; it must be a class."
        raise SubjectError(msg)
    return found  # type: ignore[no-any-return]


def in_process(target: str, api: str) -> InProcess:
    """Return the class as a subject in this process.

    Raises:
        SubjectError: it cannot be imported, or does not take the arguments of the API.
    """
    if api not in SIGNATURES:
        msg = f"--api={api} is not known; choose from {', '.join(SIGNATURES)}."
        raise SubjectError(msg)
    layer = load(target)
    positional, keywords = SIGNATURES[api]
    try:
        inspect.signature(layer).bind(*range(positional), **dict.fromkeys(keywords))
    except TypeError as error:
        names = ", ".join([*LEADING, *(keywords or OTHERS)])
        msg = f"--subject={target}: {error}. A class with the API of {api} takes {names}."
        raise SubjectError(msg) from error
    except ValueError:  # nothing is known of a class in C
        pass
    if api == "torch":
        whole = torch.subject(target, layer, layer, bitwise=False)
        return InProcess(target, {"layer": whole.calls["layer"]}, bitwise=False)
    module = {"paddle": paddle, "megengine": megengine, "oneflow": oneflow}[api]
    limits = (*module.LIMITS, CHANNELS_LAST, UNBATCHED) if api == "oneflow" else module.LIMITS
    form = Form(functools.partial(module.run_layer, make=layer), limits, module.DTYPES)
    return InProcess(target, {"layer": form}, bitwise=False)


def main(target: str, api: str) -> int:
    """Answer requests until stdin ends."""
    requests, answers = recorder.own_standard_streams()
    try:
        subject = in_process(target, api)
    except SubjectError as error:
        recorder.write_frame(answers, {"event": "failed", "error": recorder.describe_error(error)}, {})
        return 1
    about = {"framework": api, "version": pytorch.__version__, "numpy": np.__version__}
    about |= {"python": platform.python_version(), "platform": platform.platform()}
    recorder.write_frame(answers, {**about, "event": "ready"}, {})
    while (frame := recorder.read_frame(requests)) is not None:
        _respond(subject, *frame, answers)
    return 0


def _respond(
    subject: InProcess, request: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]], stream: BinaryIO
) -> None:
    fields = dict(request["case"])
    form = fields.pop("form")
    case = Case.from_json(fields)
    recorder.write_frame(stream, {"event": "stage", "stage": "forward and backward"}, {})
    given = Operands(arrays["input"], arrays["weight"], arrays.get("bias"), arrays["grad_output"])
    try:
        found = subject.run(case, given, form)
    except Exception as error:  # a refusal is a result
        done = {"event": "done", "status": "refused", "error": recorder.describe_error(error)}
        recorder.write_frame(stream, done, {})
        return
    values = {name: value for name, value in found._asdict().items() if value is not None}
    recorder.write_frame(stream, {"event": "done", "status": "ok"}, values)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
