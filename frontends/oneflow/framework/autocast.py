"""Mirrors `oneflow.autocast`, and what `oneflow.amp` has beside it."""

from __future__ import annotations

import contextlib
import functools
import warnings
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

__all__ = ["autocast", "autocast_decorator"]


class autocast(contextlib.ContextDecorator):  # noqa: N801, its name
    """Compute in a shorter dtype inside, on a GPU; on the CPU nothing changes, as in the release, with a warning.

    Args:
        device_type: 'cuda' or 'cpu'.
        dtype: the shorter one. Default: None, float16.
        enabled: whether to do so. Default: True.
        cache_enabled: whether weights are converted once. Default: None, they are.

    Raises:
        RuntimeError: there is no such device.
    """

    def __init__(
        self, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        if device_type not in ("cuda", "cpu"):
            msg = f"device_type={device_type!r}: User specified autocast device_type must be 'cuda' or 'cpu'."
            raise RuntimeError(msg)
        if device_type == "cpu":
            warnings.warn("CPU autocast is not supported currently. Disabling autocast.", stacklevel=2)
        self.device = device_type
        self.fast_dtype = dtype or (torch.float16 if device_type == "cuda" else torch.bfloat16)
        self.enabled = enabled and device_type == "cuda"
        self.cache_enabled = cache_enabled is not False
        self._entered: list[Any] = []

    def __enter__(self) -> Self:
        mode = torch.autocast(self.device, self.fast_dtype, self.enabled, self.cache_enabled)
        mode.__enter__()  # type: ignore[no-untyped-call]
        self._entered.append(mode)
        return self

    def __exit__(self, *raised: Any) -> None:
        self._entered.pop().__exit__(*raised)


def autocast_decorator(autocast_instance: Any, func: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that computes as `func` in a context."""

    @functools.wraps(func)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with autocast_instance:
            return func(*args, **kwargs)

    return inside
