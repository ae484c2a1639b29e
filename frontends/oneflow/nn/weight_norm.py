"""Mirrors `oneflow.nn.utils.weight_norm`: a weight is a length times a direction."""

from __future__ import annotations

from typing import Any

import torch

from .parameter import Parameter

__all__ = ["remove_weight_norm", "weight_norm"]


class _WeightNorm:
    """What computes the weight before each forward (Salimans and Kingma, 2016, equation 2)."""

    def __init__(self, name: str, dim: int) -> None:
        self.name, self.dim = name, dim

    def compute(self, module: Any) -> Any:
        direction = getattr(module, f"{self.name}_v")
        return direction * (getattr(module, f"{self.name}_g") / lengths(direction, self.dim))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute(module))


def lengths(direction: Any, dim: int) -> Any:
    """Return the length of each part along an axis; -1 is the whole.

    Raises:
        AssertionError: there is no such axis.
    """
    if not -direction.dim() <= dim < direction.dim():
        msg = f"dim={dim} out of range; legal are None and 0 to {direction.dim() - 1}."
        raise AssertionError(msg)
    if dim == -1:
        return torch.linalg.vector_norm(direction)
    axis = dim % direction.dim()
    others = [each for each in range(direction.dim()) if each != axis]
    return torch.linalg.vector_norm(direction, dim=others, keepdim=True)


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Replace a parameter by two, its length `weight_g` and its direction `weight_v`.

    Args:
        module: the layer, which is returned.
        name: of the parameter. Default: `'weight'`.
        dim: the axis along which each part has a length of its own; None, or -1, one for the whole. Default: 0.

    Raises:
        RuntimeError: it has been done.
        AssertionError: there is no such axis.

    Example:
        >>> import fourfold.frontends.oneflow.nn as nn
        >>> list(weight_norm(nn.Linear(3, 2)).state_dict())
        ['bias', 'weight_g', 'weight_v']
    """
    if _found(module, name) is not None:
        msg = f"Cannot register two weight_norm hooks on the same parameter {name}; remove_weight_norm() removes one."
        raise RuntimeError(msg)
    hook = _WeightNorm(name, -1 if dim is None else dim)
    weight = getattr(module, name)
    length = lengths(weight, hook.dim)
    del module._parameters[name]
    module.register_parameter(f"{name}_g", Parameter(length.detach()))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    hook(module, ())
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Make one parameter of the two again.

    Raises:
        ValueError: there are none.
    """
    key = _found(module, name)
    if key is None:
        msg = f"weight_norm of '{name}' not found in {module}; weight_norm() makes it."
        raise ValueError(msg)
    weight = module._forward_pre_hooks.pop(key).compute(module)
    delattr(module, name)
    for part in ("g", "v"):
        del module._parameters[f"{name}_{part}"]
    setattr(module, name, Parameter(weight.detach()))
    return module


def _found(module: Any, name: str) -> Any:
    hooks = module._forward_pre_hooks.items()
    return next((key for key, hook in hooks if isinstance(hook, _WeightNorm) and hook.name == name), None)
