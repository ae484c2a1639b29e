"""What `paddle.nn.Layer` does about dtypes and devices: moves and casts its parameters and buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...module import FrontendModule, tree
from ..dtype import to_torch_dtype
from ..place import to_device
from ..tensor import Parameter, Tensor

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["MovedModule"]


class MovedModule(FrontendModule):
    """A module that moves and casts as Paddle's do, and knows the dtype of the parameters to be created."""

    _dtype: Any

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a tensor becomes a buffer, which moves along and is not saved.

        Raises:
            TypeError: a parameter or a layer is of that name.
        """
        own = self.__dict__
        if (
            not isinstance(value, Tensor)
            or isinstance(value, Parameter)
            or "_buffers" not in own
            or hasattr(type(self), name)
        ):
            super().__setattr__(name, value)
            return
        for what, kind in (("_parameters", "parameter"), ("_modules", "sublayer")):
            if own[what].get(name) is not None:
                msg = (
                    f"assignment to {kind} '{name}' should be of type {kind.title()} or None, but got "
                    f"'{type(value).__name__}'. Choose another name, or set None first."
                )
                raise TypeError(msg)
            own[what].pop(name, None)
        own.pop(name, None)
        if name not in self._buffers:
            self._non_persistent_buffers_set.add(name)
        self._buffers[name] = value

    def to(  # type: ignore[override]
        self,
        device: Any = None,
        dtype: Any = None,
        blocking: bool | None = None,
        non_blocking: bool | None = None,
        *,
        memory_format: torch.memory_format | None = None,
    ) -> Self:
        """Move and cast the layer in place, and return it.

        Args:
            device: 'cpu', 'gpu:0', a place or a torch device; as in torch, a dtype or tensor may stand here.
            dtype: floating-point parameters and buffers are cast. Default: None.
            blocking: whether to wait for copies to a GPU. Default: None, True.
            non_blocking: torch's opposite of `blocking`. Default: None.
            memory_format: torch's. Default: None.
        """
        for name, flag in (("blocking", blocking), ("non_blocking", non_blocking)):
            if not isinstance(flag, (bool, type(None))):
                msg = f"{name}={flag!r} is a {type(flag).__name__}; it should be None or True or False."
                raise AssertionError(msg)
        if isinstance(device, torch.Tensor):
            device, dtype = device.device, device.dtype if dtype is None else dtype
        elif isinstance(device, torch.dtype):
            device, dtype = None, device
        kind = None if dtype is None else to_torch_dtype(dtype)
        if kind is not None:
            for layer in tree(self):
                if isinstance(layer, MovedModule):
                    layer._dtype = kind
        wait = not non_blocking if blocking is None else blocking
        target = to_device(device)
        if memory_format is not None:
            super().to(memory_format=memory_format)  # type: ignore[call-overload]
        return super().to(device=target, dtype=kind, non_blocking=not wait)

    def astype(self, dtype: Any = None) -> Self:
        """Cast floating-point parameters and buffers, and return the layer."""
        return self.to(dtype=dtype)

    def float(self, excluded_layers: Any = None) -> Self:
        """Cast to float32, but for sublayers of the given classes, and return the layer."""
        return self._cast(torch.float32, excluded_layers)

    def float16(self, excluded_layers: Any = None) -> Self:
        """Cast to float16, but for sublayers of the given classes, and return the layer."""
        return self._cast(torch.float16, excluded_layers)

    def bfloat16(self, excluded_layers: Any = None) -> Self:
        """Cast to bfloat16, but for sublayers of the given classes, and return the layer."""
        return self._cast(torch.bfloat16, excluded_layers)

    def half(self) -> Self:
        """Cast to float16 and return the layer."""
        return self._cast(torch.float16, None)

    def double(self) -> Self:
        """Cast to float64 and return the layer."""
        return self._cast(torch.float64, None)

    def _cast(self, dtype: torch.dtype, excluded_layers: Any) -> Self:
        excluded = excluded_layers if isinstance(excluded_layers, (list, tuple)) else [excluded_layers]
        classes = tuple(item for item in excluded if item is not None)
        if not all(isinstance(item, type) for item in classes):
            msg = f"excluded_layers={excluded_layers!r} should be a layer class or a list of layer classes."
            raise TypeError(msg)
        for module in tree(self):
            if not isinstance(module, classes):
                if isinstance(module, MovedModule):
                    module._dtype = dtype
                module._apply(  # type: ignore[no-untyped-call]
                    lambda t: t.to(dtype) if t.is_floating_point() else t, recurse=False
                )
        return self
