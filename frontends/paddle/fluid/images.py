"""Functions that rearrange, cut and mark positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..values import single
from .core import EnforceNotMet
from .names import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__: list[str] = []


@row("space_to_depth")
def space_to_depth(x: Tensor, blocksize: int) -> Tensor:
    """Make pixels into channels, in the order of 1.8: that of the inverse, whose result takes the shape.

    Raises:
        EnforceNotMet: the block's pixels do not divide the channels, or the block an axis.
    """
    count, channels, height, width = x.shape
    if blocksize < 2 or channels % blocksize**2 or height % blocksize or width % blocksize:
        msg = (
            f"input channel of SpaceToDepth must be divisible by the square of blocksize, and height and width by "
            f"blocksize={blocksize}, above 1; the shape is {list(x.shape)}."
        )
        raise EnforceNotMet(msg)
    apart = torch.reshape(x, [count, blocksize, blocksize, -1, height, width])
    moved = torch.permute(apart, [0, 3, 4, 1, 5, 2])
    return torch.reshape(moved, [count, channels * blocksize**2, height // blocksize, width // blocksize])


@row("add_position_encoding")
def add_position_encoding(input: Tensor, alpha: float, beta: float) -> Tensor:
    """Return `alpha` times a batch of sequences and `beta` times sines, then cosines, of their positions.

    The wave lengths go from 2 pi to 10000 times that (arXiv 1706.03762); sines and cosines do not alternate in 1.8.
    """
    half = input.shape[2] // 2
    positions = torch.arange(input.shape[1], dtype=torch.float64, device=input.device)[:, None]
    # of one wave, the longest
    steps = torch.linspace(0, 1, half, dtype=torch.float64, device=input.device) if half > 1 else 1.0
    angles = positions / 10000.0**steps
    waves = torch.cat([torch.sin(angles), torch.cos(angles)], 1).to(input.dtype)
    found: Tensor = single(alpha) * input + single(beta) * waves
    return found


@row("random_crop")
def random_crop(x: Tensor, shape: Sequence[int], seed: Any = None) -> Tensor:
    """Take a part of the last axes of this shape from each of the first, where chance says.

    Raises:
        NotImplementedError: there is a seed that is a tensor.
    """
    if seed is not None and not isinstance(seed, int):
        msg = "random_crop: a seed that is a tensor is not served here; give an int, or leave it out."
        raise NotImplementedError(msg)
    source = None if seed is None else torch.Generator(x.device).manual_seed(seed)
    first = x.dim() - len(shape)
    parts = []
    for each in torch.unbind(torch.flatten(x, 0, first - 1)) if first else (x,):
        part = each
        for axis, size in enumerate(shape):
            begin = int(torch.randint(part.shape[axis] - size + 1, (), generator=source, device=x.device))
            part = torch.narrow(part, axis, begin, size)
        parts.append(part)
    return torch.reshape(torch.stack(parts), [*x.shape[:first], *shape])


@row("sampling_id")
def sampling_id(x: Tensor, min: float = 0.0, max: float = 1.0, seed: int = 0, dtype: Any = "float32") -> Tensor:
    """Return which of the columns a number between `min` and `max` falls to, by the probabilities of each row."""
    source = torch.Generator(x.device).manual_seed(seed) if seed else None
    drawn = torch.rand(x.shape[0], 1, generator=source, device=x.device) * (max - min) + min
    below = (torch.cumsum(x.detach(), 1) < drawn).sum(1)
    return torch.clamp(below, max=x.shape[1] - 1)
