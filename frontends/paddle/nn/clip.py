"""Mirrors the gradient clips of `paddle.nn`, which an optimizer takes as `grad_clip`; torch computes them."""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["ClipGradByGlobalNorm", "ClipGradByNorm", "ClipGradByValue"]

Pairs = list[tuple[torch.Tensor, torch.Tensor]]


class ClipGradBase:
    """What the clips share: parameters whose `need_clip` is False are left alone."""

    def __call__(self, params_grads: Pairs) -> Pairs:
        """Return (parameter, gradient) pairs with clipped gradients; the given ones stay as they are."""
        chosen = [index for index, (parameter, _) in enumerate(params_grads) if self.clips(parameter)]
        with torch.no_grad():
            clipped = self.clipped([params_grads[index][1] for index in chosen])
        result = list(params_grads)
        for index, gradient in zip(chosen, clipped, strict=True):
            result[index] = (params_grads[index][0], gradient)
        return result

    def clips(self, parameter: Any) -> bool:
        """Whether the parameter's gradient is to be clipped."""
        return getattr(parameter, "need_clip", True) is not False

    def clipped(self, gradients: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the clipped gradients."""
        raise NotImplementedError


class ClipGradByValue(ClipGradBase):
    """Limits every value.

    Args:
        max: the upper limit.
        min: the lower limit. Default: None, `-max`.

    Raises:
        AssertionError: `min` is None and `max` is not above 0.

    Example:
        >>> ClipGradByValue(1.0)([(torch.zeros(2), torch.tensor([-3.0, 0.5]))])[0][1]
        tensor([-1.0000,  0.5000])
    """

    def __init__(self, max: float, min: float | None = None) -> None:
        if min is None and max <= 0:
            msg = f"max={max} must be above 0 where min is not given. Give both limits."
            raise AssertionError(msg)
        self.max, self.min = float(max), float(-max if min is None else min)

    def clipped(self, gradients: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the clipped gradients."""
        return [gradient.clamp(self.min, self.max) for gradient in gradients]

    def __str__(self) -> str:
        return f"Clip Gradient By Value, min = {self.min:f}, max={self.max:f}"


class ClipGradByNorm(ClipGradBase):
    """Limits the norm of every gradient by itself.

    Args:
        clip_norm: the limit.
    """

    def __init__(self, clip_norm: float) -> None:
        self.clip_norm = float(clip_norm)

    def clipped(self, gradients: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the clipped gradients."""
        norms = [gradient.norm() for gradient in gradients]
        return [
            gradient * (self.clip_norm / norm) if norm > self.clip_norm else gradient
            for gradient, norm in zip(gradients, norms, strict=True)
        ]

    def __str__(self) -> str:
        return f"Gradient Clip By Norm, clip_norm={self.clip_norm:f}"


class ClipGradByGlobalNorm(ClipGradBase):
    """Limits the norm of all gradients together; they are scaled alike.

    Args:
        clip_norm: the limit.
        group_name: of a static program's group of parameters; it has no effect where gradients are at hand.
        auto_skip_clip: whether gradients whose norm is within the limit are left as they are, which they are here in
            any case: the factor is 1.

    Example:
        >>> weights = [torch.zeros(1), torch.zeros(1)]
        >>> pairs = ClipGradByGlobalNorm(1.0)(list(zip(weights, [torch.tensor([3.0]), torch.tensor([4.0])])))
        >>> [round(gradient.item(), 6) for _, gradient in pairs]
        [0.6, 0.8]
    """

    def __init__(self, clip_norm: float, group_name: str = "default_group", auto_skip_clip: bool = False) -> None:
        self.clip_norm = float(clip_norm)
        self.group_name, self.auto_skip_clip = group_name, auto_skip_clip

    def clipped(self, gradients: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the clipped gradients."""
        if not gradients:
            return []
        limit = torch.tensor(self.clip_norm)
        norm = torch.stack([gradient.float().square().sum() for gradient in gradients]).sum().sqrt()
        scale = limit.to(norm.device) / torch.maximum(norm, limit.to(norm.device))
        return [gradient * scale.to(gradient.dtype) for gradient in gradients]

    def __str__(self) -> str:
        return f"Gradient Clip By GlobalNorm, global_norm={self.clip_norm:f}"
