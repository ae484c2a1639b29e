"""Mirrors `oneflow.nn.Module`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....module import FrontendModule, tree
from ...framework.placement import placed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Module"]


class Module(FrontendModule):
    """A `torch.nn.Module` that saves, loads and clears gradients as OneFlow's does.

    Example:
        >>> import fourfold.frontends.oneflow.nn as nn
        >>> class Up(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.up = nn.ConvTranspose3d(4, 2, 2, stride=2)
        >>> list(Up().state_dict())
        ['up.weight', 'up.bias']
    """

    def __init__(self) -> None:
        super().__init__()

    def state_dict(  # type: ignore[override]
        self, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Return parameters and persistent buffers by name: the live objects, which follow later updates.

        Args:
            destination: a dict to fill instead of a new one. Default: None.
            prefix: put before each name. Default: `''`.
            keep_vars: only with `destination`: whether to give the live objects there, or, as torch's modules ask
                of their children, tensors detached from autograd. Without `destination` they are always live, as in
                OneFlow 0.9. Default: False.

        Example:
            >>> import fourfold.frontends.oneflow.nn as nn
            >>> layer = nn.ConvTranspose3d(4, 2, 2)
            >>> layer.state_dict()["weight"] is layer.weight
            True
        """
        live = keep_vars or destination is None
        state: dict[str, Any] = super().state_dict(destination=destination, prefix=prefix, keep_vars=live)
        return state

    def load_state_dict(  # type: ignore[override]
        self, state_dict: Mapping[str, Any], strict: bool = True
    ) -> Any:
        """Copy values into parameters and buffers, which keep their dtype and device; all of them or none.

        Args:
            state_dict: tensors or NumPy arrays by name.
            strict: whether the names must be exactly those of `state_dict()`. Default: True.

        Returns:
            A named tuple of two lists of names, `missing_keys` and `unexpected_keys`.

        Raises:
            RuntimeError: names differ and `strict` is true, or a shape differs; nothing has been changed then.
            TypeError: an array has a dtype that torch lacks.

        Example:
            >>> import numpy as np
            >>> import fourfold.frontends.oneflow.nn as nn
            >>> layer = nn.ConvTranspose3d(4, 2, 2)
            >>> layer.load_state_dict({"weight": np.ones((4, 2, 2, 2, 2))}, strict=False)
            _IncompatibleKeys(missing_keys=['bias'], unexpected_keys=[])
        """
        state = state_dict.copy() if hasattr(state_dict, "copy") else dict(state_dict)
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                # torch wants native byte order, no negative strides, and memory it may write to
                state[name] = torch.from_numpy(value.astype(value.dtype.newbyteorder("="), order="C"))
        if hasattr(state_dict, "_metadata"):
            state._metadata = state_dict._metadata  # type: ignore[union-attr]
        # not parameters() and buffers(), which a network may override
        holders = [tensors for module in tree(self) for tensors in (module._parameters, module._buffers)]
        own = [tensor for tensors in holders for tensor in tensors.values() if tensor is not None]
        before = [tensor.detach().clone() for tensor in own]
        try:
            return super().load_state_dict(state, strict=strict)
        except RuntimeError:
            with torch.no_grad():
                for tensor, values in zip(own, before, strict=True):
                    tensor.copy_(values)
            raise

    def to_global(self, placement: Any = None, sbp: Any = None) -> Any:
        """Return the module itself, on the kind of device of a placement: all of it lies in this process."""
        return self._apply(lambda tensor: placed(tensor, placement, sbp))

    def to_local(self) -> Any:
        """Return the module itself."""
        return self

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the gradients of all parameters to zero, or to None where `set_to_none` is true. Default: False."""
        super().zero_grad(set_to_none=set_to_none)
