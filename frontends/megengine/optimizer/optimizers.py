"""Rows of `megengine.optimizer`: the release's constructors over the rules of `updates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import updates
from ...names import Derived, Limit, limit
from ...updates import Kept
from ..arguments import ArgumentError
from ..names import NAMES
from .optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []


def optimizer(
    name: str,
    rule: Callable[..., None],
    kept: tuple[Kept, ...],
    given: Callable[[dict[str, Any], float], dict[str, Any]],
    *limits: Limit,
    options: str,
) -> None:
    """Serve an optimizer.

    Args:
        name: of the class, below `optimizer`.
        rule: what its step does to a parameter.
        kept: what is kept of each parameter, in the release's order.
        given: the rule's keywords for a group at a step: `rate`, and `l2` where the decay is the gradient's.
        *limits: what arguments have to be.
        options: of a group, in the release's order.
    """
    takes = frozenset(NAMES.signatures.signature(f"optimizer.{name}").parameters)
    facts = {
        "rule": staticmethod(rule),
        "kept": kept,
        "given": staticmethod(given),
        "limits": limits,
        "options": tuple(options.split()),
    }
    NAMES.add(Derived(f"optimizer.{name}", Optimizer, takes, facts=facts))


def at_least_0(error: type[Exception], **labels: str) -> tuple[Limit, ...]:
    """Limit arguments to 0 and above."""
    return tuple(
        limit(name, lambda value: value >= 0, f"Invalid {label}: {{{name}}}; legal are 0 and above", error)
        for name, label in labels.items()
    )


def moments(group: dict[str, Any]) -> dict[str, Any]:
    """Return what the rules with two moments take."""
    first, second = group["betas"]
    return {"rate": group["lr"], "beta1": first, "beta2": second, "epsilon": group["eps"]}


STEP = Kept("step", single=True)
MOMENTS = (Kept("exp_avg", role="moment1"), Kept("exp_avg_sq", role="moment2"), STEP)
MOMENT_LIMITS = (
    *at_least_0(ValueError, lr="learning rate", weight_decay="weight_decay value"),
    *(
        limit(
            "betas",
            lambda betas, index=index: 0 <= betas[index] < 1,  # type: ignore[misc]
            f"Invalid beta parameter at index {index}: {{betas[{index}]}}; legal are 0 to below 1",
        )
        for index in (0, 1)
    ),
)
SPREAD_LIMITS = at_least_0(ArgumentError, lr="learning rate", eps="epsilon value", weight_decay="weight_decay value")

optimizer(
    "SGD",
    updates.descent,
    (Kept("momentum_buffer", role="velocity", only="momentum"),),
    lambda group, _: {
        "rate": group["lr"],
        "l2": group["weight_decay"],
        "momentum": group["momentum"],
        "nesterov": group["nesterov"],
    },
    *at_least_0(ArgumentError, lr="learning rate", momentum="momentum value", weight_decay="weight_decay value"),
    limit(
        "",
        lambda given: not given["nesterov"] or given["momentum"] > 0,
        "Nesterov momentum requires a momentum; give momentum, or leave nesterov out",
        ArgumentError,
    ),
    options="lr momentum weight_decay",
)
optimizer(
    "Adam",
    updates.adam,
    MOMENTS,
    lambda group, _: {**moments(group), "l2": group["weight_decay"]},
    *MOMENT_LIMITS,
    options="lr weight_decay betas eps",
)
optimizer(
    "AdamW",
    updates.adam,
    MOMENTS,
    lambda group, _: {**moments(group), "decay": group["weight_decay"]},
    *MOMENT_LIMITS,
    options="lr weight_decay betas eps",
)
optimizer(
    "Adagrad",
    updates.adagrad,
    (Kept("square_avg", role="moment"), STEP),
    lambda group, step: {
        "rate": group["lr"] / (1 + (step - 1) * group["lr_decay"]),
        "l2": group["weight_decay"],
        "epsilon": group["eps"],
        "under_root": True,
    },
    *SPREAD_LIMITS,
    *at_least_0(ArgumentError, lr_decay="learning rate decay"),
    options="lr lr_decay eps weight_decay",
)
optimizer(
    "Adadelta",
    updates.adadelta,
    (Kept("square_avg", role="_avg_squared_grad"), Kept("acc_delta", role="_avg_squared_update"), STEP),
    lambda group, _: {
        "rate": group["lr"],
        "l2": group["weight_decay"],
        "rho": group["rho"],
        "epsilon": group["eps"],
    },
    *SPREAD_LIMITS,
    limit("rho", lambda rho: 0 <= rho <= 1, "Invalid rho value: {rho}; legal are 0 to 1", ArgumentError),
    options="lr rho eps weight_decay",
)
