"""A real framework in an environment of its own, as a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..environments import SPECIFICATIONS, environment
from ..worker import Worker
from . import api
from .limits import CHANNELS_LAST
from .remote import TIMEOUT, OneThread, Remote

if TYPE_CHECKING:
    from ..environments import Environment

# Environment -> how reports call it.
TITLES = {name: f"{name.partition('-')[0]} {row.release}" for name, row in SPECIFICATIONS.items()}

# Framework -> the front end that has the API of the release.
FRONT_END = {"paddle": "paddle", "fluid": "fluid_1_8", "megengine": "megengine", "oneflow": "oneflow"}

FORMS = ("layer", "functional")
# Framework -> what it can be asked: OneFlow's documentation has a channels last that the release has not.
APIS = {
    "paddle": api.PADDLE.only(*FORMS),
    "fluid": api.FLUID,
    "megengine": api.MEGENGINE,
    "oneflow": api.ONEFLOW.only(*FORMS, limits=(CHANNELS_LAST,)),
}


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
        super().__init__(TITLES[environment.name], APIS[self.framework], worker)


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
