"""Porting a module: the same tree with the transposed convolutions of another API."""

from __future__ import annotations

import copy
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar, cast

import torch
from torch import nn

from ...frontends.tensor import plain
from ..console import Row
from .arguments import DIALECTS
from .errors import PortingError
from .owners import owners
from .rebuilding import check_plain, dialect_of, rebuild
from .table import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

M = TypeVar("M", bound=nn.Module)
LAYERS = tuple(dialect.type for dialect in DIALECTS.values())
HEADERS = ("layer", "class", "becomes", "note")


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """What becomes of one layer.

    Attributes:
        names: where it stands in the tree; more than one where it is shared.
        kind: its class.
        becomes: the class that takes its place, or None where it stays.
        note: why it stays, or what changes.
    """

    names: tuple[str, ...]
    kind: str
    becomes: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModulePlan:
    """What `port_module` does, layer by layer; `print(plan)` shows a table.

    Attributes:
        target: a name in `fourfold.compat.porting.TARGETS`.
        layers: those with parameters, buffers or hooks, and the transposed convolutions.
    """

    target: str
    layers: tuple[PlannedLayer, ...]

    @property
    def rebuilt(self) -> list[str]:
        """First names of the layers that the target's class takes the place of."""
        return [one.names[0] for one in self.layers if one.becomes is not None]

    def __str__(self) -> str:
        rows = [
            Row((", ".join(one.names) or "(itself)", one.kind, one.becomes or "stays", one.note)) for one in self.layers
        ]
        return as_text(HEADERS, rows)


def port_module(module: nn.Module, *, target: str, keep: Sequence[str] = ()) -> nn.Module:
    """Rebuild a module with the 3-D transposed convolutions of another API, which compute the same.

    Everything else is copied: the other layers stay of the class that they are, torch's or a front end's, and so do the
    classes around them, with their `forward`. Shared layers and parameters stay shared; dtype, device, `requires_grad`
    and training mode are kept. Not copied are hooks (a warning names the layers; torch's own, such as that of a weight
    norm on a layer that stays, are), gradients, and attributes that were added to a transposed convolution.

    Args:
        module: a torch module whose layers are torch's or a front end's, or one such layer. It stays as it is.
        target: 'torch', 'paddle', 'fluid', 'fluid_1_8', 'megengine' or 'oneflow' for that front end's class;
            'torch.nn' for torch's own.
        keep: patterns (`*`, `?`) of names of layers that stay as they are. Default: none.

    Returns:
        A new module; `fourfold.compat.porting.plan_module` tells what becomes of which layer.

    Raises:
        PortingError: the target cannot express a layer; the message names it, the argument and the way out. Or a
            layer has no parameters yet, is of a subclass with a life of its own, or shares a parameter with one that
            needs it in another shape. (A ValueError too.)
        TypeError: `module` is no torch module.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> model = nn.Sequential(nn.ConvTranspose3d(4, 6, 3, stride=2, output_padding=1, groups=2), nn.ReLU())
        >>> ported = port_module(model, target="megengine")
        >>> ported[0].weight.shape, ported[0].bias.shape
        ((2, 2, 3, 3, 3, 3), (1, 6, 1, 1, 1))
        >>> x = torch.ones(1, 4, 2, 2, 2)
        >>> torch.allclose(ported(x), model(x), atol=1e-6)
        True
    """
    replaced, _ = _replacements(module, target, keep)
    hooked: list[str] = []
    memo: dict[int, Any] = {}
    for paths, one in owners(module):
        if id(one) not in replaced:
            own = _without_hooks(one, memo)
        else:
            own = any(_is_hooks(name, value) and len(value) > 0 for name, value in one.__dict__.items())
        if own:
            hooked.append(paths[0] or type(one).__name__)
    _share(module, replaced, memo)
    for old, new in replaced.values():
        memo[id(old)] = new
    if hooked:
        warnings.warn(f"port_module copies no hooks; register them anew: {', '.join(hooked)}.", stacklevel=2)
    return copy.deepcopy(module, memo)


def plan_module(module: nn.Module, *, target: str, keep: Sequence[str] = ()) -> ModulePlan:
    """Tell what `port_module` would do.

    Args:
        module: see `port_module`.
        target: likewise.
        keep: likewise.

    Raises:
        PortingError: as `port_module`.
        TypeError: likewise.

    Example:
        >>> plan = plan_module(nn.Sequential(nn.Conv3d(1, 2, 1), nn.ConvTranspose3d(2, 1, 2)), target="paddle")
        >>> plan.rebuilt
        ['1']
    """
    return _replacements(module, target, keep)[1]


_Replaced = dict[int, tuple[nn.Module, nn.Module]]


def _replacements(module: Any, target: str, keep: Sequence[str]) -> tuple[_Replaced, ModulePlan]:
    _check(module, target)
    unused = dict.fromkeys(keep)
    replaced: _Replaced = {}
    layers: list[PlannedLayer] = []
    faults: list[str] = []
    for paths, one in owners(module):
        kept = [pattern for pattern in keep if any(fnmatchcase(path, pattern) for path in paths)]
        for pattern in kept:
            unused.pop(pattern, None)
        kind = type(one).__name__
        note = "as asked" if kept else _staying(one, target)
        if note is None:
            try:
                new, note = _rebuilt(one, target)
            except ValueError as error:  # the engine's and the front ends' errors are ValueErrors as well
                faults.append(f"{paths[0] or 'the module'} ({kind}) cannot become {target}'s: {str(error).rstrip('.')}")
                continue
            replaced[id(one)] = (one, new)
            layers.append(PlannedLayer(tuple(paths), kind, f"{target} {type(new).__name__}", note))
        elif isinstance(one, LAYERS) or one._parameters or one._buffers:
            layers.append(PlannedLayer(tuple(paths), kind, None, note))
    if unused:
        faults.append(f"keep={list(unused)} fits no layer")
    if faults:
        msg = "; ".join(faults) + "."
        raise PortingError(msg)
    return replaced, ModulePlan(target, tuple(layers))


def _check(module: Any, target: str) -> None:
    if target not in DIALECTS:
        msg = f"target={target!r} is not an API with a 3-D transposed convolution; there are {', '.join(DIALECTS)}."
        raise PortingError(msg)
    if not isinstance(module, nn.Module):
        out = "Porting optimizers is out of scope. " if hasattr(module, "param_groups") else ""
        msg = f"module is a {type(module).__name__}; it must be a torch.nn.Module. {out}Give the model."
        raise TypeError(msg)
    scripted = [name for name, one in module.named_modules() if isinstance(one, torch.jit.ScriptModule)]
    if scripted:
        msg = (
            f"{scripted[0] or 'the module'} is a TorchScript module, whose layers cannot be exchanged. Port its source."
        )
        raise PortingError(msg)


def _staying(module: nn.Module, target: str) -> str | None:
    """Return why a module stays as it is; None if the target's class takes its place."""
    if not isinstance(module, LAYERS):
        tensors = module._parameters or module._buffers
        return "only 3-D transposed convolutions are exchanged" if tensors else ""
    if type(module) is DIALECTS[target].type:
        return "the target's already"
    # a subclass of the target's class is one of its layers, unless torch's own is asked of a front end's
    if target != "torch.nn" and isinstance(module, DIALECTS[target].type):
        return "a subclass of the target's"
    return None


def _rebuilt(module: nn.Module, target: str) -> tuple[nn.Module, str]:
    name = dialect_of(module)
    if name is None:
        parametrized = hasattr(module, "parametrizations")
        base = next(kind.__name__ for kind in type(module).__mro__ if kind in LAYERS)
        remedy = "Remove its parametrizations first" if parametrized else "Name it in keep, or port its class by hand"
        msg = f"it is of a subclass of {base}, whose own behaviour a new layer would lack. {remedy}"
        raise PortingError(msg)
    check_plain(module)
    arguments = DIALECTS[name].read(module)
    new = rebuild(module, arguments, target)
    idle = module._parameters.get("bias") is not None and arguments.bias is None
    return new, "its bias was never added, and is left out" if idle else ""


def _share(module: nn.Module, replaced: _Replaced, memo: dict[int, Any]) -> None:
    """Give layers that share a parameter the same new one."""
    first: dict[int, str] = {}
    for paths, one in owners(module):
        for role, old in one._parameters.items():
            if old is None:
                continue
            name = f"{paths[0]}.{role}".lstrip(".")
            if id(one) in replaced:
                holder = replaced[id(one)][1]._parameters
                new = holder.get(role)
                if new is None:
                    continue
                shared = memo.setdefault(id(old), new)
                _check_shared(name, first.setdefault(id(old), name), new.shape, shared.shape)
                holder[role] = shared
    for paths, one in owners(module):
        for role, old in one._parameters.items():
            if old is not None and id(old) in memo and id(one) not in replaced:
                _check_shared(f"{paths[0]}.{role}", first[id(old)], old.shape, memo[id(old)].shape)


def _check_shared(name: str, other: str, shape: Any, shared: Any) -> None:
    if tuple(shape) != tuple(shared):
        msg = (
            f"{name!r} and {other!r} are one parameter, which would need the shapes {tuple(shape)} and {tuple(shared)} "
            f"in the target. Untie them before porting."
        )
        raise PortingError(msg)


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
