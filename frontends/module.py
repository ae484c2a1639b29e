"""Base classes of the front ends' layers: what torch's own tools do to modules and parameters holds for them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.spectral_norm import SpectralNorm

from ..backend import OperatorError
from .calls import explained
from .tensor import FrontendTensor, recast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

    # a layer here has other attributes and another forward(), which type checkers need not compare with torch's
    _ConvTranspose3d = torch.nn.Module
else:
    _ConvTranspose3d = torch.nn.ConvTranspose3d

__all__ = ["FrontendModule", "TransposedConvolution", "check_spectral_norm", "tree"]


def tree(module: torch.nn.Module) -> Iterator[torch.nn.Module]:
    """Yield a module and all that are below it, parents first and each once, whatever their classes override."""
    seen: set[torch.nn.Module] = set()
    waiting = [module]
    while waiting:
        found = waiting.pop()
        if found not in seen:
            seen.add(found)
            yield found
            waiting += [each for each in reversed(list(found._modules.values())) if each is not None]


class FrontendModule(torch.nn.Module):
    """A module whose parameters and buffers keep their class and attributes where torch puts new ones in their place.

    torch does so in `to_empty()`, in `to()` and its kin between kinds of devices or under `torch.__future__`, and in
    `load_state_dict(assign=True)`.

    torch's methods call one another: `eval()` calls `train(False)`, `to()` asks `children()`. A network may override
    any of them, with what its own framework's base class calls in mind: where that differs, the front ends' classes
    have a method of their own.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if getattr(cls, "__module__", "").startswith(__package__):  # exec() may leave a class without one
            for name in {"__init__", "forward"} & vars(cls).keys():
                setattr(cls, name, explained(vars(cls)[name], cls.__module__))

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        # torch's parametrizations hold tensors of this module in modules of their own
        torchs = [each for each in tree(self) if not isinstance(each, FrontendModule)]
        with _kept([self, *torchs]):
            if recurse:
                for module in dict.fromkeys(self._modules.values()):
                    if module is not None:
                        module._apply(fn)  # type: ignore[no-untyped-call]
            return super()._apply(fn, recurse=False)  # type: ignore[no-any-return, no-untyped-call]

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        with _kept([self]):
            super()._load_from_state_dict(*args, **kwargs)


class TransposedConvolution(_ConvTranspose3d):
    """Makes a front end's layer a `torch.nn.ConvTranspose3d` for whoever asks, and nothing else of one.

    torch's `spectral_norm` asks: of a `ConvTranspose3d` it normalises over axis 1 of the weight, where the output
    channels are. Comes last among the bases of a layer; what torch's class would add is taken back here.
    """

    def __init__(self) -> None:
        torch.nn.Module.__init__(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        torch.nn.Module.__setstate__(self, state)  # type: ignore[no-untyped-call]

    def extra_repr(self) -> str:
        """Return nothing; a front end's layer has other attributes."""
        return ""

    @property
    def reset_parameters(self) -> Any:
        """Not there, unless a front end has one."""
        raise AttributeError


def check_spectral_norm(module: torch.nn.Module, axis: int | None, layout: str) -> None:
    """Raise where torch's `spectral_norm` of `module.weight` is over another axis than that of the outputs.

    Args:
        module: a layer.
        axis: the axis that gives torch's result for the same weight in its own layout; None if no single one does.
        layout: the axes of the weight, for the message.

    Raises:
        ValueError: it is over another axis (a RuntimeError too).
    """
    norms: list[Any] = [hook for hook in module._forward_pre_hooks.values() if isinstance(hook, SpectralNorm)]
    if "parametrizations" in module._modules:
        lists: Any = module._modules["parametrizations"]
        # an nn.ModuleDict has no get()
        of_weight = lists["weight"] if "weight" in lists else ()  # noqa: SIM401
        norms += [norm for norm in of_weight if isinstance(norm, _SpectralNorm)]
    for norm in norms:
        if norm.dim != axis:
            remedy = (
                "No single axis does: use groups=1, or a parametrization of your own, with register_parametrization()."
                if axis is None
                else f"Pass dim={axis}."
            )
            msg = (
                f"spectral_norm with dim={norm.dim} does not have the outputs as rows of the matrix: the weight is "
                f"{layout}. {remedy}"
            )
            raise OperatorError(msg)


@contextlib.contextmanager
def _kept(modules: list[torch.nn.Module]) -> Iterator[None]:
    """Give what stands in the place of a front end's tensors afterwards their classes and attributes."""
    before = [
        (tensors, name, tensor, type(tensor), dict(tensor.__dict__))
        for module in modules
        for tensors in (module._parameters, module._buffers)
        for name, tensor in tensors.items()
        if isinstance(tensor, FrontendTensor)
    ]
    yield
    for tensors, name, old, kind, attributes in before:
        new = tensors.get(name)
        if new is None or (type(new) is kind and new.__dict__ == attributes):
            continue
        if new is old:  # its insides were swapped
            new.__class__ = kind
            new.__dict__.clear()
            new.__dict__.update(attributes)
        else:
            tensors[name] = recast(new, kind, attributes)
