"""Answer calls, and play examples, by the front ends, under the frameworks' own import names."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, cast

from ...activation.activation import Activation, ServedModule, activate
from .answers import Answerer, serve
from .player import Player

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...literals import Served

__all__ = ["front_end", "served"]


@contextlib.contextmanager
def front_end(framework: str) -> Iterator[Answerer]:
    """Give what answers calls as a front end does.

    Its framework's names are served while it is made, and taken back before anything is answered, so that the front
    ends of several frameworks, and of both fluids, can answer in one process.

    Args:
        framework: 'paddle', 'fluid' (1.8.5), 'megengine' or 'oneflow'.

    Example:
        >>> with front_end("megengine") as here:
        ...     here.answer("F.relu(T(2, 3)).shape")["result"]["tuple"][0]
        {'value': '2', 'type': 'int'}
    """
    with served(framework):
        answerer = Answerer(framework)
        for module in answerer.modules.values():
            _import_all(module)
    try:
        yield answerer
    finally:
        guard = getattr(answerer.framework, "guard", None)
        if guard is not None:
            guard.__exit__(None, None, None)


def served(framework: str) -> Activation:
    """Serve the names of a framework, or with 'fluid' those of Paddle with fluid 1.8.5."""
    return activate("paddle", fluid="1.8") if framework == "fluid" else activate(cast("Served", framework))


def _import_all(module: Any) -> None:
    """Import the modules below a served one, which are imported on demand while their names are served."""
    for name in module.__all__:
        child = getattr(module, name)
        if isinstance(child, ServedModule):
            _import_all(child)


if __name__ == "__main__":
    if sys.argv[2:] == ["examples"]:
        with served(sys.argv[1]):
            serve(Player(sys.argv[1]))
    else:
        with front_end(sys.argv[1]) as here:
            serve(here)
