"""Porting a module: the same tree with the layers of another API."""

from __future__ import annotations

import copy
import warnings
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import torch
from torch import nn

from ...frontends.paddle import unique_name
from ...frontends.tensor import plain
from .containers import empty_container
from .errors import PortingError
from .owners import join, owners
from .plan import ModulePlan, exchanges, patterns_of
from .wanted import parts_of_stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..literals import Target
    from .exchange import Part
    from .plan import Exchanges


def port_module(module: nn.Module, *, target: Target, keep: Sequence[str] = ()) -> nn.Module:
    """Rebuild a module with the layers of another API, which compute the same.

    Exchanged are convolutions and transposed convolutions along one to three axes, linear layers, normalisations,
    PReLU, embeddings, recurrent layers and cells, activations, dropout, pools, pads, losses without weights and
    resizing, where the target has a class for them; their arguments are said in its words, with its conventions (a
    momentum of 0.9 in Paddle is 0.1 in torch), and their tensors lie as `port_state` lays them. Containers
    (`Sequential`, `LayerList`) become the target's. Classes of your own stay, with their `forward`, and so does a layer
    that the target has no counterpart of: it computes the same there. `plan_module` tells which.

    Shared layers and parameters stay shared; dtype, device, `requires_grad` and training mode are kept. Each tensor is
    copied once, and nothing is drawn at random: the memory that it takes is that of the new module. Not copied are
    hooks (a warning names the layers; torch's own, such as that of a weight norm on a layer that stays, are),
    gradients, and attributes that were added to a layer.

    Args:
        module: a torch module whose layers are torch's or a front end's, or one such layer. It stays as it is.
        target: 'torch', 'paddle', 'fluid', 'fluid_1_8', 'megengine' or 'oneflow' for that front end's classes, of which
            torch's has its own transposed convolution alone; 'torch.nn' for nothing but torch's own.
        keep: patterns (`*`, `?`) of names of layers that stay as they are. Default: none.

    Returns:
        A new module; `fourfold.compat.porting.plan_module` tells what becomes of which layer.

    Raises:
        PortingError: the target cannot express a layer; the message names it, the argument, its value and the way out.
            Or a layer has no parameters yet, is of a subclass with a life of its own, or shares a parameter with one
            that needs it in another shape. (A ValueError too.)
        TypeError: `module` is no torch module.

    Example:
        >>> import torch
        >>> from fourfold.frontends import paddle
        >>> model = paddle.nn.Sequential(
        ...     paddle.nn.Conv3DTranspose(4, 6, 3, stride=2, groups=2), paddle.nn.BatchNorm3D(6, momentum=0.8)
        ... )
        >>> ported = port_module(model, target="torch.nn").eval()
        >>> type(ported[1]).__name__, ported[1].momentum, type(ported).__module__
        ('BatchNorm3d', 0.2, 'torch.nn.modules.container')
        >>> x = torch.ones(1, 4, 2, 2, 2)
        >>> torch.allclose(ported(x), model.eval()(x), atol=1e-6)
        True
    """
    found, _ = exchanges(module, target, keep)
    memo: dict[int, Any] = {}
    hooked: list[str] = []
    containers: list[tuple[nn.Module, nn.Module]] = []
    within = parts_of_stacks(module)
    for paths, one in owners(module):
        if id(one) in within:
            _without_hooks(one, memo)
            continue
        empty = None if patterns_of(paths, keep) else empty_container(one, target)
        if empty is not None:
            containers.append((one, empty))
            memo[id(one)] = empty
        if empty is not None or id(one) in found:
            own = any(_is_hooks(name, value) and len(value) > 0 for name, value in one.__dict__.items())
        else:
            own = _without_hooks(one, memo)
        if own:
            hooked.append(paths[0] or type(one).__name__)
    _check_shared(module, found)
    for number, exchanged in found.items():
        _fill(exchanged.parts, memo)
        if isinstance(exchanged.layer, nn.RNNBase):
            # torch's keep a list of them too
            names = exchanged.layer._flat_weights_names
            exchanged.layer._flat_weights = [getattr(exchanged.layer, name) for name in names]
        memo[number] = exchanged.layer
    if hooked:
        warnings.warn(f"port_module copies no hooks; register them anew: {', '.join(hooked)}.", stacklevel=2)
    for old, new in containers:
        new._modules.update(copy.deepcopy(dict(old._modules), memo))
    return copy.deepcopy(module, memo)


def plan_module(module: nn.Module, *, target: Target, keep: Sequence[str] = ()) -> ModulePlan:
    """Tell what `port_module` would do; it takes no memory for the new layers, and draws nothing at random.

    Args:
        module: see `port_module`.
        target: likewise.
        keep: likewise.

    Raises:
        PortingError: as `port_module`.
        TypeError: likewise.

    Example:
        >>> from torch import nn
        >>> plan = plan_module(nn.Sequential(nn.Conv3d(1, 2, 1), nn.EmbeddingBag(2, 1)), target="paddle")
        >>> plan.rebuilt, plan.layers[1].note
        (['0'], 'paddle has no counterpart')
    """
    with unique_name.guard():  # layers are built to see whether they can be; those built later have the same names
        return exchanges(module, target, keep)[1]


class _Need(NamedTuple):
    """How a parameter would lie in the target under one of its names."""

    name: str
    shape: tuple[int, ...]
    transposed: bool


def _check_shared(module: nn.Module, found: Exchanges) -> None:
    """Raise unless layers that share a parameter can do so in the target."""
    first: dict[int, _Need] = {}
    stays: list[tuple[int, _Need]] = []
    for paths, one in owners(module):
        if id(one) not in found:
            for name, old in one._parameters.items():
                if old is not None:
                    stays.append((id(old), _Need(join(paths[0], name), tuple(old.shape), transposed=False)))
            continue
        for part in found[id(one)].parts:
            if part.old is not None:
                home, name = part.homes[0]
                shape = tuple(home[name].shape)
                need = _Need(join(paths[0], part.name), shape, part.transposed)
                _check_same(need, first.setdefault(id(part.old), need))
    for number, need in stays:
        _check_same(need, first.get(number, need))


def _check_same(one: _Need, other: _Need) -> None:
    if one[1:] != other[1:]:
        turned = " (one of them transposed)" if one.shape == other.shape else ""
        msg = (
            f"{one.name!r} and {other.name!r} are one parameter, which would need the shapes {one.shape} and "
            f"{other.shape}{turned} in the target. Untie them before porting."
        )
        raise PortingError(msg)


def _fill(parts: list[Part], memo: dict[int, Any]) -> None:
    """Make the tensors of a new layer; layers that share a parameter get the same new one."""
    for part in parts:
        if part.old is None:
            made = part.make()
        else:
            if id(part.old) not in memo:
                memo[id(part.old)] = part.make()
            made = memo[id(part.old)]
        for home, name in part.homes:
            home[name] = made


def _is_hooks(name: str, value: Any) -> bool:
    return name.startswith("_") and "_hooks" in name and isinstance(value, dict)


def _without_hooks(module: nn.Module, memo: dict[int, Any]) -> bool:
    """Make deepcopy leave out a module's hooks, but for torch's own; return whether there are any."""
    found = False
    for name, hooks in module.__dict__.items():
        if isinstance(hooks, torch.Tensor) and not hooks.is_leaf:
            # torch's weight norm keeps the product there, and makes it anew before each forward
            memo[id(hooks)] = plain(hooks).detach().clone()
        if not _is_hooks(name, hooks):
            continue
        kept = {key: hook for key, hook in hooks.items() if _is_torchs(hook)}
        found = found or len(kept) < len(hooks)
        memo[id(hooks)] = OrderedDict(kept) if isinstance(hooks, OrderedDict) else kept
    return found


def _is_torchs(hook: Any) -> bool:
    hook = getattr(hook, "hook", hook)  # torch wraps some hooks to hand them the module
    home = cast("str | None", getattr(hook, "__module__", None)) or type(hook).__module__
    return isinstance(hook, bool) or home.partition(".")[0] == "torch"
