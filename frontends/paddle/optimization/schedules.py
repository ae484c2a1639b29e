"""Rows of `paddle.optimizer.lr`: each class of a formula, under the release's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import schedules
from ...names import Limit, limit
from ..names import NAMES
from .limits import BETWEEN_0_AND_1, CALLABLE, DECAYS, POSITIVE, RISE, WHOLE, is_a, number, one_of, whole
from .scheduler import CosineAnnealing, LRScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__: list[str] = []


def schedule(
    name: str,
    formula: Callable[..., float],
    /,
    *limits: Limit,
    base: type[LRScheduler] = LRScheduler,
    first: Callable[[Mapping[str, Any]], float] | None = None,
) -> None:
    """Serve a schedule of `optimizer.lr`; `first` computes the first rate, where `learning_rate` is no argument."""
    given = first and staticmethod(first)
    schedules.schedule(NAMES, f"optimizer.lr.{name}", base, formula, *limits, first=given)


schedule("NoamDecay", schedules.noam, limit("d_model", POSITIVE, "should be greater than 0"))
schedule(
    "PiecewiseDecay",
    schedules.piecewise,
    limit("boundaries", lambda boundaries: len(boundaries) > 0, "cannot be empty"),
    limit(
        "", lambda given: len(given["values"]) > len(given["boundaries"]), "there must be a value more than boundaries"
    ),
)
schedule("NaturalExpDecay", schedules.natural_exponential, limit("gamma", POSITIVE, "must be positive", AssertionError))
schedule("InverseTimeDecay", schedules.inverse_time)
schedule("ExponentialDecay", schedules.exponential, BETWEEN_0_AND_1)
schedule(
    "PolynomialDecay",
    schedules.polynomial,
    limit("decay_steps", WHOLE, "must be a positive integer", AssertionError),
    limit("power", POSITIVE, "must be greater than 0.0", AssertionError),
)
schedule(
    "MultiStepDecay",
    schedules.multistep,
    limit("milestones", is_a(tuple, list), "must be 'tuple, list'", TypeError),
    limit("milestones", RISE, "must be incremented"),
    DECAYS,
)
schedule(
    "StepDecay",
    schedules.staircase,
    limit("step_size", is_a(int), "must be 'int'", TypeError),
    DECAYS,
    limit("step_size", WHOLE, "must be a positive integer", AssertionError),
)
schedule("LambdaDecay", schedules.scaled, CALLABLE)
schedule("MultiplicativeDecay", schedules.multiplied, CALLABLE)
schedule(
    "CosineAnnealingDecay",
    schedules.cosine_from_last,
    limit("T_max", is_a(int), "must be 'int'", TypeError),
    limit("eta_min", is_a(int, float), "must be 'float, int'", TypeError),
    limit("T_max", WHOLE, "must be a positive integer", AssertionError),
    base=CosineAnnealing,
)
schedule(
    "LinearLR",
    schedules.linear_from_last,
    limit("start_factor", lambda factor: 0 < factor <= 1.0, "must be greater than 0 and less or equal to 1"),
    limit("end_factor", lambda factor: 0 <= factor <= 1.0, "must be from 0 to 1"),
    limit("total_steps", POSITIVE, "must be greater than 0"),
)
schedule(
    "OneCycleLR",
    schedules.one_cycle,
    *number("max_learning_rate"),
    *number("end_learning_rate"),
    *whole("total_steps"),
    limit("phase_pct", is_a(float), "must be 'float'", TypeError),
    limit("phase_pct", lambda part: 0 <= part <= 1, "must be between 0 and 1"),
    limit("", lambda given: not given["three_phase"] or given["phase_pct"] < 0.5, "phase_pct must be less than 0.5"),
    limit("divide_factor", is_a(int, float), "must be 'float' or 'int'", TypeError),
    limit("anneal_strategy", one_of("cos", "linear"), "must be one of 'cos' or 'linear'"),
    first=lambda given: given["max_learning_rate"] / float(given["divide_factor"]),
)
schedule(
    "CyclicLR",
    schedules.cyclic,
    *number("max_learning_rate"),
    *whole("step_size_up"),
    limit("step_size_down", lambda size: size is None or isinstance(size, int), "must be int", TypeError),
    limit("step_size_down", lambda size: size is None or size > 0, "must be a positive integer"),
    limit("exp_gamma", is_a(float), "must be float", TypeError),
    limit("", lambda given: given["scale_fn"] or given["mode"] in schedules.SCALES, "mode is unknown without scale_fn"),
    limit("scale_mode", one_of("cycle", "iterations"), "must be one of 'cycle' or 'iterations'"),
    first=lambda given: given["base_learning_rate"],
)
