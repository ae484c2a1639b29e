"""`shard`: let a model compute on volumes that the processes of a mesh share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.distributed.device_mesh import DeviceMesh

_AXES = {"batch": 0, "depth": 2, "height": 3, "width": 4}


def shard(model: torch.nn.Module, mesh: DeviceMesh, dims: Sequence[int | str] | int | str = "depth") -> torch.nn.Module:
    """Let a model compute on volumes that the processes of a mesh share, in place.

    Inputs of `(N, C, D, H, W)` that are DTensors stay sharded as they are; plain ones count as whole, the same in every
    process, which keeps its part. Outputs are DTensors, sharded alike; `full_tensor()` makes one whole. Parameters stay
    plain tensors, the same in every process, and so do their gradients, summed over the processes: optimizers and
    checkpoints are as without. Statistics of norms are over all shards.

    Args:
        model: a module of torch or of a front end. Its parameters and buffers become those of the first process.
        mesh: the processes, for example `init_device_mesh("cpu", (4,))`.
        dims: per dimension of the mesh the axis that it shards: "batch", "depth", "height", "width", or 0, 2, 3, 4.

    Returns:
        The model.

    Raises:
        ValueError: `dims` does not fit the mesh, or an axis is none of these (a RuntimeError too).
        ImportError: torch was built without `torch.distributed`.

    Example:
        >>> import torch, fourfold  # in each of the processes that torchrun started:
        >>> mesh = torch.distributed.init_device_mesh("cpu", (4,))  # doctest: +SKIP
        >>> model = fourfold.shard(model, mesh, dims="depth")  # doctest: +SKIP
        >>> loss = torch.nn.functional.mse_loss(model(volume), target)  # doctest: +SKIP
        >>> loss.backward()  # doctest: +SKIP
    """
    axes = _axes(dims)
    if not torch.distributed.is_available():
        msg = "this torch was built without torch.distributed, which shard() needs; install another build of torch."
        raise ImportError(msg)
    from .layout import check_member

    check_member(mesh)
    if len(axes) != mesh.ndim:
        msg = (
            f"dims={dims!r} names {len(axes)} axes and the mesh has {mesh.ndim} dimensions, {tuple(mesh.shape)}; give "
            f"one axis for each."
        )
        raise OperatorError(msg)
    _broadcast(model, mesh)

    def place(module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        del module
        return (
            tuple(_volume(each, mesh, axes) for each in args),
            {name: _volume(each, mesh, axes) for name, each in kwargs.items()},
        )

    # not the method of a front end's class, which may mean something else
    torch.nn.Module.register_forward_pre_hook(model, place, with_kwargs=True)
    return model


class VolumeParallel:
    """`shard` for `torch.distributed.tensor.parallel.parallelize_module`: its plan for a whole network.

    Example:
        >>> VolumeParallel(dims="depth")
        VolumeParallel(dims='depth')
    """

    def __new__(cls, dims: Sequence[int | str] | int | str = "depth") -> Any:
        """Make a ParallelStyle; torch's class is imported here."""
        from torch.distributed.tensor.parallel import ParallelStyle

        class Style(ParallelStyle):
            def _apply(self, module: torch.nn.Module, device_mesh: DeviceMesh) -> torch.nn.Module:
                return shard(module, device_mesh, dims)

            def __repr__(self) -> str:
                return f"VolumeParallel(dims={dims!r})"

        return Style()


def _axes(dims: Any) -> list[int]:
    given: list[Any] = [dims] if isinstance(dims, (int, str)) else list(dims)
    found = []
    for each in given:
        axis = _AXES.get(each, each)
        if axis in _AXES.values():
            found.append(int(axis))
        else:
            msg = f"dims={dims!r} has {each!r}; legal are {sorted(_AXES)} and {sorted(_AXES.values())}."
            raise OperatorError(msg)
    return found


def _broadcast(model: torch.nn.Module, mesh: DeviceMesh) -> None:
    """Give all processes the parameters and buffers of the first one."""
    from .layout import groups

    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            plain = tensor if type(tensor) is torch.Tensor else tensor.detach().as_subclass(torch.Tensor)
            for group in groups(mesh, range(mesh.ndim)):
                torch.distributed.broadcast(plain, torch.distributed.get_global_rank(group, 0), group=group)


def _volume(value: Any, mesh: DeviceMesh, axes: Sequence[int]) -> Any:
    """Return an argument as a volume over the mesh, if it is one."""
    from torch.distributed.tensor import DTensor, Shard

    from .layout import placed
    from .volume import Volume

    if isinstance(value, DTensor):
        whole: Any = value.view_as(value)
        return value if isinstance(value, Volume) else Volume.of(whole)
    if isinstance(value, torch.Tensor) and value.dim() == 5:
        plain = value if type(value) is torch.Tensor else value.as_subclass(torch.Tensor)
        return Volume.of(placed(plain, mesh, [Shard(axis) for axis in axes]))
    return value
