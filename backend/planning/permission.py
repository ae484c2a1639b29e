"""What a caller must ask for: algorithms whose rounding is not bounded voxel by voxel."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from ..errors import OperatorTypeError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_allowed: ContextVar[bool] = ContextVar("fourfold_allow_fft", default=False)


class allow_fft:  # noqa: N801  # a function that is a context manager too, as torch.set_grad_enabled is
    """Let the planner choose the Fourier transform where it predicts a win; or stop doing so.

    It holds from the call on, in a `with` statement until its end, for the calling thread or asyncio task alone:
    a new thread starts without permission. What it costs in accuracy is in docs/engine.md.

    Args:
        enabled: Default: True. Nothing is allowed before the first call.

    Raises:
        TypeError: `enabled` is not a bool.

    Example:
        >>> import torch
        >>> from fourfold.backend import ConvTranspose3dSpec, allow_fft, plan
        >>> spec = ConvTranspose3dSpec(in_channels=3, out_channels=12, kernel_size=12)
        >>> volume = torch.empty(1, 3, 12, 32, 32, dtype=torch.float64, device="meta")
        >>> with allow_fft():
        ...     plan(spec, volume).algorithm
        'fft'
        >>> dict(plan(spec, volume).refused)["fft"]
        'its rounding is bounded by the whole volume, not by each voxel: allow_fft() permits it'
    """

    def __init__(self, enabled: bool = True) -> None:
        if not isinstance(enabled, bool):
            msg = f"enabled={enabled!r} is a {type(enabled).__name__}; it must be a bool. Give True or False."
            raise OperatorTypeError(msg)
        self._enabled, self._before = enabled, _allowed.get()
        _allowed.set(enabled)

    def __enter__(self) -> Self:
        _allowed.set(self._enabled)  # once more, where one object serves several statements
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _allowed.set(self._before)


def fft_is_allowed() -> bool:
    """Whether `allow_fft` holds where this is called."""
    return _allowed.get()
