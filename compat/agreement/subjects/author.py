"""An operator author's own class as a subject: imported and run in a process of its own, where it may crash.

`python -m fourfold.compat.agreement.subjects.author MODULE:CLASS API` is that process; it speaks the protocol of
`recorder.py`.
"""

from __future__ import annotations

import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

from .. import recorder
from ..cases import REQUIRED
from ..importing import NotNamedError, import_named
from ..worker import Worker
from .api import MEGENGINE, ONEFLOW, PADDLE, TORCH
from .drivers import Here, MegEngine, OneFlow, Paddle, Torch
from .limits import CHANNELS_LAST, UNBATCHED
from .remote import TIMEOUT, OneThread, Remote

if TYPE_CHECKING:
    from collections.abc import Callable

APIS = {
    "torch": TORCH.only("layer"),
    "paddle": PADDLE.only("layer"),
    "megengine": MEGENGINE.only("layer"),
    "oneflow": ONEFLOW.only("layer", limits=(CHANNELS_LAST, UNBATCHED)),
}
DRIVERS: dict[str, type[Here]] = {"torch": Torch, "paddle": Paddle, "megengine": MegEngine, "oneflow": OneFlow}
# API -> what its class takes beside the three; the output size is an argument of forward.
SIGNATURES: dict[str, tuple[str, ...]] = {
    "torch": ("stride", "padding", "output_padding", "groups", "bias", "dilation"),
    "paddle": ("stride", "padding", "output_padding", "dilation", "groups", "bias_attr", "data_format"),
    "megengine": ("stride", "padding", "output_padding", "dilation", "groups", "bias"),
    "oneflow": ("stride", "padding", "output_padding", "groups", "bias", "dilation"),
}


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
        driver(target, api)
        worker = Worker(api, OneThread(Launcher(target, api)), timeout=timeout)
        super().__init__(f"{target} ({api} API)", APIS[api], worker)


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


def driver(target: str, api: str) -> Here:
    """Return what drives the class in this process.

    Raises:
        SubjectError: it cannot be imported, or does not take the arguments of the API.
    """
    if api not in SIGNATURES:
        msg = f"--api={api} is not known; choose from {', '.join(SIGNATURES)}."
        raise SubjectError(msg)
    layer, keywords = load(target), SIGNATURES[api]
    try:
        inspect.signature(layer).bind(*REQUIRED, **dict.fromkeys(keywords))
    except TypeError as error:
        names = ", ".join([*REQUIRED, *keywords])
        msg = f"--subject={target}: {error}. A class with the API of {api} takes {names}."
        raise SubjectError(msg) from error
    except ValueError:  # nothing is known of a class in C
        pass
    return DRIVERS[api](layer)


if __name__ == "__main__":
    recorder.FRAMEWORKS[sys.argv[2]] = lambda: driver(*sys.argv[1:])
    sys.exit(recorder.work(sys.argv[2]))
