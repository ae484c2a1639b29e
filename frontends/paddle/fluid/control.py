"""Control flow, which Python does here, and learning rates under the names of `fluid.layers`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from . import modes
from .dygraph import learning_rate_scheduler
from .names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__: list[str] = []

_ = learning_rate_scheduler  # whose rows the functions stand for
fn = NAMES.function


def cond(pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Callable[[], Any] | None = None) -> Any:
    """Call one of two functions."""
    chosen = true_fn if bool(pred) else false_fn
    return None if chosen is None else chosen()


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Sequence[Any], is_test: bool = False
) -> list[Any]:
    """Call `body` with what it returned last, from `loop_vars` on, as long as `cond` of that holds."""
    found = list(loop_vars)
    while bool(cond(*found)):
        made = body(*found)
        found = list(made) if isinstance(made, (list, tuple)) else [made]
    return found


def case(pred_fn_pairs: Sequence[tuple[Any, Callable[[], Any]]], default: Callable[[], Any] | None = None) -> Any:
    """Call the function of the first pair whose predicate holds, else the default, else the last."""
    holds = (chosen for pred, chosen in pred_fn_pairs if bool(pred))
    return next(holds, default or pred_fn_pairs[-1][1])()


def switch_case(
    branch_index: Any,
    branch_fns: Mapping[int, Callable[[], Any]] | Sequence[Any],
    default: Callable[[], Any] | None = None,
) -> Any:
    """Call the function of a number, else the default, else that of the greatest number."""
    if not isinstance(branch_fns, dict):
        pairs: Any = [
            each if isinstance(each, (list, tuple)) else (index, each) for index, each in enumerate(branch_fns)
        ]
        branch_fns = dict(pairs)
    branches: dict[int, Any] = branch_fns
    return branches.get(int(branch_index), default or branches[max(branches)])()


for _function in (cond, while_loop, case, switch_case):
    fn(f"layers.{_function.__name__}", _function)
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
