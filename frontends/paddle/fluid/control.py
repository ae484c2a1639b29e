"""Control flow, which Python does where there are tensors, and learning rates under the names of `fluid.layers`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ..static import control
from ..static.graph import Variable, variables
from . import modes
from .dygraph import learning_rate_scheduler
from .names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

_ = learning_rate_scheduler  # whose rows the functions stand for
fn = NAMES.function


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, is_test: bool = False) -> Any:
    """Return what `body` gives of what it gave last, from `loop_vars` on, as long as `cond` of that holds.

    In a program the release writes the last values over `loop_vars`, so that variables among these are read no more.

    Raises:
        ValueError: `body` gives another number of values.
    """
    held = variables(loop_vars) if isinstance(loop_vars, (list, tuple)) else []
    if held or not loop_vars or not callable(cond) or not callable(body) or isinstance(cond(*loop_vars), Variable):
        found = control.while_loop(cond, body, loop_vars, is_test)
        for each in held:
            each.is_overwritten = True
        return found
    values = loop_vars
    while control.checked(cond(*values)):
        made = body(*values)
        values = made if isinstance(made, (list, tuple)) else [made]
        if len(values) != len(loop_vars):
            msg = f"body in while_loop should return the same arity as loop_vars: {len(loop_vars)}, not {len(values)}."
            raise ValueError(msg)
    return values


fn("layers.while_loop", while_loop)
for _name in ("cond", "case", "switch_case"):
    fn(f"layers.{_name}", getattr(control, _name))
# they are the schedules themselves, in programs too
for _name, _kind in {
    "cosine_decay": "CosineDecay",
    "exponential_decay": "ExponentialDecay",
    "inverse_time_decay": "InverseTimeDecay",
    "natural_exp_decay": "NaturalExpDecay",
    "noam_decay": "NoamDecay",
    "polynomial_decay": "PolynomialDecay",
}.items():
    fn(f"layers.{_name}", NAMES.get(f"dygraph.{_kind}"))


def linear_lr_warmup(learning_rate: Any, warmup_steps: int, start_lr: float, end_lr: float) -> Any:
    """Return a schedule that rises in a line first: in programs from `start_lr` on, in dygraph without it."""
    kind = NAMES.get("dygraph.LinearLrWarmup")
    return (kind if modes.is_on() else learning_rate_scheduler.Rise)(learning_rate, warmup_steps, start_lr, end_lr)


fn("layers.linear_lr_warmup", linear_lr_warmup)
fn("layers.piecewise_decay", functools.partial(NAMES.get("dygraph.PiecewiseDecay"), begin=0))
