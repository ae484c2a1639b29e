"""Batch normalisation in each API.

`momentum` is torch's here, the share of a batch. `statistics` says what a layer goes by: "tracked" (the batch in
train(), running statistics in eval()), "batch" or "running" (always that). `variance` says which one of a batch the
running variance follows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import PortingError
from .words import Sense, tells

if TYPE_CHECKING:
    from collections.abc import Callable

UNSAID = {
    "batch": "there, eval() goes by running statistics",
    "running": "there, train() goes by the batch. Call eval() on the layer after train()",
}


def complement(momentum: float | None) -> float:
    """Return the other convention's momentum, as one would write it.

    Raises:
        PortingError: it is None, torch's average of all batches.

    >>> complement(0.9), complement(0.1), 1 - 0.9
    (0.1, 0.9, 0.09999999999999998)
    """
    return float(1 - Decimal(repr(number(momentum))))


def number(momentum: float | None) -> float:
    """Return a momentum that is a number.

    Raises:
        PortingError: it is None.
    """
    if momentum is None:
        msg = "there, momentum is a number; torch alone averages all batches"
        raise PortingError(msg)
    return float(momentum)


def goes_by(values: dict[str, bool | None], read: Callable[[Any], str] | None = None) -> Sense:
    """Return how an argument says `statistics`.

    Args:
        values: the argument's for each that it can say.
        read: back again. Default: by the values.
    """

    def write(statistics: str) -> bool | None:
        if statistics not in values:
            raise PortingError(UNSAID[statistics])
        return values[statistics]

    names = {value: name for name, value in values.items()}
    return Sense("statistics", read or names.__getitem__, write)


def follows(variance: str, attribute: str, statistics: Sense) -> Sense:
    """Return what tells which variance running ones follow, where there are any that are read."""
    assert statistics.read is not None
    read = statistics.read
    return tells("variance", lambda layer: variance if read(getattr(layer, attribute)) == "tracked" else None)


def of_megengine(layer: Any) -> str:
    """Return what a layer of MegEngine goes by."""
    if layer.freeze:
        return "running"
    return "tracked" if layer.track_running_stats else "batch"


COMPLEMENT = Sense("momentum", complement, complement)
TRACKS = goes_by({"tracked": True, "batch": False})
ALWAYS = goes_by({"tracked": None, "batch": False, "running": True})
GLOBAL = goes_by({"tracked": False, "running": True}, lambda used: "running" if used else "tracked")
