"""Call torch's functions on Paddle's tensors and data formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend.execution.layout import moved
from ...tensor import like, plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_channel_last", "mapped", "mapped_all"]

CHANNEL_FIRST = ("NC", "NCL", "NCHW", "NCDHW")
CHANNEL_LAST = ("NLC", "NHWC", "NDHWC")


def mapped(
    function: Callable[..., torch.Tensor], x: torch.Tensor, *others: Any, channel_last: bool = False, **options: Any
) -> torch.Tensor:
    """Return what a torch function gives for `x`, with the class of `x`: a plain tensor in gives a plain one out.

    Args:
        function: of torch; it takes the channels as the second axis.
        x: its first operand.
        others: its other operands; tensors among them are parameters.
        channel_last: whether the channels of `x` and of the result are the last axis. Default: False.
        **options: keywords of the function, tensors among them too.
    """
    (result,) = mapped_all(
        lambda *args, **kwargs: (function(*args, **kwargs),), x, *others, channel_last=channel_last, **options
    )
    return result


def mapped_all(
    function: Callable[..., tuple[torch.Tensor, ...]],
    x: torch.Tensor,
    *others: Any,
    channel_last: bool = False,
    **options: Any,
) -> tuple[torch.Tensor, ...]:
    """Return the results of a torch function that gives several; arguments as in `mapped`."""
    operand = plain(x)
    results = function(
        moved(operand, -1, 1) if channel_last else operand,
        *[_plain(other) for other in others],
        **{name: _plain(option) for name, option in options.items()},
    )
    return tuple(like(moved(result, 1, -1) if channel_last else result, x) for result in results)


def is_channel_last(data_format: Any, name: str) -> bool:
    """Return whether a data format has the channels last.

    Raises:
        ValueError: Paddle has no such format.

    >>> is_channel_last("NDHWC", "batch_norm"), is_channel_last("NCDHW", "batch_norm")
    (True, False)
    """
    if data_format not in CHANNEL_FIRST + CHANNEL_LAST:
        legal = ", ".join(CHANNEL_FIRST + CHANNEL_LAST)
        msg = f"Attr(data_format) of {name} should be one of {legal}. Received Attr(data_format): {data_format!r}."
        raise ValueError(msg)
    return data_format in CHANNEL_LAST


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, torch.Tensor) else value
