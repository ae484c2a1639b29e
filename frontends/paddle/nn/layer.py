"""Mirrors `paddle.nn.Layer` on top of `torch.nn.Module`."""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import torch

from .. import unique_name
from ..attributes import to_param_attr
from ..creation import new_parameter
from ..dtype import default_dtype, to_torch_dtype
from ..static.mode import of_program
from ..values import fitting
from .moving import MovedModule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

    from ..tensor import Parameter
    from .initializer import Initializer

__all__ = ["Layer"]


class Layer(MovedModule):
    """A `torch.nn.Module` with the methods of a Paddle layer.

    torch's own methods stay where Paddle has none of that name (`load_state_dict`, `register_module`, hooks, ...), and
    torch modules may be sublayers. `parameters()` and `buffers()` are lists, as in Paddle.

    Args:
        name_scope: prefix of its name and of its parameters' names. Default: None, the class name in snake_case.
        dtype: has no effect, as in the release: parameters have the dtype that `create_parameter` is told, else the
            default one.

    Example:
        >>> from fourfold.frontends import paddle
        >>> class Net(paddle.nn.Layer):
        ...     def __init__(self) -> None:
        ...         super().__init__()
        ...         self.up = paddle.nn.Conv3DTranspose(4, 2, 2, stride=2)
        >>> [name for name, _ in Net().named_parameters()]
        ['up.weight', 'up.bias']
    """

    _dtype: Any
    _device: Any = None

    def __init__(self, name_scope: str | None = None, dtype: Any = "float32") -> None:
        super().__init__()
        scope = _snake_case(type(self).__name__) if name_scope is None else name_scope
        if not isinstance(scope, str):
            msg = f"name_scope={name_scope!r} is a {type(name_scope).__name__}; it should be a str."
            raise TypeError(msg)
        self._full_name = unique_name.generate(scope)
        self._dtype = None

    def full_name(self) -> str:
        """Return the name that no other layer has, such as `conv3d_transpose_0`."""
        return self._full_name

    # -- parameters ---------------------------------------------------------------------------------------------

    def create_parameter(
        self,
        shape: Any,
        attr: Any = None,
        dtype: Any = None,
        is_bias: bool = False,
        default_initializer: Initializer | None = None,
        device: Any = None,
    ) -> Parameter | None:
        """Make a parameter, to be assigned to an attribute or passed to `add_parameter`.

        Args:
            shape: its sizes, 0 and above.
            attr: a ParamAttr or what stands for one. Default: None.
            dtype: Default: None, the layer's, or the default dtype.
            is_bias: whether the default values are zero. Default: False.
            default_initializer: first values where `attr` names none. Default: None, Xavier uniform or zero.
            device: where it lives. Default: None, the layer's, or torch's default device.

        Returns:
            the parameter, or None if `attr` is False.

        >>> Layer("scale").create_parameter([3], is_bias=True).shape
        paddle.Size([3])
        """
        param_attr = to_param_attr(attr)
        if param_attr is None:
            return None
        kind = to_torch_dtype(dtype) if dtype is not None else self._dtype or default_dtype()
        if param_attr.name is None:
            name = unique_name.generate(f"{self._full_name}.{'b' if is_bias else 'w'}")
        else:
            name = param_attr.name
            unique_name.claim(name)
        made = new_parameter(
            shape,
            param_attr,
            name,
            kind,
            is_bias=is_bias,
            default_initializer=default_initializer,
            device=self._device if device is None else device,
        )
        return of_program(made)

    def add_parameter(self, name: str, parameter: Parameter | None) -> Parameter | None:
        """Register a parameter under `name` and return it.

        Raises:
            TypeError: it is not a parameter, or the name is not a string.
            KeyError: the name is empty, has a dot, or belongs to something else.
        """
        if not isinstance(name, str):
            msg = f"The name of parameter should be a string, but received {type(name).__name__} {name!r}."
            raise TypeError(msg)
        if name == "" or "." in name:
            msg = f"The name of parameter can not {'contain `.`' if name else 'be empty'}: {name!r}. Choose another."
            raise KeyError(msg)
        if hasattr(self, name) and name not in self._parameters:
            msg = f"The parameter {name!r} already exists as another attribute of the layer. Choose another name."
            raise KeyError(msg)
        if parameter is not None and not isinstance(parameter, torch.nn.Parameter):
            msg = (
                f"The parameter to be added should be a Parameter, but received {type(parameter).__name__}. "
                f"Make one with create_parameter()."
            )
            raise TypeError(msg)
        self.register_parameter(name, parameter)
        return parameter

    def parameters(self, include_sublayers: bool = True, *, recurse: bool | None = None) -> list[Any]:  # type: ignore[override]
        """Return the parameters as a list; `recurse` is torch's name of `include_sublayers`."""
        return list(super().parameters(include_sublayers if recurse is None else recurse))

    def named_parameters(  # type: ignore[override]
        self,
        prefix: str = "",
        include_sublayers: bool = True,
        remove_duplicate: bool = True,
        *,
        recurse: bool | None = None,
    ) -> Iterator[tuple[str, Any]]:
        """Yield (name, parameter) pairs; `recurse` is torch's name of `include_sublayers`."""
        return super().named_parameters(prefix, include_sublayers if recurse is None else recurse, remove_duplicate)

    def buffers(self, include_sublayers: bool = True, *, recurse: bool | None = None) -> list[Any]:  # type: ignore[override]
        """Return the buffers as a list; `recurse` is torch's name of `include_sublayers`."""
        return list(super().buffers(include_sublayers if recurse is None else recurse))

    def named_buffers(  # type: ignore[override]
        self,
        prefix: str = "",
        include_sublayers: bool = True,
        remove_duplicate: bool = True,
        *,
        recurse: bool | None = None,
    ) -> Iterator[tuple[str, Any]]:
        """Yield (name, buffer) pairs; `recurse` is torch's name of `include_sublayers`."""
        return super().named_buffers(prefix, include_sublayers if recurse is None else recurse, remove_duplicate)

    def register_buffer(  # type: ignore[override]
        self, name: str, tensor: Any, persistable: bool = True, *, persistent: bool | None = None
    ) -> None:
        """Register a tensor that is not learned; `persistent` is torch's name of `persistable`."""
        super().register_buffer(name, tensor, persistable if persistent is None else persistent)

    def clear_gradients(self, set_to_zero: bool = True) -> None:
        """Fill the gradients of all learned parameters with zeros, or drop them."""
        for parameter in self.parameters():
            if parameter.requires_grad and parameter.grad is not None:
                parameter.grad = torch.zeros_like(parameter.grad) if set_to_zero else None

    # -- sublayers ----------------------------------------------------------------------------------------------

    def add_sublayer(self, name: str, sublayer: torch.nn.Module) -> torch.nn.Module:
        """Register a layer under `name` (a number will do) and return it.

        Raises:
            AssertionError: it is not a layer.
        """
        if not isinstance(sublayer, torch.nn.Module):
            msg = f"sublayer {name!r} is a {type(sublayer).__name__}; it must be a Layer or a torch.nn.Module."
            raise AssertionError(msg)
        # not by add_module of torch, which refuses what the release takes: names of methods, with dots
        self._modules[str(name)] = sublayer
        return sublayer

    def named_sublayers(
        self,
        prefix: str = "",
        include_self: bool = False,
        layers_set: set[torch.nn.Module] | None = None,
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, torch.nn.Module]]:
        """Yield (name, layer) of everything below, parents first.

        Args:
            prefix: put before each name. Default: ''.
            include_self: yield this layer too, first. Default: False.
            layers_set: layers to leave out; those yielded are added to it. Default: None.
            remove_duplicate: yield a shared layer once. Default: True.
        """
        seen = set() if layers_set is None else layers_set
        if include_self:
            if self in seen:
                return
            if remove_duplicate:
                seen.add(self)
            yield prefix, self
        for name, layer in self._modules.items():
            path = f"{prefix}{'.' if prefix else ''}{name}"
            if isinstance(layer, Layer):
                yield from layer._named_below(path, seen, remove_duplicate)
            elif layer is not None:
                yield from layer.named_modules(seen, path, remove_duplicate)

    def _named_below(
        self, prefix: str, seen: set[torch.nn.Module], remove_duplicate: bool
    ) -> Iterator[tuple[str, torch.nn.Module]]:
        """Yield what a layer above wants of this one, by a method that networks may override."""
        return self.named_sublayers(
            prefix=prefix, include_self=True, layers_set=seen, remove_duplicate=remove_duplicate
        )

    def named_modules(
        self, memo: set[torch.nn.Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, torch.nn.Module]]:
        """Yield (name, layer) of this layer and everything below, as `named_sublayers` finds it."""
        return self._named_below(prefix, set() if memo is None else memo, remove_duplicate)

    def sublayers(self, include_self: bool = False) -> list[torch.nn.Module]:
        """Return everything below as a list, parents first."""
        return [layer for _, layer in self.named_sublayers(include_self=include_self)]

    def train(self, mode: bool = True) -> Self:
        """Set training mode here and in all sublayers, and return the layer; no method of these is called.

        Raises:
            ValueError: `mode` is no bool.
        """
        if not isinstance(mode, bool):
            msg = f"training mode is expected to be boolean; it is {mode!r}. Give True or False."
            raise ValueError(msg)
        return self._in_mode(mode)

    def eval(self) -> Self:
        """End training mode here and in all sublayers, and return the layer; `train` is not called."""
        return self._in_mode(False)

    def _in_mode(self, training: bool) -> Self:
        self.training = training
        for layer in self.sublayers():
            layer.training = training
        return self

    @property
    def _sub_layers(self) -> dict[str, torch.nn.Module | None]:
        return self._modules

    # -- state --------------------------------------------------------------------------------------------------

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """Return an OrderedDict of parameters and persistable buffers: the live ones, which change with the layer.

        Args:
            *args: as keywords, in the order below.
            **kwargs: `destination`, a dict to add to; `include_sublayers` (default: True); `structured_name_prefix`,
                put before each key; `use_hook`, whether to run the state-dict hooks (default: True); `keep_vars`,
                False for detached tensors that share memory (default: True). With `prefix` among them it is torch's
                method: `state_dict(destination=, prefix=, keep_vars=False)`.

        >>> list(Layer().state_dict())
        []
        """
        if "prefix" in kwargs or (len(args) > 1 and isinstance(args[1], str)):
            return self._torchs_state_dict(*args, **kwargs)
        return self._paddles_state_dict(*args, **kwargs)

    def _torchs_state_dict(self, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        return self._paddles_state_dict(destination, structured_name_prefix=prefix, keep_vars=keep_vars)

    def _paddles_state_dict(
        self,
        destination: Any = None,
        include_sublayers: bool = True,
        structured_name_prefix: str = "",
        use_hook: bool = True,
        keep_vars: bool = True,
    ) -> Any:
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        for prepare in self._state_dict_pre_hooks.values() if use_hook else ():
            prepare(self, structured_name_prefix, keep_vars)
        if hasattr(destination, "_metadata"):
            # for torch's load_state_dict, whose layers look here for the version of what was saved
            destination._metadata[structured_name_prefix[:-1]] = {"version": self._version}
        self._save_to_state_dict(destination, structured_name_prefix, keep_vars)
        if include_sublayers:
            for name, layer in self._modules.items():
                prefix = f"{structured_name_prefix}{name}."
                if isinstance(layer, Layer):
                    layer._add_state(destination, prefix, use_hook, keep_vars)
                elif layer is not None:
                    layer.state_dict(destination=destination, prefix=prefix, keep_vars=keep_vars)
        if use_hook:
            for hook in self._state_dict_hooks.values():
                destination = hook(self, destination, structured_name_prefix, {}) or destination
        return destination

    def _add_state(self, destination: Any, prefix: str, use_hook: bool, keep_vars: bool) -> None:
        """Add to the state of a layer above; a sublayer's own `state_dict` is not called."""
        self._paddles_state_dict(destination, True, prefix, use_hook, keep_vars)

    def set_state_dict(
        self, state_dict: Mapping[str, Any], use_structured_name: bool = True
    ) -> tuple[list[str], list[str]]:
        """Copy values into the layer's parameters and buffers.

        Args:
            state_dict: arrays or tensors by key. A key that is absent, or whose shape differs, is skipped with a
                warning; one that the layer does not have is only returned.
            use_structured_name: keys are those of `state_dict()`; False: they are parameter names
                (`conv3d_transpose_0.w_0`). Default: True.

        Returns:
            the missing and the unexpected keys; one whose shape differs is in both lists.

        Raises:
            AssertionError: a dtype differs (nothing is cast), or a value is no array. Nothing is copied then.
        """
        if not hasattr(state_dict, "get"):
            msg = f"state_dict is a {type(state_dict).__name__}; it must be a dict of arrays or tensors by key."
            raise AttributeError(msg)
        missing: list[str] = []
        unexpected: list[str] = []
        used: set[str] = set()
        copies: list[tuple[torch.Tensor, torch.Tensor]] = []
        for key, target in self._paddles_state_dict(use_hook=False).items():
            name = key if use_structured_name else getattr(target, "name", None) or key
            if name not in state_dict:
                _skipped(f"{key}. {name} is not found in the provided dict.")
                missing.append(name)
                continue
            used.add(name)
            value = state_dict[name]
            shape, expected = list(getattr(value, "shape", target.shape)), list(target.shape)
            if shape != expected:
                _skipped(f"{key}. {key} receives a shape {shape}, but the expected shape is {expected}.")
                missing.append(name)
                unexpected.append(name)
                continue
            copies.append((target, fitting(value, target, name)))
        unexpected.extend(name for name in state_dict if name not in used)
        with torch.no_grad():
            for target, value in copies:
                target.copy_(value)
        return missing, unexpected

    set_dict = set_state_dict
    load_dict = set_state_dict

    def register_forward_post_hook(self, hook: Any, **options: Any) -> Any:
        """Call a hook after each forward; Paddle's name of `register_forward_hook`."""
        return self.register_forward_hook(hook, **options)


def _skipped(reason: str) -> None:
    warnings.warn(f"Skip loading for {reason}", stacklevel=3)


def _snake_case(name: str) -> str:
    # Conv3DTranspose -> conv3d_transpose, MyNet -> my_net
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
