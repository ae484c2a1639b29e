"""Let the transposed convolutions of an existing torch model run on the engine, in place, and undo it.

A layer changes its class and nothing else: `nn.ConvTranspose3d` here is a subclass of torch's that adds no state. So
the module object, its parameters, hooks, flags and names stay the very same: whatever refers to them goes on working.
"""

from __future__ import annotations

import types
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import torch

from ..module import TransposedConvolution
from . import nn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

Kind: TypeAlias = type[Any]  # of modules

# Class by class, both ways; a model's own subclasses join when they are first met.
_OURS: dict[Kind, Kind] = {
    torch.nn.ConvTranspose3d: nn.ConvTranspose3d,
    torch.nn.LazyConvTranspose3d: nn.LazyConvTranspose3d,
}
_ORIGINALS = {ours: original for original, ours in _OURS.items()}


def accelerate(model: torch.nn.Module) -> Acceleration:
    """Swap every `torch.nn.ConvTranspose3d` in a model for fourfold's, in place.

    The module objects stay, and with them parameters (optimizers, averaged copies and tied weights go on working),
    hooks, parametrizations, training flags, names, dtypes and devices. Lazy layers are swapped too. Left alone are
    layers with a forward of their own; the result says which and why. A model without any such layer is warned about
    (`UserWarning`), since it runs as it did before.

    Args:
        model: any module; it may be a `torch.nn.ConvTranspose3d` itself.

    Returns:
        What was swapped and what was not. Its `restore()` undoes it, and so does leaving a `with` block.

    Raises:
        TypeError: `model` is not a module.

    Example:
        >>> import torch, fourfold
        >>> model = torch.nn.Sequential(torch.nn.ConvTranspose3d(8, 4, 2, stride=2), torch.nn.ReLU())
        >>> acceleration = fourfold.accelerate(model)
        >>> print(acceleration)
        1 of 1 transposed convolutions swapped
          0: ConvTranspose3d(8, 4, kernel_size=(2, 2, 2), stride=(2, 2, 2))
        >>> type(model[0]) is fourfold.frontends.torch.nn.ConvTranspose3d
        True
        >>> acceleration.restore()
        >>> type(model[0]) is torch.nn.ConvTranspose3d
        True
    """
    if not isinstance(model, torch.nn.Module):
        msg = f"model is a {type(model).__name__}; it must be a torch.nn.Module. Pass the model that holds the layers."
        raise TypeError(msg)
    named: dict[torch.nn.Module, list[str]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        if isinstance(module, torch.nn.ConvTranspose3d):
            named.setdefault(module, []).append(name)
    if not named:
        warnings.warn(_nothing_to_swap(model), stacklevel=2)
    layers, left = {}, {}
    for module, names in named.items():
        reason = _refusal(module)
        if reason is None:
            module.__class__ = _swapped(type(module))
            layers[" = ".join(names)] = module
        else:
            left[" = ".join(names)] = reason
    return Acceleration(model, tuple(layers), left, layers)


@dataclass(frozen=True, eq=False, repr=False)
class Acceleration:
    """What `accelerate` did to a model, and the way back.

    Attributes:
        model: the model.
        swapped: the names of the layers that run on the engine now; of a layer registered twice, `'first = second'`.
        left: why each other transposed convolution was left alone, by name.
    """

    model: torch.nn.Module
    swapped: tuple[str, ...]
    left: Mapping[str, str]
    _layers: Mapping[str, torch.nn.Module]

    def restore(self) -> None:
        """Give every layer swapped here its former class; again does nothing more.

        Raises:
            RuntimeError: a layer was given yet another class since (as `fully_shard` does); the others are restored.
        """
        stuck = {}
        for name, module in self._layers.items():
            if isinstance(module, nn.ConvTranspose3d):
                original = _original(type(module))
                if original is None:
                    stuck[name] = type(module).__name__
                else:
                    module.__class__ = original
        if stuck:
            wrapped = ", ".join(f"{name or 'the model itself'} is a {kind} now" for name, kind in stuck.items())
            msg = (
                f"cannot restore layers whose class was changed after accelerate(): {wrapped}. Undo that change first."
            )
            raise RuntimeError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.restore()

    def __repr__(self) -> str:
        return f"<Acceleration: {self._head()}>"

    def _head(self) -> str:
        total = len(self.swapped) + len(self.left)
        return f"{len(self.swapped)} of {total} transposed convolutions swapped"

    def __str__(self) -> str:
        rows = [f"{name}: {self._layers[name]}" for name in self.swapped]
        rows += [f"{name}: left alone; {reason}" for name, reason in self.left.items()]
        return "\n  ".join([self._head(), *(row.removeprefix(": ") for row in rows)])


def _nothing_to_swap(model: torch.nn.Module) -> str:
    modules = dict(model.named_modules())
    alike = [f"{name or 'the model itself'} ({kind})" for name, kind in _lookalikes(modules)]
    others = f"Others are left as they are: {', '.join(alike[:3])}{', ...' * (len(alike) > 3)}. " if alike else ""
    return (
        f"accelerate() swaps nothing in this {type(model).__name__}: of its {len(modules)} "
        f"module{'s' * (len(modules) != 1)} none is a torch.nn.ConvTranspose3d or of a subclass, which it looks for. "
        f"{others}Upsampling by torch.nn.Upsample or interpolate(), and calls of functional.conv_transpose3d, are "
        "no such layers."
    )


def _lookalikes(modules: Mapping[str, torch.nn.Module]) -> Iterator[tuple[str, str]]:
    """Transposed convolutions of fewer axes, and layers that TorchScript has compiled."""
    for name, module in modules.items():
        if isinstance(module, torch.jit.ScriptModule):
            kind = str(getattr(module, "original_name", ""))
            if kind.startswith("ConvTranspose"):
                yield name, f"a scripted {kind}"
        elif isinstance(module, (torch.nn.ConvTranspose1d, torch.nn.ConvTranspose2d)):
            yield name, type(module).__name__


def _refusal(module: torch.nn.Module) -> str | None:
    """Why a layer cannot be swapped, or None."""
    kind = type(module)
    if isinstance(module, (nn.ConvTranspose3d, TransposedConvolution)):
        return "it runs on fourfold already"
    if vars(module).get("qconfig") is not None:
        return "it is being quantised"
    if "forward" in vars(module):
        return "its forward was replaced on the object"
    if (method := _overridden(kind)) is not None:
        return f"its class {kind.__name__} overrides {method}"
    become = getattr(kind, "cls_to_become", None)
    if become is not None and (method := _overridden(become)) is not None:
        return f"its first input makes it a {become.__name__}, which overrides {method}"
    return None


def _overridden(kind: Kind) -> str | None:
    """The method of torch's layer that our class replaces and `kind` replaces too."""
    methods = ("forward", "_output_padding")
    return next((name for name in methods if getattr(kind, name) is not getattr(torch.nn.ConvTranspose3d, name)), None)


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
    """Make the class that has the behaviour of a subclass of torch's and our forward; it is a subclass of both."""
    namespace: dict[str, Any] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__reduce_ex__": _reduce,
    }
    bases: tuple[Kind, Kind] = (kind, nn.ConvTranspose3d)
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
