"""Optimizer states are told apart from weights, and refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...frontends.names import Derived
from ...frontends.paddle import NAMES as PADDLE
from ...frontends.paddle.fluid import NAMES as FLUID
from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Mapping


def _kept(row: object) -> tuple[Any, ...]:
    return tuple(row.facts.get("kept", ())) if isinstance(row, Derived) else ()


# the names that the rows of optimizers keep; Paddle appends them to the name of a parameter, with a number. Ftrl's
# `linear` may end the name of a weight, and never comes without `squared`.
KEPT = {each.name for names in (PADDLE, FLUID) for row in names.rows.values() for each in _kept(row)} - {"linear"}
ACCUMULATOR = re.compile(rf"_({'|'.join(sorted(KEPT, key=len, reverse=True))})_\d+$")
KEYS = ("LR_Scheduler", "master_weights", "global_step")


def refuse_optimizer_state(state: Mapping[str, Any]) -> None:
    """Raise if a state is an optimizer's.

    Raises:
        PortingError: it is of torch, OneFlow or MegEngine (`param_groups`), or of Paddle (`_moment1_0`, ...).
    """
    found = "param_groups" if "param_groups" in state else next((key for key in KEYS if key in state), None)
    found = found or next((name for name in state if ACCUMULATOR.search(name)), None)
    if found is not None:
        msg = (
            f"the state holds {found!r}: it is an optimizer's. Porting those is out of scope: frameworks keep other "
            f"statistics under other conventions. Port the model's state, and start the optimizer anew."
        )
        raise PortingError(msg)
