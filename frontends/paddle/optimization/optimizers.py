"""Rows of `paddle.optimizer`: the release's constructors over the rules of `updates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import updates
from ...names import Derived, Limit, Names, limit, nothing
from ...names.generate import accepted
from ...updates import Kept
from ..names import NAMES
from .limits import POSITIVE
from .optimizer import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

COMMON = frozenset({"learning_rate", "parameters", "weight_decay", "grad_clip", "name"})
# which do not change what is computed of dense gradients
WITHOUT_EFFECT = {
    "lazy_mode": nothing("it is about sparse gradients; these are dense"),
    "use_multi_tensor": nothing("it chooses how, not what is computed"),
}


def optimizer(
    name: str,
    rule: Callable[..., None],
    kept: tuple[Kept, ...],
    *limits: Limit,
    more: str = "",
    grouped: str = "",
    names: Names = NAMES,
    base: type[Optimizer] = Optimizer,
    facts: dict[str, Any] | None = None,
    **renamed: str,
) -> None:
    """Serve an optimizer.

    Args:
        name: of the class, below `optimizer`.
        rule: its options are the constructor's arguments.
        kept: what is kept of each parameter, in the release's order.
        *limits: what arguments have to be.
        more: arguments that only begin the state.
        grouped: arguments that groups of parameters may have of their own.
        names: the framework's. Default: Paddle's.
        base: the class that it derives from.
        facts: other attributes of the class.
        **renamed: the rule's names of arguments that are called otherwise.
    """
    own = {**base.renamed, **renamed}
    made = {
        "rule": staticmethod(rule),
        "kept": kept,
        "limits": limits,
        "renamed": own,
        "grouped": frozenset(grouped.split()),
        **(facts or {}),
    }
    known = set(names.signatures.signature(f"optimizer.{name}").parameters)
    takes = (COMMON | accepted(rule)[0] | set(more.split()) | set(own)) & known
    names.add(Derived(f"optimizer.{name}", base, frozenset(takes), WITHOUT_EFFECT, made))


BETAS = tuple(limit(f"beta{n}", lambda beta: 0 <= beta < 1, "is out of range: expect [0,1)") for n in (1, 2))
EPSILON = limit("epsilon", lambda epsilon: epsilon >= 0, "is invalid: expect epsilon >= 0")
MOMENTS = (Kept("moment1"), Kept("moment2"))

OWN = "beta1 beta2 epsilon"
STARTS = {"beta1": 0.9, "beta2": 0.999}
POWERS = (Kept("beta1_pow_acc", "beta1", single=True), Kept("beta2_pow_acc", "beta2", single=True))
LARGEST = Kept("moment2_max", role="largest", only="amsgrad")

optimizer("SGD", updates.descent, ())
optimizer("Momentum", updates.descent, (Kept("velocity"),), grouped="momentum", use_nesterov="nesterov")
optimizer(
    "Adam",
    updates.adam,
    (*MOMENTS, LARGEST, *POWERS),
    *BETAS,
    EPSILON,
    more="amsgrad",
    grouped=OWN,
    facts={"tensors": STARTS},
)
optimizer(
    "AdamW",
    updates.adam,
    (*MOMENTS, LARGEST, *POWERS),
    *BETAS,
    EPSILON,
    more="amsgrad apply_decay_param_fun",
    grouped=OWN,
    facts={"decoupled": True, "tensors": STARTS},
)
optimizer(
    "Adamax",
    updates.adamax,
    (Kept("moment"), Kept("inf_norm"), POWERS[0]),
    *BETAS,
    EPSILON,
    grouped=OWN,
    facts={"tensors": {}},
)
optimizer(
    "Adagrad",
    updates.adagrad,
    (Kept("moment", "initial_accumulator_value"),),
    more="initial_accumulator_value",
    grouped="epsilon",
)
optimizer("Adadelta", updates.adadelta, (Kept("_avg_squared_grad"), Kept("_avg_squared_update")), grouped="epsilon rho")
optimizer(
    "RMSProp",
    updates.rmsprop,
    (Kept("momentum"), Kept("mean_square"), Kept("mean_grad")),
    EPSILON,
    limit("momentum", lambda momentum: momentum >= 0, "is invalid: expect momentum >= 0"),
    limit("rho", lambda rho: rho >= 0, "is invalid: expect rho >= 0"),
    grouped="epsilon momentum rho",
)
optimizer(
    "Lamb",
    updates.lamb,
    (*MOMENTS, *POWERS),
    facts={"tensors": STARTS},
    lamb_weight_decay="decay",
)
optimizer(
    "NAdam",
    updates.nadam,
    (Kept("momentum_decay_pow", 1.0), Kept("beta2_pow", 1.0), Kept("mu_product", 1.0), *MOMENTS),
    *BETAS,
    EPSILON,
    limit("momentum_decay", lambda decay: decay >= 0, "is invalid: expect momentum_decay >= 0"),
    grouped=OWN,
    facts={"tensors": {}},
)
optimizer(
    "RAdam",
    updates.radam,
    (Kept("beta1_pow", 1.0), Kept("beta2_pow", 1.0), Kept("rho", 1.0), *MOMENTS),
    *BETAS,
    EPSILON,
    grouped=OWN,
    facts={"tensors": {}},
)
optimizer(
    "Rprop",
    updates.rprop,
    (Kept("prevs"), Kept("learning_rates", "learning_rate")),
    limit("etas", lambda etas: 0 < etas[0] < 1 < etas[1], "must be 0 < etas[0] < 1 < etas[1]"),
    limit(
        "",
        lambda given: (
            POSITIVE(given["learning_rate_range"][0])
            and given["learning_rate_range"][0] <= given["learning_rate"] <= given["learning_rate_range"][1]
        ),
        "learning_rate must be within learning_rate_range, above 0",
    ),
)
optimizer(
    "ASGD",
    updates.averaged,
    (Kept("d"), Kept("y", many="batch_num"), Kept("m", single=True, counts=True)),
    limit("batch_num", lambda number: number is not None and number > 0, "should be greater than 0"),
)
