"""Mirrors `paddle.fluid.optimizer` for dygraph: call `loss.backward()`, then `minimize(loss)`."""

from __future__ import annotations

import math
from typing import Any

from .. import optimizer

__all__ = ["SGD", "Adam", "AdamOptimizer", "Momentum", "MomentumOptimizer", "SGDOptimizer"]


class SGDOptimizer(optimizer.SGD):
    """Stochastic gradient descent.

    Args:
        learning_rate: a number, 0 and above.
        parameter_list: what it updates.
        regularization: an `L2Decay`, for parameters without a regularizer of their own. Default: None.

    Raises:
        AttributeError: there are no parameters.
        TypeError: an argument is of the wrong type.
        NotImplementedError: a decay is not an `L2Decay`.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import fluid
        >>> layer = fluid.dygraph.Conv3DTranspose(1, 1, 1)
        >>> descent = fluid.optimizer.SGDOptimizer(0.5, parameter_list=layer.parameters())
        >>> loss = fluid.layers.mean(layer(fluid.dygraph.to_variable(numpy.ones((1, 1, 1, 1, 1), "float32"))))
        >>> loss.backward()
        >>> _ = descent.minimize(loss)
        >>> layer.bias.numpy()
        array([-0.5], dtype=float32)
    """

    def __init__(self, learning_rate: float, parameter_list: Any = None, regularization: Any = None) -> None:
        super().__init__(learning_rate, parameter_list, regularization)

    def current_step_lr(self) -> float:
        """Return the learning rate."""
        return self.get_lr()


class MomentumOptimizer(optimizer.Momentum):
    """Descent along a velocity, `velocity = momentum * velocity + gradient`.

    Args:
        learning_rate: a number, 0 and above.
        momentum: of the velocity.
        parameter_list: what it updates.
        use_nesterov: whether to descend along `gradient + momentum * velocity`. Default: False.
        regularization: as in `SGDOptimizer`.
    """

    def __init__(
        self,
        learning_rate: float,
        momentum: float,
        parameter_list: Any = None,
        use_nesterov: bool = False,
        regularization: Any = None,
    ) -> None:
        super().__init__(learning_rate, momentum, parameter_list, use_nesterov, regularization)

    def current_step_lr(self) -> float:
        """Return the learning rate."""
        return self.get_lr()


class AdamOptimizer(optimizer.Adam):
    """Adam, where epsilon is added to the second moment's root before that is corrected for its start at zero.

    torch and today's Paddle add it after: their steps are longer at first, visibly so where epsilon is large.

    Args:
        learning_rate: a number, 0 and above. Default: 0.001.
        beta1: decay of the first moment, 0 to 1. Default: 0.9.
        beta2: decay of the second moment, 0 to 1. Default: 0.999.
        epsilon: added to the denominator. Default: 1e-8.
        parameter_list: what it updates.
        regularization: as in `SGDOptimizer`.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-08,
        parameter_list: Any = None,
        regularization: Any = None,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, parameter_list, regularization)
        self._epsilon = epsilon

    def step(self, closure: Any = None) -> Any:
        """Update the parameters that have gradients."""
        for group in self.param_groups:
            (parameter,) = group["params"]
            steps = float(self.state[parameter]["step"]) + 1 if parameter in self.state else 1.0
            # sqrt(v) + epsilon, divided by c = sqrt(1 - beta2 ** steps), is torch's sqrt(v) / c + eps
            group["eps"] = self._epsilon / math.sqrt(1 - group["betas"][1] ** steps)
        return super().step(closure)

    def current_step_lr(self) -> float:
        """Return the learning rate."""
        return self.get_lr()


SGD = SGDOptimizer
Momentum = MomentumOptimizer
Adam = AdamOptimizer
