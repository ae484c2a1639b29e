"""Instance norm of a volume in the memory layout that it has, as no view, and around a fault of torch.

torch's instance norm sees the channels of all samples as those of one: a channels-last volume is copied to be seen so,
and copied back. Its result is a view, so an activation in place behind it has its gradient copied once more.

The fault, in torch 2.13: for one sample, the gradient of the input is wrong wherever the incoming gradient is stored
channels last. torch's norm over the batch has it too, where that gradient or the input is stored channels last with
another stride than usual along its one sample, and the other one is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from .execution import eager
from .execution.layout import is_channels_last_3d
from .execution.shortcut import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence


def instance_norm(
    input: torch.Tensor,
    weight: torch.Tensor | None,
    bias: torch.Tensor | None,
    eps: float,
    statistics: tuple[torch.Tensor | None, torch.Tensor | None] = (None, None),
    momentum: float = 0.0,
    of_input: bool = True,
) -> torch.Tensor | None:
    """Normalise each channel of each sample by its own mean and variance, or return None where torch is to.

    One sample is a batch: its norm over the batch is the same, and leaves the layout alone.

    Args:
        input: the volumes.
        weight: one factor per channel, or None.
        bias: one value per channel, added in the end, or None.
        eps: added to the variance.
        statistics: running mean and variance, brought up to date in place where `of_input` holds.
        momentum: the weight of this input in them, 0..1.
        of_input: whether to normalise by the input's mean and variance, not by `statistics`.

    Shape:
        - input: `(N, C, D, H, W)`
        - weight, bias, statistics: `(C,)`
        - output: like the input, in the same layout

    Example:
        >>> volume = torch.arange(2.0).expand(1, 3, 2, 2, 2)
        >>> instance_norm(volume, None, None, 0.0)[0, 0, 0, 0]
        tensor([-1.,  1.])
    """
    if type(input) not in PLAIN or not eager.applies(input, input if weight is None else weight, bias):
        return None
    if input.dim() != 5 or input.device.type != "cpu" or input.numel() <= input.size(0) * input.size(1):
        return None  # one voxel has no variance: torch says so
    samples: Sequence[torch.Tensor] = [input]
    if input.size(0) > 1:
        if not is_channels_last_3d(input) or statistics != (None, None):
            return None
        samples = input.split(1)  # type: ignore[no-untyped-call]
    arguments = (weight, bias, *statistics, of_input, momentum, eps, torch.backends.cudnn.enabled)
    found = [_of_sample(sample, arguments) for sample in samples]
    return found[0] if len(found) == 1 else torch.cat(found)


def _of_sample(sample: torch.Tensor, arguments: Any) -> torch.Tensor:
    output: torch.Tensor = torch.batch_norm(_stored_plainly(sample), *arguments)
    if output.requires_grad:
        output.register_hook(_stored_plainly)  # type: ignore[no-untyped-call]
    return output


def _stored_plainly(sample: torch.Tensor) -> torch.Tensor:
    """Return one sample such that nothing about its layout depends on the stride along N."""
    if sample.stride(0) == sample.numel() or not sample.is_contiguous(memory_format=torch.channels_last_3d):
        return sample
    return sample.clone(memory_format=torch.channels_last_3d)
