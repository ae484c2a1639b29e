"""What a module holds: its own tensors and modules, those in lists and dicts among them, in MegEngine's order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ....backend import OperatorTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["container", "leaves_of", "members", "states"]

# what lists, tuples and dicts of layers and parameters become; their members count as the owner's
CONTAINERS = (nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)


def container(value: Any) -> Any:
    if not isinstance(value, (list, tuple, dict)):
        return value
    keys = list(value) if isinstance(value, dict) else range(len(value))
    # lists in lists and dicts in dicts too
    inner: dict[Any, Any] = {key: container(value[key]) for key in keys}
    items = list(inner.values())
    kinds = (
        (nn.Module, nn.ModuleList, nn.ModuleDict),
        (nn.Parameter, nn.ParameterList, nn.ParameterDict),
    )
    for kind, as_list, as_dict in kinds:
        if items and all(isinstance(item, kind) for item in items):
            return as_dict(inner) if isinstance(value, dict) else as_list(items)
    if any(isinstance(item, (nn.Module, nn.Parameter)) for item in items):
        msg = (
            f"a {type(value).__name__} of {sorted({type(item).__name__ for item in items})} is neither all modules nor "
            f"all parameters, so that it cannot be registered. Use one attribute per kind."
        )
        raise OperatorTypeError(msg)
    return value


def leaves_of(module: nn.Module) -> Iterator[tuple[str, Any]]:
    """Yield (name, tensor or module) directly in `module`, sorted by name; lists keep their order."""
    adopt: Any = getattr(module, "_adopt", None)
    if adopt is not None:
        adopt()
    found: dict[str, Any] = {**module._parameters, **module._buffers, **module._modules}
    in_order = isinstance(module, (nn.ModuleList, nn.ParameterList))
    for name in found if in_order else sorted(found):
        if isinstance(found[name], CONTAINERS):
            yield from ((f"{name}.{inner}", leaf) for inner, leaf in leaves_of(found[name]))
        elif found[name] is not None:
            yield name, found[name]


def states(module: nn.Module, prefix: str) -> Iterator[tuple[str, torch.Tensor, bool]]:
    """Yield (key, tensor, whether its state has one axis)."""
    is_flat = getattr(module, "_state_is_flat", False)
    leaves: dict[int, tuple[str, Any]] = {}
    for name, leaf in leaves_of(module):
        leaves.setdefault(id(leaf), (name, leaf))
    for name, leaf in leaves.values():
        if isinstance(leaf, torch.Tensor) and name not in module._non_persistent_buffers_set:
            yield prefix + name, leaf, is_flat
    for name, leaf in leaves.values():
        if isinstance(leaf, nn.Module):
            yield from states(leaf, f"{prefix}{name}.")


def members(
    module: nn.Module, prefix: str | None, recursive: bool, unique: bool, seen: set[int] | None = None
) -> Iterator[tuple[str, torch.Tensor]]:
    seen = {id(module)} if seen is None else seen
    start = f"{prefix}." if prefix else ""
    for name, leaf in leaves_of(module):
        if unique and id(leaf) in seen:
            continue
        seen.add(id(leaf))
        if isinstance(leaf, torch.Tensor):
            yield start + name, leaf
        elif recursive:
            yield from members(leaf, start + name, recursive, unique, seen)
