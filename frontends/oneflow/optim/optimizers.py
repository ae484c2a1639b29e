"""Rows of `oneflow.optim`: the release's constructors over the rules of `updates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ... import updates
from ...names import Derived, Limit, limit
from ...updates import Kept
from ..names import NAMES
from .optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []


def at_least_0(name: str, label: str) -> Limit:
    """Limit an argument to 0 and above."""
    return limit(name, lambda value: value >= 0, f"Invalid {label}: {{{name}}}; legal are 0 and above", AssertionError)


RATES = (at_least_0("lr", "learning rate"), at_least_0("weight_decay", "weight_decay"))
EPSILON = at_least_0("eps", "epsilon value")
BETAS = tuple(
    limit(
        "betas",
        lambda betas, index=index: 0 <= betas[index] < 1,  # type: ignore[misc]
        f"Invalid beta parameter at index {index}: {{betas[{index}]}}; legal are 0 to below 1",
        AssertionError,
    )
    for index in (0, 1)
)
MOMENTS = (Kept("exp_avg", role="moment1"), Kept("exp_avg_sq", role="moment2"))
LARGEST = Kept("max_exp_avg_sq", role="largest", only="amsgrad")


def moments(group: dict[str, Any], steps: int) -> dict[str, Any]:
    """Return what the rules with two moments take."""
    del steps
    first, second = group["betas"]
    return {
        "rate": group["lr"],
        "beta1": first,
        "beta2": second,
        "epsilon": group["eps"],
        # the release takes the root in float32 as well, which shows in float64 parameters
        "corrections": tuple(torch.tensor(group[f"bias_correction{n}"], dtype=torch.float32) for n in (1, 2)),
    }


def optimizer(
    name: str,
    rule: Callable[..., None],
    kept: tuple[Kept, ...],
    given: Callable[[dict[str, Any], int], dict[str, Any]],
    *limits: Limit,
    options: str,
    begun: bool = False,
) -> None:
    """Serve an optimizer.

    Args:
        name: of the class, below `optim`.
        rule: what its step does to a parameter.
        kept: what is kept of each parameter, in the release's order.
        given: the rule's keywords for a group after so many steps; `rate`, and `l2` where the decay is the gradient's.
        *limits: what arguments have to be, beside the learning rate and the decay.
        options: of a group, in the release's order.
        begun: whether what is kept is there before the first step.
    """
    takes = frozenset(NAMES.signatures.signature(f"optim.{name}").parameters)
    facts = {
        "rule": staticmethod(rule),
        "kept": kept,
        "given": staticmethod(given),
        "limits": (*RATES, *limits),
        "options": tuple(options.split()),
        "begun": begun,
    }
    NAMES.add(Derived(f"optim.{name}", Optimizer, takes, facts=facts))


optimizer(
    "SGD",
    updates.descent,
    (Kept("momentum_buf", role="velocity", only="momentum"),),
    lambda group, _: {
        "rate": group["lr"],
        "l2": group["weight_decay"],
        **{name: group[name] for name in ("momentum", "dampening", "nesterov", "maximize")},
    },
    at_least_0("momentum", "momentum"),
    options="lr momentum dampening weight_decay nesterov maximize fused",
)
optimizer(
    "Adam",
    updates.adam,
    (*MOMENTS, LARGEST),
    lambda group, steps: {**moments(group, steps), "l2": group["weight_decay"]},
    EPSILON,
    *BETAS,
    options="lr eps betas weight_decay amsgrad bias_correction1 bias_correction2 do_bias_correction fused",
)
optimizer(
    "AdamW",
    updates.adam,
    (*MOMENTS, LARGEST),
    lambda group, steps: {**moments(group, steps), "decay": group["weight_decay"]},
    EPSILON,
    *BETAS,
    options="lr eps betas weight_decay bias_correction1 bias_correction2 do_bias_correction amsgrad fused",
)
optimizer(
    "LAMB",
    updates.lamb,
    MOMENTS,
    lambda group, steps: {
        **moments(group, steps),
        "l2": 0.0 if group["adam_w_mode"] else group["weight_decay"],
        "decay": group["weight_decay"] if group["adam_w_mode"] else 0.0,
        "decay_counts": False,
    },
    limit(
        "amsgrad", lambda amsgrad: not amsgrad, "LAMB does not support AMSGrad variant: amsgrad={amsgrad}", RuntimeError
    ),
    EPSILON,
    *BETAS,
    options="lr eps betas weight_decay amsgrad adam_w_mode bias_correction1 bias_correction2 do_bias_correction",
)
optimizer(
    "Adagrad",
    updates.adagrad,
    (Kept("sum", "initial_accumulator_value", role="moment"),),
    lambda group, steps: {
        "rate": group["lr"] / (1 + steps * group["lr_decay"]),
        "l2": group["weight_decay"],
        "epsilon": group["eps"],
    },
    at_least_0("initial_accumulator_value", "initial_accumulator_value value"),
    EPSILON,
    options="lr initial_accumulator_value lr_decay weight_decay eps",
    begun=True,
)
optimizer(
    "Adadelta",
    updates.adadelta,
    (Kept("square_avgs", role="_avg_squared_grad"), Kept("acc_deltas", role="_avg_squared_update")),
    lambda group, _: {
        "rate": group["lr"],
        "l2": group["weight_decay"],
        "rho": group["rho"],
        "epsilon": group["eps"],
    },
    EPSILON,
    limit("rho", lambda rho: 0 <= rho <= 1, "Invalid rho value: {rho}; legal are 0 to 1", AssertionError),
    limit("maximize", lambda maximize: not maximize, "maximize={maximize}: the release refuses it too", AssertionError),
    options="lr rho eps maximize weight_decay",
    begun=True,
)
optimizer(
    "RMSprop",
    updates.rmsprop,
    (Kept("square_avg", role="mean_square"), Kept("grad_avg", role="mean_grad", only="centered")),
    lambda group, _: {
        "rate": group["lr"],
        "l2": group["weight_decay"],
        "rho": group["alpha"],
        "epsilon": group["eps"],
        "centered": group["centered"],
    },
    at_least_0("alpha", "alpha value"),
    EPSILON,
    limit(
        "momentum",
        lambda momentum: momentum == 0,
        "Not support momentum greater than zeros: {momentum}",
        AssertionError,
    ),
    options="lr alpha eps weight_decay centered",
)
