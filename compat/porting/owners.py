"""The modules of a model, each with all its names, and the tensors that each owns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    import torch


def owners(module: nn.Module) -> list[tuple[list[str], nn.Module]]:
    """Return every module once, with all its names."""
    names: dict[int, tuple[list[str], nn.Module]] = {}
    for name, one in nn.Module.named_modules(module, remove_duplicate=False):
        names.setdefault(id(one), ([], one))[0].append(name)
    return list(names.values())


def own_tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the parameters and buffers of a module that belong to its state, without those of its children."""
    buffers = {name: one for name, one in module._buffers.items() if name not in module._non_persistent_buffers_set}
    return {name: tensor for name, tensor in {**module._parameters, **buffers}.items() if tensor is not None}


def join(path: str, name: str) -> str:
    """Return the full name of what is called `name` in a module.

    >>> join("encoder.0", "weight"), join("", "weight")
    ('encoder.0.weight', 'weight')
    """
    return f"{path}.{name}" if path else name
