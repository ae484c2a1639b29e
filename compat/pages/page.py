"""Make a page of a template: one HTML file that fetches nothing, in which no text of strangers is markup."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

from ..checkpoints.shown import visible
from ..cli.environment import environment

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSIONS = ("fourfold", "torch", "numpy", "python", "platform", "cpu")


class PageUnavailableError(RuntimeError):
    """A report needs packages that are not installed."""


def require(*packages: str) -> None:
    """Raise unless packages can be imported.

    Raises:
        PageUnavailableError: one cannot.
    """
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        msg = f"{' and '.join(missing)} cannot be imported. Install them: pip install {' '.join(missing)}"
        raise PageUnavailableError(msg)


def render(template: str, *, title: str, verdict: str, ok: bool, command: str = "", **values: Any) -> str:
    """Return a page.

    Args:
        template: the name of a file in `templates/`, which extends `page.html`.
        title: of the page.
        verdict: what it says first, in a sentence.
        ok: whether that is good news.
        command: the command line that wrote the report.
        values: what the template is given besides.

    Raises:
        PageUnavailableError: Jinja2 is not installed.
    """
    require("jinja2")
    import jinja2

    script = _read("page.js")
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
        loader=jinja2.FunctionLoader(_read),
    )
    return environment.get_template(template).render(
        title=title,
        verdict=verdict,
        ok=ok,
        facts=facts(command),
        versions=versions(),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        **values,
    )


def facts(command: str = "") -> dict[str, str]:
    """Return when a report was made, and by which command where that is known.

    >>> list(facts("fourfold agree")), list(facts())
    (['date', 'command'], ['date'])
    """
    now = datetime.now().astimezone().isoformat(" ", "seconds")
    return {"date": now, "command": command} if command else {"date": now}


def versions() -> dict[str, str]:
    """Return the versions and the machine that a report was made with."""
    return {name: str(value) for name, value in environment().items() if name in VERSIONS}


def across(values: Sequence[object]) -> str:
    """Return three values of a size, or one where they are equal.

    >>> across((3, 3, 3)), across((1, 2, 3))
    ('3', '1x2x3')
    """
    told = [str(value).replace(" ", "") for value in values]
    return told[0] if len(set(told)) == 1 else "x".join(told)


def _finalized(value: object) -> object:
    # what steers a terminal or turns the direction of text round has no place in a page either; markup of the
    # template's own macros is a subclass, and is left as it is
    return visible(value) if type(value) is str else value


def _read(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
