"""Mirrors `paddle.fluid.dygraph.base`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....places import make_default
from ....tensor import plain
from ... import unique_name
from ...place import to_device
from ...static import Program, program_guard
from .. import modes
from ..bindings import EnforceNotMet
from ..tensor import VarBase

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["disable_dygraph", "enable_dygraph", "enabled", "grad", "guard", "no_grad", "to_variable"]


def enable_dygraph(place: Any = None) -> None:
    """Say that dygraph is on from here, and put new tensors and parameters on `place`; everything is eager anyway."""
    modes.enter()
    device = _device_of(place)
    if device is not None:
        make_default(device)


def disable_dygraph() -> None:
    """End what `enable_dygraph` began; tensors go on to compute at once."""
    modes.leave()


def enabled() -> bool:
    """Whether `enable_dygraph` or a `guard` holds."""
    return modes.is_on()


@contextlib.contextmanager
def guard(place: Any = None) -> Iterator[None]:
    """Count names from zero inside the block, and put new tensors and parameters on `place`.

    Parameters of `fluid.layers` functions go to a program of the block's own. Everything is eager here with or
    without a guard, so that layers work outside too.

    Args:
        place: `CPUPlace()` or `CUDAPlace(number)`. Default: None, torch's default device.

    Raises:
        EnforceNotMet: a GPU is asked for where torch sees none.
        ValueError: it is no place.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> with fluid.dygraph.guard(fluid.CPUPlace()):
        ...     fluid.dygraph.Conv3DTranspose(1, 1, 1).full_name()
        'conv3d_transpose_0'
    """
    device = _device_of(place)
    here = contextlib.nullcontext() if device is None else device
    with modes.dygraph(), unique_name.guard(), program_guard(Program(), Program()), here:
        yield


def _device_of(place: Any) -> torch.device | None:
    device = to_device(place)
    if device is not None and device.type == "cuda" and not torch.cuda.is_available():
        msg = f"Cannot use GPU: place={place!r}, but torch sees no CUDA device. Use CPUPlace()."
        raise EnforceNotMet(msg)
    return device


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool = False,
    no_grad_vars: Any = None,
    backward_strategy: Any = None,
) -> list[Any]:
    """Return the gradients of the sum of outputs with respect to inputs.

    Args:
        outputs: one tensor, or several.
        inputs: likewise.
        grad_outputs: the gradients to start from. Default: None, ones.
        retain_graph: whether the graph can be walked again. Default: None, as `create_graph`.
        create_graph: record the walk itself, for second derivatives. Default: False.
        only_inputs: must be True.
        allow_unused: give None for an input without influence, in place of an error. Default: False.
        no_grad_vars: must be None.
        backward_strategy: has no effect: sums are in torch's order.

    Raises:
        NotImplementedError: another `only_inputs` or `no_grad_vars`.
        EnforceNotMet: an input has no influence.
    """
    if not only_inputs or no_grad_vars:
        msg = f"only_inputs={only_inputs!r}, no_grad_vars: only True and None are served here. Use stop_gradient."
        raise NotImplementedError(msg)
    results, wanted = ([each] if isinstance(each, torch.Tensor) else list(each) for each in (outputs, inputs))
    starts = [None] * len(results) if grad_outputs is None else grad_outputs
    starts = [starts] if isinstance(starts, torch.Tensor) else list(starts)
    starts = [torch.ones_like(plain(y)) if s is None else plain(s) for y, s in zip(results, starts, strict=True)]
    try:
        found = torch.autograd.grad(
            [plain(each) for each in results],
            wanted,
            starts,
            retain_graph=create_graph if retain_graph is None else retain_graph,
            create_graph=create_graph,
            allow_unused=allow_unused,
        )
    except RuntimeError as error:
        msg = f"fluid.dygraph.grad: {error}"
        raise EnforceNotMet(msg) from error
    return [None if each is None else each.as_subclass(VarBase) for each in found]


def no_grad(func: Any = None) -> Any:
    """Record no gradients: a context manager when called without arguments, and a decorator.

    >>> @no_grad
    ... def double(x):
    ...     return 2 * x
    >>> import numpy
    >>> x = to_variable(numpy.ones(1))
    >>> x.stop_gradient = False
    >>> with no_grad():
    ...     tripled = 3 * x
    >>> double(x).stop_gradient, tripled.stop_gradient
    (True, True)
    """
    return torch.no_grad() if func is None else torch.no_grad()(func)


def to_variable(value: Any, name: str | None = None, zero_copy: bool | None = None) -> VarBase:
    """Make a tensor of a NumPy array, with the array's dtype; a tensor is returned as it is.

    Args:
        value: an array, or a tensor, which a plain torch tensor is too.
        name: the tensor's name. Default: None, one is made up when asked for.
        zero_copy: share memory with the array, so that either one's changes show in the other. Default: None, on the
            CPU only.

    Raises:
        TypeError: `value` is neither, such as a list or a number, or an array of strings or objects.
        AssertionError: `zero_copy=True` where new tensors live on a GPU.

    Example:
        >>> import numpy
        >>> to_variable(numpy.ones((2, 2), "float32")).shape
        [2, 2]
    """
    if isinstance(value, torch.Tensor):
        tensor = value if isinstance(value, VarBase) else value.as_subclass(VarBase)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        tensor = _from_array(value, zero_copy).as_subclass(VarBase)
    else:
        given = f"array of dtype {value.dtype}" if isinstance(value, np.ndarray) else f"{type(value)}"
        msg = (
            f"The type of input value is invalid, expected type is 'ndarray' of numbers or 'Variable', but received "
            f"{given}. Convert it with numpy.asarray(value, dtype)."
        )
        raise TypeError(msg)
    if name is not None:
        tensor.name = name
    return tensor


def _from_array(array: np.ndarray[Any, Any], zero_copy: bool | None) -> torch.Tensor:
    device = torch.empty(0).device
    if device.type != "cpu" and zero_copy:
        msg = f"zero_copy mode can only be used with CPUPlace; new tensors live on {device}. Leave zero_copy out."
        raise AssertionError(msg)
    # torch cannot look at memory backwards, and warns of memory that is read-only
    if zero_copy is False or not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.from_numpy(array).to(device)
