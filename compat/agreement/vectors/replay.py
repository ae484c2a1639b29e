"""Ask a front end what the real framework was asked: the same calls, made by the same code (`recorder.py`)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from ..subjects import SUBJECTS
from ..subjects.drivers import ask
from .vector import Outcome

if TYPE_CHECKING:
    from ..data import Array
    from ..request import Request

# Front end -> the recordings that it must agree with.
FRONT_ENDS = {
    "torch": ("torch",),
    "paddle": ("paddle", "paddle-2.6"),
    "fluid_1_8": ("fluid",),
    "fluid": ("fluid",),
    "megengine": ("megengine",),
    "oneflow": ("oneflow",),
}


def replay(front_end: str, request: Request) -> Outcome:
    """Return what a front end does with a request.

    Args:
        front_end: a key of `FRONT_ENDS`.
        request: what the framework was asked.

    Example:
        >>> from fourfold.compat.agreement.vectors.record import chosen
        >>> (stride_0,) = chosen("megengine", ["functional/edge/stride-0"])
        >>> replay("megengine", stride_0).kind
        'ArgumentError'
    """
    found: dict[str, Array] = {}
    driver = SUBJECTS[front_end].driver
    try:
        with warnings.catch_warnings():
            # the frameworks' warnings are not recorded
            warnings.simplefilter("ignore")
            ask(driver, dict(request.call), request.operands(), found, initial=request.initial)
    except Exception as error:  # a refusal is a result
        ancestors = tuple(ancestor.__name__ for ancestor in type(error).__mro__ if ancestor is not object)
        return Outcome.of(request, "refused", found, kind=type(error).__name__, ancestors=ancestors, message=str(error))
    return Outcome.of(request, "ok", found)
