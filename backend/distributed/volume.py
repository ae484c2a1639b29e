"""A DTensor that finds its way through a decoder: by ours where DTensor cannot, by DTensor where it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch.distributed.tensor import DTensor, Replicate
from torch.nn import functional

from ..convolution import convolve
from ..operator import conv_transpose3d
from ..torch_arguments import expanded, spec_of
from . import interpolation, losses, normalization, pooling
from .layout import mesh_of, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from typing_extensions import Self


class Volume(DTensor):
    """A DTensor whose convolutions, pools, interpolations, norms and losses are computed over its shards.

    What torch computes with it is one too. Plain tensors beside it count as whole, the same in every process, and their
    gradients are summed over the processes. Made by `Volume.of(dtensor)`; `fourfold.shard` makes a model's inputs.
    """

    __slots__ = ()

    @classmethod
    def of(cls, tensor: Any) -> Self:
        """Return the DTensor as one of this class; it is the same object."""
        if torch.compiler.is_compiling():
            _refuse_compilation()
        tensor.__class__ = cls
        made: Self = tensor
        return made

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        options = kwargs or {}
        with torch._C.DisableTorchFunctionSubclass():
            ours = OURS.get(func)
            if ours is not None and (func in _ANY_AXES or _is_volume(args, options)):
                return ours(*args, **options)
            if getattr(func, "__name__", "") in ("__get__", "__set__"):
                return func(*args, **options)
            found = [each for each in _flat((*args, *options.values())) if isinstance(each, DTensor)]
            if found:
                mesh = mesh_of(*found)
                args = tuple(_beside(each, mesh) for each in args)
                options = {name: _beside(each, mesh) for name, each in options.items()}
            return _volumes(func(*args, **options), cls)

    def __tensor_flatten__(self) -> Any:
        """Refuse: `torch.compile` asks for the parts of a tensor, to trace what is done with it."""
        _refuse_compilation()

    def redistribute(self, *args: Any, **kwargs: Any) -> Any:
        """Return what DTensor's returns, of this class."""
        return _volumes(super().redistribute(*args, **kwargs), type(self))


def _refuse_compilation() -> NoReturn:
    msg = (
        "volumes that processes share are not compiled: what travels between processes is in no graph. Leave out "
        "torch.compile, or compile what the model does before and after."
    )
    raise NotImplementedError(msg)


def _is_volume(args: tuple[Any, ...], options: dict[str, Any]) -> bool:
    input = args[0] if args else options.get("input")
    return isinstance(input, torch.Tensor) and input.dim() == 5


def _flat(values: Iterable[Any]) -> Iterable[Any]:
    for each in values:
        if isinstance(each, (list, tuple)):
            yield from each
        else:
            yield each


def _beside(value: Any, mesh: Any) -> Any:
    """Return an operand as a DTensor; plain tensors are whole."""
    if isinstance(value, torch.Tensor) and not isinstance(value, DTensor):
        if type(value) not in (torch.Tensor, torch.nn.Parameter):
            value = value.as_subclass(torch.Tensor)
        return placed(value, mesh, [Replicate()] * mesh.ndim)
    if isinstance(value, (list, tuple)) and any(isinstance(each, torch.Tensor) for each in value):
        return [_beside(each, mesh) for each in value]
    return value


def _volumes(result: Any, kind: type[Volume]) -> Any:
    if type(result) is DTensor:
        return kind.of(result)
    if isinstance(result, (list, tuple)) and any(type(each) is DTensor for each in result):
        return type(result)([_volumes(each, kind) for each in result])  # torch.return_types take one sequence too
    return result


def _conv_transpose3d(
    input: Any,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> torch.Tensor:
    return conv_transpose3d(input, weight, bias, spec_of(weight, stride, padding, output_padding, groups, dilation))


def _conv3d(
    input: Any,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> torch.Tensor:
    return convolve(input, weight, bias, expanded(stride), padding, expanded(dilation), groups)


def _table() -> dict[Any, Callable[..., Any]]:
    table: dict[Any, Callable[..., Any]] = {
        functional.conv_transpose3d: _conv_transpose3d,
        functional.conv3d: _conv3d,
        functional.max_pool3d: pooling.max_pool3d,
        torch.max_pool3d: pooling.max_pool3d,
        functional.avg_pool3d: pooling.avg_pool3d,
        functional.adaptive_avg_pool3d: pooling.adaptive_avg_pool3d,
        functional.adaptive_max_pool3d: pooling.adaptive_max_pool3d,
        functional.max_pool3d_with_indices: pooling.refuse_indices,
        functional.adaptive_max_pool3d_with_indices: pooling.refuse_indices,
        functional.pad: pooling.pad,
        functional.interpolate: interpolation.interpolate,
        functional.batch_norm: normalization.batch_norm,
        functional.instance_norm: normalization.instance_norm,
        functional.group_norm: normalization.group_norm,
        functional.prelu: normalization.prelu,
        functional.cross_entropy: losses.cross_entropy,
    }
    names = "mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits"
    elementwise: Sequence[Any] = [getattr(functional, name) for name in names.split()]
    return table | {each: losses.elementwise(each) for each in elementwise} | _ANY_AXES


_ANY_AXES: dict[Any, Callable[..., Any]] = {
    torch.sum: losses.sum,
    torch.Tensor.sum: losses.sum,
    torch.mean: losses.mean,
    torch.Tensor.mean: losses.mean,
    torch.var: losses.var,
    torch.Tensor.var: losses.var,
    torch.var_mean: losses.var_mean,
}
OURS = _table()
