"""What an optimizer's step does to one parameter: one rule for each idea; the frameworks' classes are rows over them.

A rule changes the parameter and the state, tensors by the names that it has for them. A framework's names, the sizes
and the first values are said in its rows: `Kept`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

__all__ = [
    "Kept",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "averaged",
    "decayed_adagrad",
    "descent",
    "ftrl",
    "lamb",
    "lars",
    "nadam",
    "radam",
    "rmsprop",
    "rounded",
    "rprop",
]

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Kept:
    """One tensor of the state.

    Attributes:
        name: the release's.
        fill: its first value, or the name of the option that is.
        single: whether it is one value and not one for each of the parameter's.
        role: the rule's name of it. Default: the release's.
        only: the option without which it is not kept. Default: none, it is kept always.
        many: the option that says how many of them are kept, along a first axis. Default: one, without that axis.
        counts: whether it is a whole number.
    """

    name: str
    fill: float | str = 0.0
    single: bool = False
    role: str = ""
    only: str = ""
    many: str = ""
    counts: bool = False

    def made(self, parameter: Tensor, options: Mapping[str, float], dtype: torch.dtype | None = None) -> Tensor:
        """Return the tensor before the first step; 16-bit parameters have 32-bit statistics unless a dtype is given."""
        fill = options[self.fill] if isinstance(self.fill, str) else self.fill
        dtype = torch.int64 if self.counts else dtype or torch.promote_types(parameter.dtype, torch.float32)
        shape = [1] if self.single else list(parameter.shape)
        shape = [int(options[self.many]), *shape] if self.many else shape
        return torch.full(shape, fill, dtype=dtype, device=parameter.device)


def rounded(options: Mapping[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """Return options with their numbers as a dtype has them.

    The releases' kernels take numbers so: of 0.999 in float32, `1 - beta` is another number, by 13 parts in a million.
    """
    return {
        name: torch.tensor(value, dtype=dtype).item() if isinstance(value, float) else value
        for name, value in options.items()
    }


def _average(mean: Tensor, value: Tensor, beta: float) -> Tensor:
    return mean.mul_(beta).add_(value * (1 - beta))


def _corrections(state: State, beta1: float, beta2: float) -> tuple[Tensor, Tensor]:
    """Return `1 - beta ** step` of both betas, by the count of steps or the powers that are kept, which go on."""
    if "step" in state:
        step = state["step"]
        return 1 - beta1**step, 1 - beta2**step
    powers = [state["beta1_pow_acc"], state["beta2_pow_acc"]]
    first, second = (1 - power for power in powers)
    for power, beta in zip(powers, (beta1, beta2), strict=True):
        power.mul_(beta)
    return first, second


def descent(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    momentum: float = 0.0,
    dampening: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
) -> None:
    """Go down the gradient, or a velocity where one is kept; `maximize` goes up, and only along a velocity."""
    if "velocity" in state:
        velocity = state["velocity"].mul_(momentum).add_((1 - dampening) * gradient)
        gradient = gradient + momentum * velocity if nesterov else velocity
        rate = -rate if maximize else rate
    parameter.sub_(rate * gradient)


def adam(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    beta1: float,
    beta2: float,
    epsilon: float,
    decay: float = 0.0,
    corrected: bool = True,
    corrections: tuple[Tensor, Tensor] | None = None,
) -> None:
    """Divide a mean of gradients by the root of that of their squares (arXiv 1412.6980, algorithm 1).

    `largest`, if it is kept, is AMSGrad's (Reddi, Kale, Kumar 2018); `decay` shrinks the parameter apart from the
    gradient (arXiv 1711.05101). epsilon is added to the root of the corrected mean of squares, or of the other.
    """
    first, second = corrections or _corrections(state, beta1, beta2)
    mean = _average(state["moment1"], gradient, beta1)
    square = _average(state["moment2"], gradient * gradient, beta2)
    if "largest" in state:
        square = torch.maximum(state["largest"], square, out=state["largest"])
    # a number divided by a tensor is torch's reciprocal times the number, rounded twice
    length = first.new_tensor(rate) / first
    # torch's root in float32 is not always the nearest number, and every value is divided by it
    root = second.double().sqrt().to(second.dtype)
    change = length * (mean / (square.sqrt() / root + (epsilon if corrected else epsilon / root)))
    parameter.sub_(change + rate * decay * parameter if decay else change)


def adamax(
    parameter: Tensor, gradient: Tensor, state: State, rate: float, *, beta1: float, beta2: float, epsilon: float
) -> None:
    """Adam with the norm of infinity (arXiv 1412.6980, algorithm 2), epsilon added to the decayed norm."""
    mean = _average(state["moment"], gradient, beta1)
    norm = state["inf_norm"]
    norm.copy_(torch.maximum(gradient.abs(), norm * beta2 + epsilon))
    parameter.sub_(rate / (1 - state["beta1_pow_acc"]) * (mean / norm))
    state["beta1_pow_acc"].mul_(beta1)


def averaged(parameter: Tensor, gradient: Tensor, state: State, rate: float, *, batch_num: int) -> None:
    """Go down the mean of the last gradients of `batch_num` batches (Schmidt, Le Roux, Bach 2017)."""
    step = int(state["m"])
    before = state["y"][step % batch_num]
    total = state["d"].add_(gradient - before)
    before.copy_(gradient)
    state["m"].add_(1)
    parameter.sub_(rate / min(step + 1, batch_num) * total)


def adagrad(
    parameter: Tensor, gradient: Tensor, state: State, rate: float, *, epsilon: float, under_root: bool = False
) -> None:
    """Divide by the root of the sum of squares so far (Duchi, Hazan, Singer 2011)."""
    total = state["moment"].add_(gradient * gradient)
    parameter.sub_(rate * gradient / ((total + epsilon).sqrt() if under_root else total.sqrt() + epsilon))


def decayed_adagrad(
    parameter: Tensor, gradient: Tensor, state: State, rate: float, *, decay: float, epsilon: float
) -> None:
    """Adagrad with a mean of squares that forgets, in place of their sum."""
    square = _average(state["moment"], gradient * gradient, decay)
    parameter.sub_(rate * gradient / (square.sqrt() + epsilon))


def adadelta(
    parameter: Tensor, gradient: Tensor, state: State, rate: float, *, epsilon: float, rho: float, renewed: bool = False
) -> None:
    """Make changes as large as the last ones (arXiv 1212.5701); `renewed` counts the change among them first."""
    squares = _average(state["_avg_squared_grad"], gradient * gradient, rho)
    changes = state["_avg_squared_update"]
    change = ((changes + epsilon) / (squares + epsilon)).sqrt() * gradient
    _average(changes, change * change, rho)
    parameter.sub_(rate * (((changes + epsilon) / (squares + epsilon)).sqrt() * gradient if renewed else change))


def rmsprop(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    rho: float,
    epsilon: float,
    centered: bool,
    momentum: float = 0.0,
) -> None:
    """Divide by the root of the mean square, or of the variance with `centered`; epsilon stands under the root."""
    spread = _average(state["mean_square"], gradient * gradient, rho)
    if centered:
        spread = spread - _average(state["mean_grad"], gradient, rho).square()
    change = rate * gradient / (spread + epsilon).sqrt()
    parameter.sub_(state["momentum"].mul_(momentum).add_(change) if "momentum" in state else change)


def lamb(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    beta1: float,
    beta2: float,
    epsilon: float,
    decay: float,
    always_adapt: bool = True,
    decay_counts: bool = True,
    corrections: tuple[Tensor | float, Tensor | float] | None = None,
) -> None:
    """Adam whose step is as long as the parameter (arXiv 1904.00962, algorithm 2).

    Without a decay it is Adam's step, unless `always_adapt`. The step's length is taken with the decay, if it counts.
    """
    first, second = corrections or _corrections(state, beta1, beta2)
    mean = _average(state["moment1"], gradient, beta1) / first
    square = _average(state["moment2"], gradient * gradient, beta2) / second
    undecayed = mean / (square.sqrt() + epsilon)
    change = undecayed + decay * parameter
    if decay > 0 or always_adapt:
        lengths = parameter.norm(), (change if decay_counts else undecayed).norm()
        trust = torch.where((lengths[0] > 0) & (lengths[1] > 0), lengths[0] / lengths[1], torch.ones_like(lengths[0]))
        change = trust * change
    parameter.sub_(rate * change)


def nadam(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    beta1: float,
    beta2: float,
    epsilon: float,
    momentum_decay: float,
) -> None:
    """Adam with Nesterov's momentum, which rises as 1 - 0.96 ** (step * decay) / 2 (Dozat 2016, section 3)."""
    decay = state["momentum_decay_pow"].mul_(0.96)
    power = state["beta2_pow"].mul_(beta2)
    now = beta1 * (1 - 0.5 * decay**momentum_decay)
    after = beta1 * (1 - 0.5 * decay**momentum_decay * 0.96**momentum_decay)
    product = state["mu_product"].mul_(now)
    mean = _average(state["moment1"], gradient, beta1)
    square = _average(state["moment2"], gradient * gradient, beta2) / (1 - power)
    ahead = after * mean / (1 - product * after) + (1 - now) * gradient / (1 - product)
    parameter.sub_(rate * ahead / (square.sqrt() + epsilon))


def radam(
    parameter: Tensor, gradient: Tensor, state: State, rate: float, *, beta1: float, beta2: float, epsilon: float
) -> None:
    """Adam that is rectified while its variance is not known yet (arXiv 1908.03265, algorithm 2)."""
    first, second = state["beta1_pow"].mul_(beta1), state["beta2_pow"].mul_(beta2)
    # rho holds step * beta2 ** step / (1 - beta2 ** step), from the one before
    rho = state["rho"]
    rho.copy_((rho * (beta2 - second) + second) / (1 - second))
    most = 2 / (1 - beta2) - 1
    length = most - 2 * rho
    mean = _average(state["moment1"], gradient, beta1) / (1 - first)
    square = _average(state["moment2"], gradient * gradient, beta2)
    ratio = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
    rectified = ratio.clamp(min=0).sqrt() * (1 - second).sqrt() / (square.sqrt() + epsilon)
    parameter.sub_(rate * mean * torch.where(length > 5, rectified, torch.ones_like(rectified)))


def rprop(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    learning_rate_range: tuple[float, float],
    etas: tuple[float, float],
) -> None:
    """Go by signs, each value at its own rate, which rises while signs stay (Riedmiller, Braun 1993)."""
    same = gradient * state["prevs"]
    gradient = torch.where(same < 0, torch.zeros_like(gradient), gradient)
    one = torch.ones_like(gradient)
    factor = torch.where(same > 0, one * etas[1], torch.where(same < 0, one * etas[0], one))
    rates = state["learning_rates"]
    rates.copy_((rates * factor).clamp(*learning_rate_range))
    parameter.sub_(gradient.sign() * rates)
    state["prevs"].copy_(gradient)


def ftrl(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    l1: float,
    l2: float,
    lr_power: float,
) -> None:
    """Follow the regularized leader, one value at a time (McMahan et al. 2013, algorithm 1)."""
    before = state["squared"].clone()
    after = state["squared"].add_(gradient * gradient)
    linear = state["linear"]
    linear.add_(gradient - (after**-lr_power - before**-lr_power) / rate * parameter)
    # Paddle adds 1e-10 to both, so that nothing is divided by zero
    least, spread = l1 + 1e-10, after**-lr_power / rate + 2 * (l2 + 1e-10)
    parameter.copy_(torch.where(linear.abs() > least, (least * linear.sign() - linear) / spread, linear * 0))


def lars(
    parameter: Tensor,
    gradient: Tensor,
    state: State,
    rate: float,
    *,
    momentum: float,
    coefficient: float,
    decay: float,
) -> None:
    """Momentum at a rate that goes by the lengths of parameter and gradient (arXiv 1708.03888)."""
    lengths = parameter.norm(), gradient.norm()
    own = rate * coefficient * lengths[0] / (lengths[1] + decay * lengths[0])
    parameter.sub_(state["velocity"].mul_(momentum).add_(own * (gradient + decay * parameter)))
