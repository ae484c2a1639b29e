"""Mirrors `megengine.module.Module`: the base class of layers and models."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

import numpy as np
import torch
from torch import nn

from ....backend import OperatorError, OperatorTypeError
from ...module import FrontendModule
from ..arguments import ArgumentError
from ..names import NAMES
from ..tensor import Tensor
from .members import container, leaves_of, members, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

__all__ = ["Module"]

Array: TypeAlias = np.ndarray[Any, Any]
Source: TypeAlias = Callable[[str, Any], Array | None]
logger = logging.getLogger(__name__)


class Module(FrontendModule):
    """A `torch.nn.Module` with MegEngine's attributes and state.

    Attributes are registered as in MegEngine: parameters and modules, a `Tensor` (as a buffer), and lists, tuples
    and dicts of modules or of parameters, which become torch's `ModuleList`, `ModuleDict` and so on.

    Args:
        name: a name for the module, kept as `.name`. Default: None.

    Example:
        >>> class Model(Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.weight = nn.Parameter(torch.ones(2))
        ...         self.blocks = [nn.Linear(1, 1, bias=False)]
        >>> list(Model().state_dict())
        ['weight', 'blocks.0.weight']
    """

    # normalisations keep four axes and put one into states
    _state_is_flat: ClassVar[bool] = False

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        if name is not None and not (isinstance(name, str) and name.strip()):
            msg = f"name={name!r}: Module's name must be a non-empty string, or None. Give one, or leave it out."
            raise ArgumentError(msg)
        self.name = name
        self.quantize_disabled = False

    def state_dict(  # type: ignore[override]
        self,
        rst: dict[str, Any] | None = None,
        prefix: str = "",
        keep_var: bool = False,
        *,
        destination: dict[str, Any] | None = None,
        keep_vars: bool | None = None,
    ) -> dict[str, Any]:
        """Return the state as read-only NumPy arrays, a snapshot: own tensors by sorted name, then the modules.

        `destination` and `keep_vars` are torch's; with either of them, as from a torch module that holds this one,
        the result is torch's state of tensors instead.

        Args:
            rst: a dict to add the entries to. Default: a new OrderedDict.
            prefix: put before every key.
            keep_var: give the parameters and buffers themselves instead of arrays.
            destination: torch's name for `rst`.
            keep_vars: torch's name for `keep_var`.

        Raises:
            AssertionError: `rst` has one of the keys already (a ValueError and RuntimeError too).
            TypeError: both MegEngine's and torch's keywords are given.
        """
        if destination is not None or keep_vars is not None:
            if rst is not None or keep_var:
                msg = (
                    "rst and keep_var are MegEngine's, destination and keep_vars torch's; legal are the keywords of "
                    "one of them. Leave out the others."
                )
                raise TypeError(msg)
            self._adopt()
            into: dict[str, Any] = {} if destination is None else {"destination": destination}
            return super().state_dict(prefix=prefix, keep_vars=bool(keep_vars), **into)
        rst = OrderedDict() if rst is None else rst
        for key, tensor, is_flat in states(self, prefix):
            if key in rst:
                msg = f"duplicated state: {key!r} is in rst already. Pass another prefix."
                raise ArgumentError(msg)
            value = tensor.reshape(-1) if is_flat else tensor
            rst[key] = value if keep_var else _snapshot(value)
        return rst

    def load_state_dict(  # type: ignore[override]
        self, state_dict: Mapping[str, Array | None] | Source, strict: bool = True
    ) -> None:
        """Load arrays into the parameters and buffers, which take the dtype of their array. All or nothing.

        Args:
            state_dict: arrays by key, or a function `(key, tensor) -> array`; None skips an entry.
            strict: whether skipped, missing and unused entries are errors; they are logged otherwise. Default: True.

        Raises:
            KeyError: under `strict`, the keys are not those of `state_dict()`.
            ValueError: an array has another shape than its parameter; or `state_dict` is neither dict nor function.
            AssertionError: an entry is not a NumPy array.
            TypeError: an array's dtype cannot train (ValueError, RuntimeError too).
        """
        source = _source(state_dict)
        loaded, missing = [], []
        for key, tensor, is_flat in list(states(self, "")):
            array = source(key, tensor)
            if array is None:
                missing.append(key)
            else:
                loaded.append((key, tensor, _checked(key, tensor, array, is_flat)))
        used = {key for key, _, _ in loaded}
        unused = [key for key in state_dict if key not in used] if isinstance(state_dict, Mapping) else []
        for label, keys in (("unused", unused), ("missing", missing)):
            if keys and strict:
                msg = (
                    f"{label.capitalize()} params violate `strict=True`, {label}={_set(keys)}. Nothing was loaded; "
                    f"correct the keys, or pass strict=False."
                )
                raise KeyError(msg)
            if keys:
                logger.warning("%s params in `strict=False` mode, %s=%s", label.capitalize(), label, _set(keys))
        for _, tensor, values in loaded:
            tensor.data = values.to(tensor.device)

    def named_parameters(  # type: ignore[override]
        self,
        prefix: str | None = None,
        recursive: bool = True,
        *,
        requires_grad: bool | None = None,
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, nn.Parameter]]:
        """Yield (name, parameter) by sorted attribute names, those of a module in its place among them.

        Args:
            prefix: put before the names, with a dot.
            recursive: whether to enter modules.
            requires_grad: if given, only the parameters that do, or do not, require gradients.
            recurse: torch's name for `recursive`.
            remove_duplicate: whether a shared parameter comes once.
        """
        for name, tensor in members(self, prefix, recursive and recurse, remove_duplicate):
            if isinstance(tensor, nn.Parameter) and requires_grad in (None, tensor.requires_grad):
                yield name, tensor

    def parameters(  # type: ignore[override]
        self, recursive: bool = True, *, requires_grad: bool | None = None, recurse: bool = True
    ) -> Iterator[nn.Parameter]:
        """Yield the parameters in the order of `named_parameters`; arguments as there."""
        for _, parameter in self.named_parameters(None, recursive and recurse, requires_grad=requires_grad):
            yield parameter

    def named_buffers(  # type: ignore[override]
        self,
        prefix: str | None = None,
        recursive: bool = True,
        *,
        recurse: bool = True,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, torch.Tensor]]:
        """Yield (name, buffer) in the order of `named_parameters`; arguments as there."""
        for name, tensor in members(self, prefix, recursive and recurse, remove_duplicate):
            if not isinstance(tensor, nn.Parameter):
                yield name, tensor

    def buffers(self, recursive: bool = True, *, recurse: bool = True) -> Iterator[torch.Tensor]:  # type: ignore[override]
        """Yield the buffers in the order of `named_buffers`; arguments as there."""
        for _, buffer in self.named_buffers(None, recursive and recurse):
            yield buffer

    def named_tensors(self, prefix: str | None = None, recursive: bool = True) -> Iterator[tuple[str, torch.Tensor]]:
        """Yield (name, parameter or buffer) in the order of `named_parameters`; arguments as there."""
        yield from members(self, prefix, recursive, True)

    def tensors(self, recursive: bool = True) -> Iterator[torch.Tensor]:
        """Yield the parameters and buffers in the order of `named_parameters`."""
        for _, tensor in self.named_tensors(None, recursive):
            yield tensor

    def named_children(self) -> Iterator[tuple[str, nn.Module]]:
        """Yield (name, module) for the modules registered here, sorted by name; those in lists keep their order."""
        seen: set[int] = set()
        for name, leaf in leaves_of(self):
            if isinstance(leaf, nn.Module) and id(leaf) not in seen:
                seen.add(id(leaf))
                yield name, leaf

    def named_modules(
        self, memo: set[nn.Module] | str | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, nn.Module]]:
        """Yield (name, module) for all modules, this one included, as torch does; MegEngine's `prefix` comes first."""
        self._adopt()
        if isinstance(memo, str):
            return self.named_modules(None, memo, remove_duplicate)
        return cast("Iterator[tuple[str, nn.Module]]", super().named_modules(memo, prefix, remove_duplicate))

    def replace_param(self, params: Mapping[int, Any], start_pos: int, seen: set[int] | None = None) -> int:
        """Put other parameters in the place of those with these numbers, counted from `start_pos`; return how many are.

        Raises:
            AssertionError: one has another shape (a ValueError and RuntimeError too).
        """
        seen = {id(self)} if seen is None else seen
        count = 0
        for name, leaf in list(leaves_of(self)):
            if id(leaf) in seen:
                continue
            seen.add(id(leaf))
            if isinstance(leaf, Module):
                count += leaf.replace_param(params, start_pos + count, seen)
            elif isinstance(leaf, nn.Parameter):
                new = params.get(start_pos + count)
                if new is not None:
                    if tuple(new.shape) != tuple(leaf.shape):
                        msg = f"{name} has shape {tuple(leaf.shape)}, what replaces it {tuple(new.shape)}. Reshape it."
                        raise ArgumentError(msg)
                    setattr(self, name, new)
                count += 1
        return count

    def disable_quantize(self, value: bool = True) -> None:
        """Say of this module and all below it that they are not to be quantised, which nothing here does."""
        for module in self.modules():
            module.quantize_disabled = value  # type: ignore[assignment]

    def train(self, mode: bool = True, recursive: bool = True) -> Self:
        """Set training mode here, and unless `recursive=False` in all modules below; returns the module.

        Of each module below `train(mode, recursive=False)` is called.
        """
        if not recursive:
            self.training = mode
            return self

        def set_mode(module: nn.Module) -> None:
            if isinstance(module, Module):
                module.train(mode, recursive=False)
            else:
                module.training = mode

        return self.apply(set_mode)

    def apply(self, fn: Callable[[nn.Module], Any]) -> Self:
        """Call `fn` on this module first, then on those below; returns the module."""
        for module in self.modules():
            fn(module)
        return self

    def zero_grad(self) -> None:  # type: ignore[override]
        """Set the gradients that exist to zeros."""
        super().zero_grad(set_to_none=False)

    def extra_repr(self) -> str:
        """Return what `_module_info_string` says, MegEngine's hook for the text in the brackets."""
        self._adopt()
        return self._module_info_string()

    def _module_info_string(self) -> str:
        return ""

    def __setattr__(self, name: str, value: Any) -> None:
        if value is not None and self.__dict__.get("_parameters", {}).get(name) is value:
            return  # `layer.weight *= 2`: it has changed itself
        if "_modules" in self.__dict__ and not isinstance(getattr(type(self), name, None), property):
            value = container(value)
            # a name holds what its value is: a tensor in the place of a parameter is none
            is_buffer = isinstance(value, Tensor) and not isinstance(value, nn.Parameter)
            old = self._parameters if is_buffer else {**self._parameters, **self._buffers}
            if (
                name in old
                and not isinstance(value, (nn.Parameter, None.__class__))
                and (is_buffer or not isinstance(value, torch.Tensor))
            ):
                delattr(self, name)
            if is_buffer and name not in self._buffers:
                if hasattr(self, name):
                    delattr(self, name)
                self.register_buffer(name, value)
                return
        super().__setattr__(name, value)

    def _adopt(self) -> None:
        """Register the modules and parameters in lists that were filled after they had been set as attributes."""
        for name, value in list(self.__dict__.items()):
            if not name.startswith("_") and container(value) is not value:
                delattr(self, name)
                setattr(self, name, value)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        self._adopt()
        return super()._apply(fn, recurse)

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self._adopt()
        super()._load_from_state_dict(*args, **kwargs)


NAMES.base = Module


def _snapshot(tensor: torch.Tensor) -> Array:
    array = tensor.detach().cpu().as_subclass(torch.Tensor).numpy().copy()
    array.setflags(write=False)
    return array


def _source(state_dict: Any) -> Source:
    if isinstance(state_dict, Mapping):
        return lambda key, _: state_dict.get(key)
    if callable(state_dict):
        return state_dict  # type: ignore[no-any-return]
    msg = f"`state_dict` must load a dict or callable, got {type(state_dict)}. Pass what state_dict() returns."
    raise OperatorError(msg)


def _checked(key: str, tensor: torch.Tensor, array: Any, is_flat: bool) -> torch.Tensor:
    if not isinstance(array, np.ndarray):
        msg = (
            f"closure should return a `np.ndarray`, now `{key}` get a {type(array).__name__}; legal are NumPy arrays, "
            f"and None to skip the entry. Convert it, for example with .numpy()."
        )
        raise ArgumentError(msg)
    if is_flat and array.size == tensor.numel():
        array = array.reshape(tuple(tensor.shape))
    if array.shape != tuple(tensor.shape):
        msg = (
            f"param `{key}` shape mismatch, should be {tuple(tensor.shape)}, get {array.shape}. Nothing was loaded; "
            f"reshape the array if it holds the same values."
        )
        raise OperatorError(msg)
    if tensor.requires_grad and array.dtype.kind not in "fc":
        msg = (
            f"param `{key}` would become {array.dtype}, which cannot be trained; legal are floating dtypes. "
            f"Convert the array with astype('float32')."
        )
        raise OperatorTypeError(msg)
    return torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))


def _set(keys: list[str]) -> str:
    return "{" + ", ".join(repr(key) for key in sorted(keys)) + "}"
