"""Mirrors `megengine.random.RNG`: a generator of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from . import drawing
from .arguments import device_of

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["RNG"]


class RNG:
    """Draws values that depend on its seed alone; they are torch's, not those that the release draws with it.

    Args:
        seed: of the generator. Default: None, another one each time.
        device: of the values. Default: None, torch's default device.

    Example:
        >>> bool((RNG(seed=3).normal(size=(2,)) == RNG(seed=3).normal(size=(2,))).numpy().all())
        True
    """

    def __init__(self, seed: int | None = None, device: str | None = None) -> None:
        self._generator = torch.Generator(torch.empty(0).device if device is None else device_of(device))
        if seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(seed)

    def uniform(self, low: float = 0, high: float = 1, size: Any = None) -> Tensor:
        """Return uniform values from [low, high)."""
        return drawing.uniform(low, high, size, source=self._generator)

    def normal(self, mean: float = 0, std: float = 1, size: Any = None) -> Tensor:
        """Return normal values."""
        return drawing.normal(mean, std, size, source=self._generator)

    def gamma(self, shape: Any, scale: Any = 1, size: Any = None) -> Tensor:
        """Return values of the gamma distribution."""
        return drawing.gamma(shape, scale, size, source=self._generator)

    def beta(self, alpha: Any, beta: Any, size: Any = None) -> Tensor:
        """Return values of the beta distribution."""
        return drawing.beta(alpha, beta, size, source=self._generator)

    def poisson(self, lam: Any, size: Any = None) -> Tensor:
        """Return counts of the Poisson distribution, as float32."""
        return drawing.poisson(lam, size, source=self._generator)

    def permutation(self, n: Any, *, dtype: Any = "int32") -> Tensor:
        """Return the integers below `n` in random order, or a tensor's rows."""
        return drawing.permutation(n, dtype, source=self._generator)

    def shuffle(self, inp: Tensor) -> None:
        """Bring the rows of a tensor into random order."""
        drawing.shuffle(inp, source=self._generator)
