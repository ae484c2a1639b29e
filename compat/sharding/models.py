"""Models of a script that runs in several processes: inside each, volumes are sharded; outside, they are whole."""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Any

import torch
from torch.distributed.tensor import DTensor, Shard
from torch.utils import _pytree as pytree

from ...backend.distributed.agreement import is_common
from ...backend.distributed.layout import placed
from ...backend.distributed.volume import Volume
from ...frontends.tensor import FrontendTensor, is_users_code, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch.distributed.device_mesh import DeviceMesh

DEPTH = 2  # the axis that the first dimension of the mesh shards; the next one is the second's


@contextlib.contextmanager
def models_sharded(mesh: DeviceMesh) -> Iterator[list[torch.nn.Module]]:
    """Shard the volumes of every model that is called: along depth, and over a mesh of two dimensions along height.

    A model is a module with parameters that no other module calls; its volumes are what it is given of five
    dimensions, the same in every process. What it returns is whole again.

    Yields:
        The models that were given volumes so far.
    """
    models: list[torch.nn.Module] = []
    inside = False
    call: Any = torch.nn.Module.__call__

    @functools.wraps(call)
    def sharded(self: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        given = [each for each in pytree.tree_leaves((args, kwargs)) if _is_volume(each)]
        if inside or not given or not any(True for _ in torch.nn.Module.parameters(self)):
            return call(self, *args, **kwargs)
        _check_same(mesh, self, (args, kwargs))
        models.append(self)
        kind = next((type(each) for each in given if isinstance(each, FrontendTensor)), None)
        args, kwargs = _mapped(functools.partial(_shard, mesh), (args, kwargs))
        inside = True
        try:
            output = call(self, *args, **kwargs)
        finally:
            inside = False
        return _mapped(functools.partial(_whole, kind), output)

    torch.nn.Module.__call__ = sharded  # type: ignore[method-assign]
    try:
        yield models
    finally:
        torch.nn.Module.__call__ = call  # type: ignore[method-assign]


def _mapped(function: Callable[[Any], Any], values: Any) -> Any:
    def is_leaf(value: Any) -> bool:  # sizes: they would come back as tuples
        return isinstance(value, tuple) and type(value) is not tuple and not hasattr(value, "_fields")

    return pytree.tree_map(function, values, is_leaf=is_leaf)


def _is_volume(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dim() == 5 and not isinstance(value, DTensor)


def _check_same(mesh: DeviceMesh, model: torch.nn.Module, given: Any) -> None:
    """Raise unless all processes call a model with the same volumes and parameters."""
    tensors = {"its input": pytree.tree_leaves(given)}
    tensors["its state"] = [*torch.nn.Module.parameters(model), *torch.nn.Module.buffers(model)]
    for name, values in tensors.items():
        if not is_common(mesh, *(each for each in values if isinstance(each, torch.Tensor))):
            msg = (
                f"{type(model).__name__} is called in {mesh.size()} processes, and {name} is not the same in all of "
                f"them. Let the script draw its numbers from a seed, and read the same data in every process."
            )
            raise RuntimeError(msg)


def _shard(mesh: DeviceMesh, value: Any) -> Any:
    if not _is_volume(value):
        return value
    if value.device.type != mesh.device_type:
        msg = f"a volume is on {value.device}; sharded scripts run on CPUs. Leave it there, or use fourfold.shard()."
        raise RuntimeError(msg)
    kind = _volume_of(type(value)) if isinstance(value, FrontendTensor) else Volume
    return kind.of(placed(plain(value), mesh, [Shard(DEPTH + axis) for axis in range(mesh.ndim)]))


def _whole(kind: type[FrontendTensor] | None, value: Any) -> Any:
    if not isinstance(value, DTensor):
        return value
    whole = value.full_tensor()
    return whole if kind is None else whole.as_subclass(kind)


@functools.cache
def _volume_of(kind: type[FrontendTensor]) -> type[Volume]:
    """Return the class of volumes whose methods mean to a script what they mean of a framework's tensors."""
    classes = kind.__mro__[: kind.__mro__.index(torch.Tensor)]
    names = {name for each in classes for name in vars(each) if not name.startswith("__")}
    modules = {each.__module__ for each in classes}  # whose own methods ask for each other

    class FrameworkVolume(Volume):
        __slots__ = ()

        def __getattribute__(self, name: str) -> Any:
            frame = sys._getframe(1)
            if name in names and (frame.f_globals.get("__name__") in modules or is_users_code(frame)):
                found = next(vars(each)[name] for each in classes if name in vars(each))
                return found.__get__(self, type(self)) if hasattr(found, "__get__") else found
            return super().__getattribute__(name)

    return FrameworkVolume
