"""Networks whose channels processes share, as a plan for `torch.distributed.tensor.parallel.parallelize_module`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.distributed.tensor import DTensor, Replicate, Shard, distribute_tensor
from torch.distributed.tensor.parallel import ParallelStyle

from ..errors import OperatorError
from .layout import reduced
from .volume import Volume

if TYPE_CHECKING:
    from torch.distributed.device_mesh import DeviceMesh


def channel_plan(model: torch.nn.Module) -> dict[str, ParallelStyle]:
    """Return a plan by which each process has a part of the channels of the convolutions, and of their weights.

    Of two convolutions that follow each other in one block, the first shares its output channels and the second its
    input channels, so what lies between them stays where it is, batch and instance norms too, and one sum is done for
    both. Others share their output channels. Convolutions in groups, and those with fewer channels than there are
    processes, stay whole; so do all other parameters.

    Args:
        model: with `torch.nn.Conv3d` and `ConvTranspose3d`, or subclasses, anywhere in it.

    Returns:
        Per name of a convolution its style. Weights become DTensors; outputs are DTensors, whole or by channels.

    Raises:
        ValueError: there is no such convolution (a RuntimeError too).

    Example:
        >>> block = torch.nn.Sequential(torch.nn.Conv3d(1, 8, 3), torch.nn.ReLU(), torch.nn.Conv3d(8, 8, 3))
        >>> channel_plan(block)
        {'0': OutputChannels(), '2': InputChannels()}
    """
    plan: dict[str, ParallelStyle] = {}
    for name, block in model.named_modules():
        before: Any = None  # the convolution whose output channels the next one may take
        for part, layer in block.named_children():
            if not isinstance(layer, (torch.nn.Conv3d, torch.nn.ConvTranspose3d)) or layer.groups > 1:
                continue
            follows = before is not None and before.out_channels == layer.in_channels
            plan[f"{name}.{part}" if name else part] = InputChannels() if follows else OutputChannels()
            before = None if follows else layer
    if not plan:
        msg = f"{type(model).__name__} has no Conv3d or ConvTranspose3d of torch's with groups=1; use VolumeParallel."
        raise OperatorError(msg)
    return plan


class _Channels(ParallelStyle):
    """Shards the weight of a convolution along its output or its input channels."""

    outputs: bool

    def _apply(self, module: Any, device_mesh: DeviceMesh) -> torch.nn.Module:
        if min(module.in_channels, module.out_channels) >= device_mesh.size():
            dim = int(isinstance(module, torch.nn.ConvTranspose3d) == self.outputs)
            whole: Any = Replicate()
            for name, placement in (("weight", Shard(dim)), ("bias", Shard(0) if self.outputs else whole)):
                if (given := getattr(module, name)) is not None:
                    shared = distribute_tensor(given.detach(), device_mesh, [placement])
                    setattr(module, name, torch.nn.Parameter(shared, requires_grad=given.requires_grad))

        def volume(module: torch.nn.Module, args: tuple[Any, ...]) -> Any:
            first, *others = args
            if not isinstance(first, DTensor):
                first = DTensor.from_local(first, device_mesh, [Replicate()], run_check=False)
            return (first if isinstance(first, Volume) else Volume.of(first.view_as(first)), *others)

        module.register_forward_pre_hook(volume)
        if not self.outputs:
            module.register_forward_hook(lambda module, args, output: Volume.of(reduced(output)))
        return module  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class OutputChannels(_Channels):
    """Each process computes a part of the output channels; the input is whole in all."""

    outputs = True


class InputChannels(_Channels):
    """Each process has a part of the input channels; the outputs are summed over the processes."""

    outputs = False
