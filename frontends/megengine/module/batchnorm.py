"""Mirrors `megengine.module.batchnorm`: the base class; rows make the classes, of which none is for volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .normalization import _Norm

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__: list[str] = []


class _BatchNorm(_Norm):
    """Base class of the normalisations over the batch.

    Attributes:
        weight, bias: `(1, C, 1, 1)`, ones and zeros, or None; in `state_dict` they and the next two are `(C,)`.
        running_mean, running_var: `(1, C, 1, 1)`, or None.
    """

    if TYPE_CHECKING:
        running_mean: Tensor | None
        running_var: Tensor | None

    def reset_running_stats(self) -> None:
        """Set the running means to zeros and the variances to ones."""
        if self.running_mean is not None and self.running_var is not None:
            torch.nn.init.zeros_(self.running_mean)
            torch.nn.init.ones_(self.running_var)

    def reset_parameters(self) -> None:
        """Set the running statistics, factors and summands to what they begin with."""
        self.reset_running_stats()
        super().reset_parameters()

    def _module_info_string(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


def one_process(group: Any) -> Any:
    """Return the group of all processes, which is one.

    Raises:
        NotImplementedError: it is another, or `torch.distributed` runs several processes.
    """
    several = torch.distributed.is_available() and torch.distributed.is_initialized()
    if "Group object" not in repr(group) or (several and torch.distributed.get_world_size() > 1):
        msg = "SyncBatchNorm of several processes is not served here. Use torch.nn.SyncBatchNorm, or BatchNorm2d."
        raise NotImplementedError(msg)
    return group
