"""Optimizer states are told apart from weights, and refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import PortingError

if TYPE_CHECKING:
    from collections.abc import Mapping

# what the optimizers of Paddle 1.8 to 3.3 append to the name of a parameter
ACCUMULATOR = re.compile(
    r"_(moment\d*|beta\d_pow_acc|velocity|inf_norm|mean_square|mean_grad|momentum|__avg_squared_\w+|avg_squared_\w+)_\d+$"
)
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
