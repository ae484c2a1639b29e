"""A real framework in an environment of its own, as a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..cases import is_symmetric
from ..environments import SPECIFICATIONS, environment
from ..recorder import OPTIONS
from ..worker import Worker
from .fluid import DOCUMENTED, RELEASED
from .limits import CHANNELS_LAST
from .megengine import SUBJECT as MEGENGINE
from .oneflow import SUBJECT as ONEFLOW
from .paddle import SUBJECT as PADDLE
from .remote import TIMEOUT, OneThread, Remote

if TYPE_CHECKING:
    from ..cases import Case
    from ..environments import Environment
    from .base import InProcess, Limit

# Environment -> how reports call it.
TITLES = {name: f"{name.partition('-')[0]} {row.release}" for name, row in SPECIFICATIONS.items()}

# Framework -> form -> our subject with the same API, which says what that API cannot express.
OURS: dict[str, dict[str, InProcess]] = {
    "paddle": {"layer": PADDLE, "functional": PADDLE},
    "fluid": {"layer": RELEASED, "functional": DOCUMENTED},
    "megengine": {"layer": MEGENGINE, "functional": MEGENGINE},
    "oneflow": {"layer": ONEFLOW, "functional": ONEFLOW},
}

# What the releases cannot be asked, where the front end can.
LIMITS: dict[str, tuple[Limit, ...]] = {"oneflow": (CHANNELS_LAST,)}


class Release(Remote):
    """A real framework: `with Release(environment("paddle")) as subject: agree(cases, [subject])`.

    Args:
        environment: where it lives.
        timeout: seconds that one case may take. Default: 120.
    """

    def __init__(self, environment: Environment, timeout: float = TIMEOUT) -> None:
        self.environment = environment
        self.framework = environment.specification.framework
        worker = Worker(self.framework, OneThread(environment), timeout=timeout)
        super().__init__(TITLES[environment.name], ("layer", "functional"), worker)

    def unsupported(self, case: Case, form: str) -> str | None:
        """Why its API cannot express the case, or None where it can."""
        limits = LIMITS.get(self.framework, ())
        reason = OURS[self.framework][form].unsupported(case, form)
        return reason or next((limit.reason for limit in limits if limit.applies(case)), None)

    def request(self, case: Case, form: str) -> dict[str, Any]:
        """Return the case in the terms that the framework has."""
        return call(self.framework, form, case)


def release(name: str) -> Release:
    """Return the subject of an environment.

    Raises:
        BrokenEnvironmentError: there is none of that name.

    >>> release("paddle-2.6").name
    'paddle 2.6.2'
    """
    return Release(environment(name))


def environment_of(subject: str) -> str | None:
    """Return the environment of a release by the name of its subject; None for other subjects.

    >>> environment_of("paddle 2.6.2"), environment_of("paddle")
    ('paddle-2.6', None)
    """
    return {title: name for name, title in TITLES.items()}.get(subject)


def call(framework: str, form: str, case: Case) -> dict[str, Any]:
    """Return a case as `recorder.py` takes it, in the terms that the framework has.

    >>> from fourfold.compat.agreement.catalogue import select
    >>> (case,) = select(["option/output-size-least"])
    >>> call("megengine", "layer", case)["output_padding"], call("paddle", "layer", case)["output_size"]
    ((0, 0, 0), (5, 7, 9))
    """
    geometry = case.geometry()
    padding: Any = case.padding
    if not isinstance(padding, str) and is_symmetric(case):
        padding = tuple(low for low, _ in padding)
    options: dict[str, Any] = {
        "stride": case.stride,
        "padding": padding,
        "output_padding": case.output_padding if case.output_size is None else None,
        "dilation": case.dilation,
        "groups": case.groups,
        "output_size": case.output_size,
        "data_format": case.data_format,
    }
    if framework != "paddle" and not (framework == "fluid" and form == "functional"):
        # keywords are Paddle's
        options["padding"] = tuple(low for low, _ in geometry.padding)
        options["dilation"] = geometry.dilation
        options["output_padding"] = geometry.output_padding
        options["output_size"] = None
    elif framework == "fluid":
        options["output_padding"] = None
        options["output_size"] = geometry.output_size if any(geometry.output_padding) else None
    shape = {"in_channels": case.in_channels, "out_channels": case.out_channels, "kernel_size": case.kernel_size}
    given = {name: options[name] for name in OPTIONS if options.get(name) is not None}
    # fluid's layer adds a bias only where it is asked for
    bias = {"bias": case.bias} if not case.bias or framework == "fluid" else {}
    return {"form": form, "dtype": case.dtype, **shape, **given, **bias}
