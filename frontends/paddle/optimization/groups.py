"""torch's parameter groups for what Paddle's optimizers are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..regularizer import L1Decay, L2Decay
from .scheduler import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["groups", "undecayed_groups"]


def groups(
    parameters: Iterable[Any] | None, learning_rate: Any, weight_decay: Any, served: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Return torch's parameter groups, one per parameter, with its own learning rate and decay.

    Dicts among the parameters are groups, with a factor on the learning rate, a decay and options of their own.
    `factor` in a group is the parameter's factor on the learning rate, `l1_decay` a decay that torch does not know,
    `own` the options, of which those that are `served` may be there.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
    """
    if parameters is None:
        msg = "parameters argument given to the Optimizer should not be None in dygraph mode. Give model.parameters()."
        raise AttributeError(msg)
    if isinstance(parameters, (torch.Tensor, dict)):
        msg = (
            f"`parameters` argument given to the optimizer should be an iterable of paddle Tensors, but got argument "
            f"type is {type(parameters).__name__}. Give a list."
        )
        raise TypeError(msg)
    # every step sets the one of a schedule
    rate = 0.0 if isinstance(learning_rate, Schedule) else learning_rate
    if not isinstance(rate, float):
        msg = f"learning rate should be float or LRScheduler, got {rate!r}, a {type(rate).__name__}. Give a float."
        raise TypeError(msg)
    members = []
    for parameter, options in _each(parameters, served):
        factor = getattr(parameter, "optimize_attr", {"learning_rate": 1.0})["learning_rate"]
        factor = options.get("learning_rate", factor)
        own = options.get("weight_decay", getattr(parameter, "regularizer", None))
        first, second = _decays(weight_decay if own is None else own)
        members.append(
            {
                "params": [parameter],
                "lr": rate * factor,
                "factor": factor,
                "weight_decay": second,
                "l1_decay": first,
                "own": {name: value for name, value in options.items() if name in served},
            }
        )
    return members


def undecayed_groups(
    parameters: Any,
    learning_rate: Any,
    weight_decay: Any,
    decays: Callable[[str], bool] | None,
    served: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """Return the groups of AdamW, whose decay is no part of the gradient.

    Raises:
        NotImplementedError: a parameter has a regularizer of its own.
    """
    if isinstance(weight_decay, bool) or not isinstance(weight_decay, (int, float)):
        msg = f"weight_decay should be float, but received {weight_decay!r}, a {type(weight_decay).__name__}."
        raise TypeError(msg)
    parameters = parameters if parameters is None or isinstance(parameters, (torch.Tensor, dict)) else list(parameters)
    members = groups(parameters, learning_rate, None, served)
    for member, (_, options) in zip(members, _each(parameters, served), strict=True):
        (parameter,) = member["params"]
        if getattr(parameter, "regularizer", None) is not None:
            msg = f"{parameter.name} has a regularizer, which AdamW does not follow here. Use Adam."
            raise NotImplementedError(msg)
        if decays is None or decays(parameter.name):
            member["weight_decay"] = float(options.get("weight_decay", weight_decay))
    return members


def _each(parameters: Iterable[Any], served: frozenset[str]) -> Iterator[tuple[torch.Tensor, dict[str, Any]]]:
    """Yield parameters with what the group that they are given in says of them."""
    for item in parameters:
        options = {name: value for name, value in item.items() if name != "params"} if isinstance(item, dict) else {}
        legal = {"learning_rate", "weight_decay", *served}
        unknown = sorted(set(options) - legal)
        if unknown:
            msg = f"a group of parameters says {', '.join(unknown)}; only {', '.join(sorted(legal))} are served here."
            raise NotImplementedError(msg)
        if any(isinstance(options.get(name), torch.Tensor) for name in served):
            msg = f"a group of parameters has a tensor among {', '.join(sorted(served))}; give numbers there."
            raise NotImplementedError(msg)
        members = item.get("params", ()) if isinstance(item, dict) else (item,)
        for parameter in (members,) if isinstance(members, torch.Tensor) else members:
            if not isinstance(parameter, torch.Tensor):
                msg = (
                    f"`parameters` holds a {type(parameter).__name__}; only tensors can be optimized, and dicts of "
                    f"'params', 'learning_rate' (a factor) and 'weight_decay'."
                )
                raise TypeError(msg)
            yield parameter, options


def _decays(decay: Any) -> tuple[float, float]:
    if isinstance(decay, L1Decay):
        return decay.coeff, 0.0
    if isinstance(decay, L2Decay):
        return 0.0, decay.coeff
    if decay is None or (isinstance(decay, (int, float)) and not isinstance(decay, bool)):
        return 0.0, float(decay or 0.0)
    msg = f"weight_decay={decay!r} should be float or WeightDecayRegularizer; it is a {type(decay).__name__}."
    raise TypeError(msg)
