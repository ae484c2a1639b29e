"""Rows of `paddle.optimizer`: the release's constructors over torch's updates, or over a rule of `updates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch

from ... import updates
from ...names import Derived, Limit, check, limit, nothing
from ...names.generate import accepted
from ...tensor import plain
from ...updates import Kept, rounded
from ..names import NAMES
from . import optimizer
from .accumulators import Accumulator
from .groups import groups
from .limits import POSITIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__: list[str] = []

COMMON = frozenset({"learning_rate", "parameters", "weight_decay", "grad_clip", "name"})
# which do not change what is computed of dense gradients
WITHOUT_EFFECT = {
    "lazy_mode": nothing("it is about sparse gradients; these are dense"),
    "use_multi_tensor": nothing("it chooses how, not what is computed"),
}


class _Update(torch.optim.Optimizer):
    """What steps by a rule, where another class says when."""

    rule: ClassVar[Callable[..., None]]
    _options: dict[str, Any]

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Change the parameters that have gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    values, gradient = plain(parameter), plain(parameter.grad)
                    if group["weight_decay"]:
                        gradient = gradient + group["weight_decay"] * values
                    # the release's kernels take numbers in the dtype of the statistics: 1 - beta differs visibly
                    options = rounded(self._options, torch.promote_types(values.dtype, torch.float32))
                    type(self).rule(values, gradient, self.state[parameter], group["lr"], **options)


class Ruled(optimizer.Optimizer, _Update):
    """An optimizer of Paddle whose step is a rule."""

    limits: ClassVar[tuple[Limit, ...]] = ()
    kept: ClassVar[tuple[Kept, ...]] = ()
    renamed: ClassVar[Mapping[str, str]] = {}

    def _begin(
        self,
        learning_rate: Any,
        parameters: Any,
        grad_clip: Any,
        name: str | None,
        weight_decay: Any = None,
        **options: Any,
    ) -> None:
        check(self.limits, {"learning_rate": learning_rate, **options})
        torch.optim.Optimizer.__init__(self, groups(parameters, learning_rate, weight_decay), {})
        self._filled = {**options, "learning_rate": learning_rate}
        options = {self.renamed.get(each, each): value for each, value in options.items()}
        self._options = {each: options[each] for each in options if each in accepted(type(self).rule)[0]}
        self._follow(learning_rate, grad_clip, name)

    def _begin_state(self, parameters: list[torch.Tensor]) -> None:
        for parameter in parameters:
            if not self.state.get(parameter):
                values = plain(parameter).detach()
                self.state[parameter] = {each.name: each.made(values, self._filled) for each in self.kept}
        super()._begin_state(parameters)


def over_torch(name: str, base: type) -> None:
    """Serve an optimizer whose update is torch's, from the class that says so."""
    takes = accepted(base)[0] | {"name"}

    def begin(self: Any, name: str | None, **given: Any) -> None:
        base.__init__(self, **given)  # type: ignore[misc]
        self._accumulators.prefix = f"{name}_" if name else ""

    facts = {"_begin": begin}
    NAMES.add(Derived(f"optimizer.{name}", base, takes, WITHOUT_EFFECT, facts))


def ruled(
    name: str, rule: Callable[..., None], kept: tuple[Kept, ...], *limits: Limit, more: str = "", **renamed: str
) -> None:
    """Serve an optimizer of a rule.

    Args:
        name: of the class, below `optimizer`.
        rule: its options are the constructor's arguments.
        kept: what is kept of each parameter, in the release's order.
        *limits: what arguments have to be.
        more: arguments that only begin the state.
        **renamed: the rule's names of arguments that are called otherwise.
    """
    facts = {
        "rule": staticmethod(rule),
        "kept": kept,
        "accumulators": tuple(Accumulator(each.name, each.name) for each in kept),
        "limits": limits,
        "renamed": renamed,
    }
    takes = COMMON | accepted(rule)[0] | set(more.split()) | set(renamed)
    NAMES.add(Derived(f"optimizer.{name}", Ruled, frozenset(takes), WITHOUT_EFFECT, facts))


BETAS = tuple(limit(f"beta{n}", lambda beta: 0 <= beta < 1, "is out of range: expect [0,1)") for n in (1, 2))
EPSILON = limit("epsilon", lambda epsilon: epsilon >= 0, "is invalid: expect epsilon >= 0")
MOMENTS = (Kept("moment1"), Kept("moment2"))

over_torch("SGD", optimizer.SGD)
over_torch("Momentum", optimizer.Momentum)
over_torch("Adam", optimizer.Adam)
over_torch("AdamW", optimizer.AdamW)
ruled(
    "Adamax",
    updates.adamax,
    (Kept("moment"), Kept("inf_norm"), Kept("beta1_pow_acc", "beta1", single=True)),
    *BETAS,
    EPSILON,
)
ruled("Adagrad", updates.adagrad, (Kept("moment", "initial_accumulator_value"),), more="initial_accumulator_value")
ruled("Adadelta", updates.adadelta, (Kept("_avg_squared_grad"), Kept("_avg_squared_update")))
ruled(
    "RMSProp",
    updates.rmsprop,
    (Kept("momentum"), Kept("mean_square"), Kept("mean_grad")),
    EPSILON,
    limit("momentum", lambda momentum: momentum >= 0, "is invalid: expect momentum >= 0"),
    limit("rho", lambda rho: rho >= 0, "is invalid: expect rho >= 0"),
)
ruled(
    "Lamb",
    updates.lamb,
    (*MOMENTS, Kept("beta1_pow_acc", "beta1", single=True), Kept("beta2_pow_acc", "beta2", single=True)),
    lamb_weight_decay="decay",
)
ruled(
    "NAdam",
    updates.nadam,
    (Kept("momentum_decay_pow", 1.0), Kept("beta2_pow", 1.0), Kept("mu_product", 1.0), *MOMENTS),
    *BETAS,
    EPSILON,
    limit("momentum_decay", lambda decay: decay >= 0, "is invalid: expect momentum_decay >= 0"),
)
ruled(
    "RAdam",
    updates.radam,
    (Kept("beta1_pow", 1.0), Kept("beta2_pow", 1.0), Kept("rho", 1.0), *MOMENTS),
    *BETAS,
    EPSILON,
)
ruled(
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
