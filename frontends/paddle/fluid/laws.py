"""Mirrors the distributions of `fluid.layers`, in programs too: parameters are tensors, or what a program computes."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import torch

from ..static.graph import Variable
from .creation import gaussian_random, uniform_random
from .dygraph.base import to_variable

__all__ = ["Categorical", "MultivariateNormalDiag", "Normal", "Uniform"]


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor, or what a program will compute."""
    return isinstance(value, (torch.Tensor, Variable))


def parameters(*values: Any) -> tuple[bool, list[Any]]:
    """Return whether values are tensors, and these; of numbers and arrays tensors of float32 and of one shape.

    Raises:
        ValueError: some are tensors, and some are none.
        AssertionError: one is neither a float nor a list nor an array.
    """
    held = [is_tensor(each) for each in values]
    if all(held):
        return True, list(values)
    if any(held):
        msg = "if one argument is Variable, all arguments should be Variable: tensors and numbers do not mix here."
        raise ValueError(msg)
    arrays = []
    for each in values:
        if not isinstance(each, (float, list, np.ndarray)):
            msg = f"type of input args must be float, list, numpy.ndarray or Variable, not {each!r}. Write 1.0 for 1."
            raise AssertionError(msg)
        array = np.array([each] if isinstance(each, float) else each)
        if isinstance(each, np.ndarray) and array.dtype != np.float32:
            warnings.warn(f"data type of argument only support float32; {array.dtype} is converted", stacklevel=3)
        arrays.append(array.astype(np.float32))
    return False, [to_variable(np.ascontiguousarray(each)) for each in np.broadcast_arrays(*arrays)]


class Distribution:
    """What distributions share: what one does not serve says so."""

    def sample(self) -> Any:
        """Return random values; see the class.

        Raises:
            NotImplementedError: the release has none.
        """
        return self._missing("sample")

    def entropy(self) -> Any:
        """Return the entropy; see the class."""
        return self._missing("entropy")

    def kl_divergence(self, other: Any) -> Any:
        """Return the divergence from another of its kind; see the class."""
        return self._missing("kl_divergence")

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density; see the class."""
        return self._missing("log_prob")

    def _missing(self, method: str) -> Any:
        msg = f"{type(self).__name__}.{method} is not there in the release either."
        raise NotImplementedError(msg)


class _Placed(Distribution):
    """One of two parameters that are broadcast together."""

    def _begin(self, first: Any, second: Any) -> list[Any]:
        self.batch_size_unknown, found = parameters(first, second)
        self.all_arg_is_float = isinstance(first, float) and isinstance(second, float)
        return found

    def _spread(self, values: Any, shape: list[int], place: Any, size: Any) -> Any:
        """Return random values by a size and a place."""
        if isinstance(place, Variable):
            msg = f"{type(self).__name__}.sample of what a program computes is not served: give numbers or arrays."
            raise NotImplementedError(msg)
        batch = list((place + size).shape)
        drawn = values(batch + shape if self.batch_size_unknown else shape + batch) * size + place
        return drawn.reshape(shape if self.all_arg_is_float else shape + batch)


class Uniform(_Placed):
    """Values between two others, equally likely.

    Args:
        low: the least, a float, list, array or tensor.
        high: the greatest, likewise.
    """

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = self._begin(low, high)

    def sample(self, shape: list[int], seed: int = 0) -> Any:  # type: ignore[override]
        """Return random values; as in the release those of numbers and arrays are from `2 low - high` to `high`.

        Args:
            shape: of them, before the parameters' own.
            seed: of a generator of their own. Default: 0, torch's.
        """
        least = 0.0 if self.batch_size_unknown else -1.0
        return self._spread(
            lambda sizes: uniform_random(sizes, min=least, seed=seed), shape, self.low, self.high - self.low
        )

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density.

        Raises:
            ValueError: the values are not of the parameters' shape; the release compares the first of them alone.
        """
        if list(value.shape) != list(self.low.shape):
            msg = f"value has the shape {list(value.shape)}; that of the parameters, {list(self.low.shape)}, is needed."
            raise ValueError(msg)
        inside = (self.low < value).to(value.dtype) * (value < self.high).to(value.dtype)
        return torch.log(inside) - torch.log(self.high - self.low)

    def entropy(self) -> Any:
        """Return the entropy."""
        return torch.log(self.high - self.low)


class Normal(_Placed):
    """The normal distribution.

    Args:
        loc: means, a float, list, array or tensor.
        scale: standard deviations, likewise.
    """

    def __init__(self, loc: Any, scale: Any) -> None:
        self.loc, self.scale = self._begin(loc, scale)

    def sample(self, shape: list[int], seed: int = 0) -> Any:  # type: ignore[override]
        """Return random values.

        Args:
            shape: of them, before the parameters' own.
            seed: of a generator of their own. Default: 0, torch's.
        """
        return self._spread(lambda sizes: gaussian_random(sizes, seed=seed), shape, self.loc, self.scale)

    def entropy(self) -> Any:
        """Return the entropy."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + torch.log(self.scale + torch.zeros_like(self.loc + self.scale))

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density."""
        apart = value - self.loc
        return -(apart * apart) / (2 * self.scale * self.scale) - torch.log(self.scale) - math.log(2 * math.pi) / 2

    def kl_divergence(self, other: Any) -> Any:
        """Return the divergence from another normal distribution."""
        ratio, apart = self.scale / other.scale, (self.loc - other.loc) / other.scale
        ratio = ratio * ratio
        return 0.5 * (ratio + apart * apart - 1.0 - torch.log(ratio))


class Categorical(Distribution):
    """Classes, by logits along the last axis.

    Args:
        logits: a list, array or tensor.
    """

    def __init__(self, logits: Any) -> None:
        self.logits = parameters(logits)[1][0]

    def entropy(self) -> Any:
        """Return the entropy, with an axis of size 1 at its end."""
        logs = torch.log_softmax(self.logits, -1)
        return -(torch.exp(logs) * logs).sum(-1, keepdim=True)

    def kl_divergence(self, other: Any) -> Any:
        """Return the divergence from others of as many classes, with an axis of size 1 at its end."""
        logs = torch.log_softmax(self.logits, -1)
        return (torch.exp(logs) * (logs - torch.log_softmax(other.logits, -1))).sum(-1, keepdim=True)


def determinant(scale: Any) -> Any:
    """Return the product of what is on the diagonal, and of one more than each number beside it, of shape (1,)."""
    return (scale + (1 - torch.eye(int(scale.shape[0])))).prod().reshape(1)


def inverted(scale: Any) -> Any:
    """Return one by what is on the diagonal; the rest stays."""
    return scale ** (1 - 2 * torch.eye(int(scale.shape[0])))


class MultivariateNormalDiag(Distribution):
    """The normal distribution of vectors whose numbers are independent.

    Args:
        loc: means, a list, array or tensor of shape (K,).
        scale: variances on the diagonal of a matrix (K, K); the formulas take them for no more than that.
    """

    def __init__(self, loc: Any, scale: Any) -> None:
        self.loc, self.scale = parameters(loc, scale)[1]

    def entropy(self) -> Any:
        """Return the entropy, of shape (1,)."""
        count = int(self.scale.shape[0])
        return 0.5 * (count * (1.0 + math.log(2 * math.pi)) + torch.log(determinant(self.scale)))

    def kl_divergence(self, other: Any) -> Any:
        """Return the divergence from another of as many numbers."""
        inverse, apart = inverted(other.scale), other.loc - self.loc
        trace = (inverse * self.scale).sum().reshape(1)
        logs = torch.log(determinant(other.scale)) - torch.log(determinant(self.scale))
        distance = torch.matmul(torch.matmul(apart, inverse), apart)
        return 0.5 * (trace + distance - int(self.scale.shape[0]) + logs)
