"""Which class of layer runs on fourfold in the place of which of torch's, and how a layer changes its class and back.

Ours is a subclass of torch's that adds no state, so the module object, its parameters, hooks, flags and names stay the
very same. A model's own subclass of torch's gets a class of its own, which is a subclass of both.
"""

from __future__ import annotations

import types
from typing import Any, TypeAlias

import torch

from ..module import TransposedConvolution
from . import nn

__all__ = ["AROUND", "TRANSPOSED", "exchange", "is_exchanged", "kind_of", "refusal", "restore"]

Kind: TypeAlias = type[Any]  # of modules

TRANSPOSED: Kind = torch.nn.ConvTranspose3d
# Layers around transposed convolutions that run on fourfold too.
AROUND: tuple[Kind, ...] = (torch.nn.Conv3d, torch.nn.InstanceNorm3d)
# What our class replaces: a subclass that replaces it too is left alone.
_METHODS: dict[Kind, tuple[str, ...]] = {
    torch.nn.ConvTranspose3d: ("forward", "_output_padding"),
    torch.nn.Conv3d: ("forward", "_conv_forward"),
    torch.nn.InstanceNorm3d: ("forward", "_apply_instance_norm"),
}

# Class by class, both ways; a model's own subclasses join when they are first met.
_OURS: dict[Kind, Kind] = {
    torch.nn.ConvTranspose3d: nn.ConvTranspose3d,
    torch.nn.LazyConvTranspose3d: nn.LazyConvTranspose3d,
    torch.nn.Conv3d: nn.Conv3d,
    torch.nn.InstanceNorm3d: nn.InstanceNorm3d,
}
_ORIGINALS = {ours: original for original, ours in _OURS.items()}


def exchange(module: torch.nn.Module) -> None:
    """Give a layer that is not refused our class."""
    module.__class__ = _swapped(type(module))


def restore(module: torch.nn.Module) -> bool:
    """Give a layer its former class; False where it has yet another one now."""
    original = _original(type(module))
    if original is not None:
        module.__class__ = original
    return original is not None


def is_exchanged(module: torch.nn.Module) -> bool:
    """Whether a layer has a class of ours."""
    return isinstance(module, tuple(_OURS[original] for original in _METHODS))


def refusal(module: torch.nn.Module) -> str | None:
    """Why a layer cannot be swapped, or None."""
    kind = type(module)
    if is_exchanged(module) or isinstance(module, TransposedConvolution):
        return "it runs on fourfold already"
    if vars(module).get("qconfig") is not None:
        return "it is being quantised"
    if "forward" in vars(module):
        return "its forward was replaced on the object"
    if (method := _overridden(kind)) is not None:
        return f"its class {kind.__name__} overrides {method}"
    return _lazy_refusal(kind)


def _lazy_refusal(kind: Kind) -> str | None:
    become = getattr(kind, "cls_to_become", None)
    if become is None:
        return None
    if not issubclass(become, TRANSPOSED):
        return f"its first input makes it a {become.__name__}"
    method = _overridden(become)
    return method and f"its first input makes it a {become.__name__}, which overrides {method}"


def _overridden(kind: Kind) -> str | None:
    """The method of torch's layer that our class replaces and `kind` replaces too."""
    base = _base(kind)
    return next((name for name in _METHODS[base] if getattr(kind, name) is not getattr(base, name)), None)


def kind_of(module: torch.nn.Module) -> Kind:
    """The class of torch's that the class of a layer is, or is made from."""
    return _base(type(module))


def _base(kind: Kind) -> Kind:
    return next(base for base in _METHODS if issubclass(kind, base))


def _swapped(kind: Kind) -> Kind:
    if _is_parametrized(kind):
        return _rebuilt(kind, _swapped(kind.__bases__[0]))
    if kind not in _OURS:
        _OURS[kind] = _derived(kind)
        _ORIGINALS[_OURS[kind]] = kind
    return _OURS[kind]


def _original(kind: Kind) -> Kind | None:
    if _is_parametrized(kind):
        base = _original(kind.__bases__[0])
        return None if base is None else _rebuilt(kind, base)
    return _ORIGINALS.get(kind)


def _derived(kind: Kind) -> Kind:
    """Make the class of a subclass of torch's that has the methods of ours; it is a subclass of both."""
    namespace: dict[str, Any] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__reduce_ex__": _reduce,
    }
    bases: tuple[Kind, Kind] = (kind, _OURS[_base(kind)])
    if issubclass(kind, torch.nn.LazyConvTranspose3d):
        bases = (kind, nn.LazyConvTranspose3d)
        if kind.cls_to_become is not None:
            namespace["cls_to_become"] = _swapped(kind.cls_to_become)
    return types.new_class(kind.__name__, bases, exec_body=lambda body: body.update(namespace))


def _is_parametrized(kind: Kind) -> bool:
    # torch.nn.utils.parametrize gives every module that it touches a class of its own, on top of the former one,
    # and takes the former one from its first base when the last parametrization goes
    return kind.__name__ == f"Parametrized{kind.__bases__[0].__name__}" and "__getstate__" in vars(kind)


def _rebuilt(kind: Kind, base: Kind) -> Kind:
    """Make the same class on another base."""
    namespace = {name: value for name, value in vars(kind).items() if name not in ("__dict__", "__weakref__")}
    return types.new_class(kind.__name__, (base,), exec_body=lambda body: body.update(namespace))


def _reduce(module: torch.nn.Module, protocol: Any) -> tuple[Any, ...]:
    """Pickle by the class that can be imported."""
    reduced: Any = object.__reduce_ex__(module, max(protocol, 2))
    return _new, (_ORIGINALS[type(module)],), *reduced[2:]


def _new(kind: Kind) -> torch.nn.Module:
    ours: Any = _swapped(kind)
    layer: torch.nn.Module = ours.__new__(ours)
    return layer
