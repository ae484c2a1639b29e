"""Building a layer of another API with the weights of the one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from ...frontends.tensor import plain, rebuild_parameter
from .arguments import BY_CLASS, DIALECTS
from .errors import PortingError
from .kinds import Kind, Layer
from .layouts import layout

if TYPE_CHECKING:
    from .arguments import Arguments

ROLES = ("weight", "bias")


def dialect_of(module: nn.Module) -> str | None:
    """Return the name in `DIALECTS` of a transposed convolution's class; None for every other class, subclasses too."""
    return BY_CLASS.get(type(module))


def check_plain(module: nn.Module) -> None:
    """Raise unless a layer has its two parameters, and nothing else that a rebuilt one would lack.

    Raises:
        PortingError: it has no parameters yet, or others, or buffers, or layers of its own.
    """
    tensors = {**module._parameters, **module._buffers}
    extra = [name for name in (*tensors, *module._modules) if name not in ROLES]
    weight = module._parameters.get("weight")
    if extra or "weight" not in module._parameters:
        what = f"has {', '.join(extra)} of its own" if extra else "has no parameter 'weight'"
        msg = f"it {what}, which a new layer would lack. If that is a weight or spectral norm, remove it before porting"
        raise PortingError(msg)
    if weight is None or is_lazy(weight):
        msg = "it has no parameters yet. Call it once, so that they get their shapes"
        raise PortingError(msg)


def rebuild(module: nn.Module, arguments: Arguments, target: str) -> nn.Module:
    """Build a layer of another API that computes the same; the random generators stay where they are.

    Args:
        module: a layer whose class has a dialect.
        arguments: what it computes.
        target: a name in `DIALECTS`.

    Raises:
        PortingError: the target cannot say it.
    """
    given = DIALECTS[target]
    said = given.write(arguments)
    with torch.random.fork_rng(devices=[]):
        layer = given.type(**said)
    layer.train(module.training)
    spec = arguments.spec
    kind = Layer(Kind.CONV_TRANSPOSE, axes=3, groups=spec.groups)
    source = DIALECTS[BY_CLASS[type(module)]].api
    torch_shapes: dict[str, tuple[int, ...]] = {"weight": spec.weight_shape, "bias": (spec.out_channels,)}
    for role in ROLES:
        new = layer._parameters.get(role)
        old = module._parameters.get(role)
        if new is None or old is None:
            continue
        here, there = (layout(Kind.CONV_TRANSPOSE, api)[role].forms[0] for api in (source, given.api))
        values = here.to_torch(plain(old).detach(), torch_shapes[role])
        if there is not here:
            values = there.from_torch(values, kind)
        elif values.dim() == 5:
            values = values.contiguous(memory_format=_memory_format(plain(old)))
        own = {} if type(new) is nn.Parameter else dict(new.__dict__)
        layer._parameters[role] = rebuild_parameter(type(new), values, old.requires_grad, own)
    return layer


def _memory_format(tensor: torch.Tensor) -> torch.memory_format:
    is_last = tensor.is_contiguous(memory_format=torch.channels_last_3d) and not tensor.is_contiguous()
    return torch.channels_last_3d if is_last else torch.contiguous_format
