"""Learning rates by epoch or step: one formula for each idea; the frameworks' classes are rows over them.

A formula takes the first rate, the epoch (a step, where a framework counts those) and its options by keyword. One that
has a parameter `last` computes the rate from the last one, since the release does: after a jump it gives another rate
than the closed form. Sources are named where a formula is not its own.
"""

from __future__ import annotations

import bisect
import inspect
import math
from typing import TYPE_CHECKING, Any, ClassVar

from .names import Derived
from .names.generate import accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .names import Limit, Names

__all__ = [
    "Scheduled",
    "constant",
    "cosine",
    "cosine_decay",
    "cosine_from_last",
    "cosine_of_epochs",
    "cyclic",
    "exponential",
    "improves",
    "inverse_time",
    "linear",
    "linear_from_last",
    "multiplied",
    "multistep",
    "natural_exponential",
    "noam",
    "one_cycle",
    "piecewise",
    "polynomial",
    "scaled",
    "schedule",
    "staircase",
    "warm_restarts",
    "warmup",
]


class Scheduled:
    """A learning rate that a formula gives: what is common to the frameworks' classes that `schedule` makes.

    Attributes:
        formula: computes the rate.
        keywords: its options by the attributes that hold them.
        limits: what the constructor's arguments have to be.
        renamed: attributes of arguments that are kept under other names.
    """

    formula: ClassVar[Callable[..., float]]
    keywords: ClassVar[Mapping[str, str]] = {}
    limits: ClassVar[tuple[Limit, ...]] = ()
    renamed: ClassVar[Mapping[str, str]] = {}

    def rate(self, base: float, epoch: float, last: float = 0.0) -> float:
        """Return the rate at an epoch, from the first one and the last."""
        options = {keyword: getattr(self, name) for name, keyword in self.keywords.items()}
        if "last" in inspect.signature(self.formula).parameters:
            options["last"] = last
        return type(self).formula(base, epoch, **options)


def schedule(
    names: Names,
    name: str,
    base: type[Scheduled],
    formula: Callable[..., float],
    *limits: Limit,
    options: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
    **facts: Any,
) -> None:
    """Serve a schedule whose rate a formula gives.

    Args:
        names: the framework's.
        name: of the class.
        base: the class that it derives from.
        formula: its options are the constructor's arguments.
        *limits: what those have to be.
        options: the formula's of arguments that are called otherwise.
        renamed: attributes of arguments that are kept under other names.
        **facts: other attributes of the class.
    """
    takes = names.signatures.signature(name).parameters
    known = {**{each: each for each in takes if each in accepted(formula)[0]}, **(options or {})}
    attributes = renamed or {}
    facts |= {
        "formula": staticmethod(formula),
        "keywords": {attributes.get(argument, argument): keyword for argument, keyword in known.items()},
        "limits": limits,
        "renamed": attributes,
    }
    names.add(Derived(name, base, frozenset(takes), facts=facts))


def exponential(base: float, epoch: float, *, gamma: float, every: float = 1, staircase: bool = False) -> float:
    """Decay by a factor every so many epochs; in steps with `staircase`.

    >>> exponential(1.0, 3, gamma=0.5), exponential(1.0, 3, gamma=0.25, every=2, staircase=True)
    (0.125, 0.25)
    """
    return float(base * gamma ** _ratio(epoch, every, staircase))


def natural_exponential(base: float, epoch: float, *, gamma: float, every: float = 1, staircase: bool = False) -> float:
    """Decay as exp(-gamma * epoch / every)."""
    return base * math.exp(-gamma * _ratio(epoch, every, staircase))


def inverse_time(base: float, epoch: float, *, gamma: float, every: float = 1, staircase: bool = False) -> float:
    """Decay as 1 / (1 + gamma * epoch / every)."""
    return base / (1 + gamma * _ratio(epoch, every, staircase))


def _ratio(epoch: float, every: float, staircase: bool) -> float:
    return math.floor(epoch / every) if staircase else epoch / every


def staircase(base: float, epoch: int, *, step_size: int, gamma: float) -> float:
    """Decay by a factor after each `step_size` epochs."""
    return float(base * gamma ** (epoch // step_size))


def multistep(base: float, epoch: int, *, milestones: Sequence[int], gamma: float) -> float:
    """Decay by a factor at each milestone, which increase."""
    return float(base * gamma ** bisect.bisect_right(milestones, epoch))


def piecewise(base: float, epoch: int, *, boundaries: Sequence[int], values: Sequence[float]) -> float:
    """Take `values[i]` before epoch `boundaries[i]`, and the last value after all of them; `base` is of no use."""
    pieces = zip(boundaries, values, strict=False)
    return next((value for boundary, value in pieces if epoch < boundary), values[-1])


def polynomial(
    base: float, epoch: int, *, decay_steps: int, end_lr: float, power: float, cycle: bool, first: int = 0
) -> float:
    """Go to `end_lr` along a power of what is left of `decay_steps`.

    With `cycle`, `decay_steps` are doubled, tripled, ... once they are over. `first` stands for epoch 0 there.
    """
    # rate = (base - end) * (1 - epoch / steps) ** power + end
    steps = decay_steps
    if cycle:
        epoch = epoch or first
        steps *= max(math.ceil(epoch / decay_steps), 1)
    return float((base - end_lr) * (1 - min(epoch, steps) / steps) ** power + end_lr)


def cosine(base: float, epoch: float, *, T_max: float, eta_min: float = 0.0) -> float:  # noqa: N803, the paper's name
    """Anneal to `eta_min` along a cosine in `T_max` epochs, and back in as many (arXiv 1608.03983, equation 5)."""
    return eta_min + (base - eta_min) * (1 + math.cos(math.pi * epoch / T_max)) / 2


def cosine_from_last(base: float, epoch: int, *, last: float, T_max: int, eta_min: float) -> float:  # noqa: N803
    """Anneal as `cosine`, from the last rate."""
    if epoch == 0:
        return base
    if (epoch - 1 - T_max) % (2 * T_max) == 0:
        return last + (base - eta_min) * (1 - math.cos(math.pi / T_max)) / 2
    ratio = (1 + math.cos(math.pi * epoch / T_max)) / (1 + math.cos(math.pi * (epoch - 1) / T_max))
    return ratio * (last - eta_min) + eta_min


def cosine_of_epochs(base: float, step: int, *, step_each_epoch: int, epochs: int) -> float:
    """Anneal as `cosine`, once an epoch."""
    return cosine(base, step // step_each_epoch, T_max=epochs)


def cosine_decay(base: float, step: int, *, decay_steps: int, alpha: float) -> float:
    """Anneal to `alpha` of the first rate, and stay there."""
    return base * cosine(1.0, min(step, decay_steps), T_max=decay_steps, eta_min=alpha)


def warm_restarts(
    base: float,
    step: int,
    *,
    T_0: int,  # noqa: N803
    T_mult: int,  # noqa: N803
    eta_min: float,
    decay_rate: float,
    restart_limit: int,
) -> float:
    """Anneal as `cosine`, again and again, in `T_0` steps, then `T_mult` times as many (SGDR, arXiv 1608.03983)."""
    if T_mult > 1:
        # a rounded logarithm, as in the release: a restart may come a step late
        cycle = math.floor(math.log(1 - step / T_0 * (1 - T_mult), T_mult))
        length, begin = T_mult**cycle * T_0, (1 - T_mult**cycle) / (1 - T_mult) * T_0
    else:
        cycle, length = step // T_0, T_0
        begin = cycle * length
    if restart_limit and cycle >= restart_limit:
        return eta_min
    return cosine(base * decay_rate**cycle, step - begin, T_max=length, eta_min=eta_min)


def noam(base: float, epoch: int, *, d_model: int, warmup_steps: int) -> float:
    """Rise for `warmup_steps`, then fall as epoch ** -0.5 (arXiv 1706.03762, equation 3)."""
    falling = epoch**-0.5 if epoch else 1
    return float(base * d_model**-0.5 * min(falling, warmup_steps**-1.5 * epoch))


def scaled(base: float, epoch: int, *, lr_lambda: Callable[[int], float]) -> float:
    """Multiply the first rate by what a function says of the epoch."""
    return base * lr_lambda(epoch)


def multiplied(base: float, epoch: int, *, lr_lambda: Callable[[int], float]) -> float:
    """Multiply the first rate by what a function says of each epoch from the second on."""
    for each in range(1, epoch + 1):
        base = base * lr_lambda(each)
    return base


def constant(base: float, step: int, *, factor: float, total_iters: int) -> float:
    """Multiply by a factor for the first steps."""
    return base * factor if step < total_iters else base


def linear(base: float, step: int, *, start_factor: float, end_factor: float, total_iters: int) -> float:
    """Multiply by a factor that goes from one to another in a line, and stays there."""
    done = step / total_iters if step < total_iters else 1.0
    return base * (start_factor + (end_factor - start_factor) * done)


def linear_from_last(
    base: float, epoch: int, *, last: float, start_factor: float, end_factor: float, total_steps: int
) -> float:
    """Go as `linear`, from the last rate."""
    if epoch == 0:
        return base * start_factor
    if epoch > total_steps:
        return last
    slope = end_factor - start_factor
    return last * (1.0 + slope / (total_steps * start_factor + (epoch - 1) * slope))


def warmup(epoch: int, *, warmup_steps: int, start_lr: float, end_lr: float) -> float:
    """Rise in a line."""
    return (end_lr - start_lr) * epoch / warmup_steps + start_lr


def one_cycle(
    base: float,
    step: int,
    *,
    max_learning_rate: float,
    total_steps: int,
    end_learning_rate: float,
    phase_pct: float,
    anneal_strategy: str,
    three_phase: bool,
) -> float:
    """Rise from `base` to the greatest rate and fall to the last one, in two phases or three (arXiv 1708.07120).

    Raises:
        ValueError: the cycle is over.
    """
    if step > total_steps:
        msg = f"Tried to step {step} times. However the number of total steps is {total_steps}. Make it longer."
        raise ValueError(msg)
    last, peak = total_steps - 1, phase_pct * total_steps - 1
    if three_phase:
        ends, rates = [0, peak, 2 * peak, last], [base, max_learning_rate, base, end_learning_rate]
    else:
        ends, rates = [0, peak, last], [base, max_learning_rate, end_learning_rate]
    phase = next((index for index, end in enumerate(ends[1:]) if step <= end), len(ends) - 2)
    done = (step - ends[phase]) / (ends[phase + 1] - ends[phase])
    start, end = rates[phase], rates[phase + 1]
    return cosine(start, done, T_max=1, eta_min=end) if anneal_strategy == "cos" else (end - start) * done + start


# by how much a cycle is less high than the first, of the number of the cycle or the iteration
SCALES: dict[str, Callable[[float, float], float]] = {
    "triangular": lambda gamma, cycle: 1.0,
    "triangular2": lambda gamma, cycle: 0.5 ** (cycle - 1),
    "exp_range": lambda gamma, iteration: gamma**iteration,
}


def cyclic(
    base: float,
    iteration: int,
    *,
    max_learning_rate: float,
    step_size_up: int,
    step_size_down: int | None,
    mode: str,
    exp_gamma: float,
    scale_fn: Callable[[float], float] | None,
    scale_mode: str,
) -> float:
    """Rise and fall in a line, again and again (arXiv 1506.01186); `scale_fn` or the mode says how high."""
    up = float(step_size_up)
    length = up + (up if step_size_down is None else float(step_size_down))
    cycle = 1 + iteration // length
    done, rising = 1.0 + iteration / length - cycle, up / length
    height = done / rising if done <= rising else (1 - done) / (1 - rising)
    if scale_fn is not None:
        scale: Any = scale_fn(cycle if scale_mode == "cycle" else iteration)
    else:
        scale = SCALES[mode](exp_gamma, iteration if mode == "exp_range" else cycle)
    return float(base + (max_learning_rate - base) * height * scale)


def improves(metric: float, best: float, *, mode: str, threshold: float, threshold_mode: str) -> bool:
    """Whether a metric is better than the best so far by more than a threshold, a part of the best one with 'rel'.

    >>> improves(0.95, 1.0, mode="min", threshold=0.1, threshold_mode="rel")
    False
    """
    sign = 1 if mode == "min" else -1
    margin = best * threshold if threshold_mode == "rel" else threshold
    return sign * metric < sign * best - margin
