"""Mirrors `megengine.module.batchnorm`, which has no normalisation of volumes: reshape to `(N, C, D * H, W)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch

from ....backend import OperatorError
from ...names import Opaque
from ..arguments import ArgumentError
from ..names import NAMES
from ..operands import tensor_of
from ..tensor import Parameter, Tensor
from .module import Module

__all__ = ["BatchNorm1d", "BatchNorm2d", "SyncBatchNorm"]

# the processes of a program, which are one here
WORLD = Opaque("<megengine.distributed.group.Group object>")

batch_norm = NAMES.get("functional.batch_norm")


class _BatchNorm(Module):
    _state_is_flat = True
    _ranks: ClassVar[tuple[int, ...]]

    if TYPE_CHECKING:
        running_mean: Tensor | None
        running_var: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float = 0.9,
        affine: bool = True,
        track_running_stats: bool = True,
        freeze: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if freeze and not track_running_stats:
            msg = "track_running_stats must be initilized to True if freeze is True; freeze uses what was tracked."
            raise ArgumentError(msg)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.freeze = freeze
        shape = (1, num_features, 1, 1)
        self.bias = Parameter(torch.zeros(shape)) if affine else None
        self.weight = Parameter(torch.ones(shape)) if affine else None
        self.running_mean = torch.zeros(shape).as_subclass(Tensor) if track_running_stats else None
        self.running_var = torch.ones(shape).as_subclass(Tensor) if track_running_stats else None

    def forward(self, inp: torch.Tensor) -> torch.Tensor:
        """Normalise; in training, by the batch's own statistics, which the running ones follow."""
        if tensor_of(inp).dim() not in self._ranks:
            ranks = " or ".join(f"{rank}D" for rank in self._ranks)
            msg = f"expected {ranks} input (got {inp.dim()}D input). Reshape it, a volume to (N, C, D * H, W)."
            raise OperatorError(msg)
        weight: torch.Tensor | None = self.weight
        bias: torch.Tensor | None = self.bias
        if self.freeze:
            weight = None if weight is None else weight.detach()
            bias = None if bias is None else bias.detach()
        image = inp.reshape(*inp.shape, *[1] * (4 - inp.dim()))
        # a layer that no longer tracks normalises by the batch in training, and by what it had in inference
        tracks = self.track_running_stats
        output = batch_norm(
            image,
            self.running_mean if tracks or not self.training else None,
            self.running_var if tracks or not self.training else None,
            weight,
            bias,
            training=not self.freeze and (self.training or not self.track_running_stats),
            momentum=self.momentum,
            eps=self.eps,
        )
        result: torch.Tensor = output.reshape(inp.shape)
        return result

    def _module_info_string(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """As `BatchNorm2d`, for `(N, C)` and `(N, C, L)`."""

    _ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Normalise each channel over the batch and the plane.

    Args:
        num_features: channels.
        eps: added to variances. Default: 1e-5.
        momentum: what stays of the running statistics in an update; torch's is 1 minus that. Default: 0.9.
        affine: whether to learn factors and summands. Default: True.
        track_running_stats: whether to keep running statistics; without, inference uses the batch's. Default: True.
        freeze: whether to use the running statistics in training too, and to train nothing here. Default: False.
        kwargs: `name`, kept as `.name`.

    Shape:
        - inp: `(N, C, H, W)`

    Attributes:
        weight, bias: `(1, C, 1, 1)`, ones and zeros, or None; in `state_dict` they and the next two are `(C,)`.
        running_mean, running_var: `(1, C, 1, 1)`, or None.

    Raises:
        AssertionError: `freeze` without running statistics (a ValueError and RuntimeError too).

    Example:
        >>> norm = BatchNorm2d(3)
        >>> norm.weight.shape, {name: array.shape for name, array in norm.state_dict().items()}["weight"]
        ((1, 3, 1, 1), (3,))
    """

    _ranks = (4,)


class SyncBatchNorm(_BatchNorm):
    """As `BatchNorm2d`, for two to four axes, in one process: there are no others here to agree with.

    Args:
        num_features: as in `BatchNorm2d`, and so the next five.
        eps: added to variances. Default: 1e-5.
        momentum: what stays of the running statistics in an update. Default: 0.9.
        affine: whether to learn factors and summands. Default: True.
        track_running_stats: whether to keep running statistics. Default: True.
        freeze: whether to use the running statistics in training too. Default: False.
        group: only the default one, of all processes.
        kwargs: `name`, kept as `.name`.

    Raises:
        NotImplementedError: another group is given, or `torch.distributed` runs several processes.
    """

    _ranks = (2, 3, 4)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float = 0.9,
        affine: bool = True,
        track_running_stats: bool = True,
        freeze: bool = False,
        group: Any = WORLD,
        **kwargs: Any,
    ) -> None:
        several = torch.distributed.is_available() and torch.distributed.is_initialized()
        if group is not WORLD or (several and torch.distributed.get_world_size() > 1):
            msg = "SyncBatchNorm of several processes is not served here. Use torch.nn.SyncBatchNorm, or BatchNorm2d."
            raise NotImplementedError(msg)
        super().__init__(num_features, eps, momentum, affine, track_running_stats, freeze, **kwargs)
