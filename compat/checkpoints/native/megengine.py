"""MegEngine's own `save` and `load`: its pickles."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ....frontends.megengine import Parameter, Tensor
from ....frontends.megengine.arguments import device_of
from ..arrays import Arrays
from ..listing import Loaded
from ..machine import Machine
from ..pickle_writer import PickleWriter
from ..rebuild import Rebuilder
from ..tree import tensor_in
from ..values import Array, Global, Instance, OrderedMap
from .nested import File, cpu, no_object, opened, read, target, written

if TYPE_CHECKING:
    import torch

__all__ = ["load", "save"]

DEVICE = re.compile(r"(xpu|cpu|gpu)(\d+|x)")
OURS = "xpux:0"  # the device that tensors are written with: the default one, wherever they are loaded


def save(obj: Any, f: File, pickle_protocol: int = 4) -> None:
    """Write what `state_dict()` of modules, optimizers and schedulers returns as MegEngine's pickle.

    Args:
        obj: arrays, tensors, numbers and texts, and dictionaries and lists of them. MegEngine's tensors come back as
            such, torch's as arrays.
        f: the file, or what has `write`; folders on the way are made.
        pickle_protocol: 2 and above; 3 is written as 2, what is above 4 as 4, which the same Pythons read. -1 is the
            highest.

    Raises:
        TypeError: there is something else in it, such as a module.
        CheckpointError: the format cannot hold a tensor.
        AssertionError: `f` is no file.
    """
    if pickle_protocol in (0, 1):
        msg = f"pickle_protocol={pickle_protocol}: 2 and above are written here. Leave it out, or give 2."
        raise NotImplementedError(msg)
    if not (hasattr(f, "write") or isinstance(f, (str, os.PathLike))):
        msg = f"{f!r} does not support write: give a path, or an open file."
        raise AssertionError(msg)
    value = written(obj, _written)
    if isinstance(value, dict):
        # as a state of MegEngine's is, by which readers tell its files from Paddle's
        value = OrderedMap(value)
    with target(f) as file:
        PickleWriter(file, 2 if pickle_protocol in (2, 3) else 4).write(value)


def _written(tensor: torch.Tensor) -> Any:
    if not isinstance(tensor, Tensor):
        return cpu(tensor)
    kind = "Parameter" if isinstance(tensor, Parameter) else "Tensor"
    return Instance(Global("megengine.tensor", kind), (cpu(tensor), None, OURS), {})


def load(f: File, map_location: Any = None) -> Any:
    """Read what MegEngine saved: states as it wrote them, arrays as arrays, tensors as tensors.

    Args:
        f: the file, or what has `read`.
        map_location: for tensors: the device, or a dictionary from devices in the file ('gpu0') to others, or a
            function from the one in the file ('gpu0:0') to another. Default: None, the default device.

    Raises:
        CheckpointError: it is no such file, or holds an object such as a whole module.
        AssertionError: `map_location` is something else.
        TypeError: `f` is no file.
    """
    if not (hasattr(f, "read") or isinstance(f, (str, os.PathLike))):
        msg = f"{f!r}: file must have 'read' and 'readline' attributes; or give a path."
        raise TypeError(msg)
    place = _mapped(map_location)
    with opened(f) as source:
        arrays, tensors = Arrays(source), Loaded()

        def leaf(value: Any) -> Any:
            tensor = tensor_in(value)
            if not isinstance(tensor, Array):
                raise no_object(source, value)
            loaded = tensors[arrays.entry(tensor)]
            if tensor is value:
                return loaded.numpy()
            moved = loaded.to(place(value.arguments))
            if str(value.kind).endswith(".Parameter"):
                return Parameter(moved)
            return moved.as_subclass(Tensor)

        return read(Machine(source, 0, Rebuilder(())).run().value, leaf)


def _mapped(location: Any) -> Callable[[tuple[Any, ...]], torch.device | None]:
    """Return what says where a tensor goes, from what its class was called with in the file."""
    if location is None:
        return lambda arguments: None
    if isinstance(location, str):
        return lambda arguments: device_of(location)
    if isinstance(location, Mapping):
        for name in [*location.keys(), *location.values()]:
            if not DEVICE.fullmatch(str(name)):
                msg = f"Invalid locator_map key value {name}: devices are 'cpu0', 'gpu0', 'xpux' and so on."
                raise AssertionError(msg)

        def looked_up(arguments: tuple[Any, ...]) -> torch.device | None:
            given = _device(arguments)
            return device_of(location[given[:4]]) if given[:4] in location else None

        return looked_up
    if not callable(location):
        msg = f"map_location should be str, dict or function, not {type(location).__name__}: {location!r}."
        raise AssertionError(msg)
    # a function is asked of what is in the file, and may well give it back: a device that this machine may lack
    return lambda arguments: None if (to := location(_device(arguments))) == _device(arguments) else device_of(to)


def _device(arguments: tuple[Any, ...]) -> str:
    return arguments[2] if len(arguments) > 2 and isinstance(arguments[2], str) else OURS
