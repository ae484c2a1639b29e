"""Functions that move, join, choose and repeat values. Nothing that they return shares memory with what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend.execution.layout import moved
from ...tensor import like, plain
from ..dtype import to_torch_dtype
from ..static.graph import Variable, recording
from .activations import acting
from .names import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__ = ["numbers_of", "split"]


def numbers_of(values: Any) -> list[int]:
    """Return integers given as a list of numbers and tensors of one, or as one tensor."""
    if isinstance(values, torch.Tensor):
        return [int(value) for value in plain(values).flatten().tolist()]
    return [int(value) for value in values]


def copied(x: Tensor) -> Tensor:
    """Return a copy; what torch has as a view, fluid has as a tensor of its own."""
    return like(plain(x).clone(), x)


@row("reshape")
def reshape(x: Tensor, shape: Any, act: Any = None, inplace: bool = False) -> Tensor:
    """Return the values in another shape; -1 is what is left, and 0 the size that the axis had."""
    sizes = [x.shape[axis] if size == 0 else size for axis, size in enumerate(numbers_of(shape))]
    return reshaped(x, sizes, act=act)


@acting
def reshaped(x: Tensor, sizes: list[int]) -> Tensor:
    """See `reshape`."""
    return copied(torch.reshape(x, sizes))


@row("transpose")
def transpose(x: Tensor, perm: Sequence[int]) -> Tensor:
    """Permute all axes."""
    return copied(torch.permute(x, list(perm)))


@row("t")
def swapped(input: Tensor) -> Tensor:
    """Transpose a matrix; what has fewer axes stays as it is."""
    return copied(torch.t(input))


@row("concat", input="", recorded=False)
def concat(input: Any, axis: Any = 0) -> Any:
    """Join tensors along an axis that they have; a tensor in place of a list is one of its rows."""
    parts = [input] if isinstance(input, Variable) else list(input)
    return recording(joined)(parts, int(axis))


def joined(parts: list[Tensor], axis: int) -> Tensor:
    """See `concat`."""
    return torch.cat(parts, dim=axis)


@row("stack", x="")
def stack(x: Any, axis: int = 0) -> Tensor:
    """Join tensors along a new axis."""
    return torch.stack(list(x) if isinstance(x, (list, tuple)) else [x], dim=axis)


@row("unstack", several=True)
def unstack(x: Tensor, axis: int = 0, num: int | None = None) -> list[Tensor]:
    """Return what stands along an axis, one by one."""
    return [copied(part) for part in torch.unbind(x, axis)]


@row("split", several=True)
def split(input: Tensor, num_or_sections: Any, dim: Any = -1) -> list[Tensor]:
    """Return so many equal parts, or parts of those sizes; one of them may be -1, for what is left."""
    dim = int(dim)
    size = input.shape[dim]
    if isinstance(num_or_sections, int):
        if num_or_sections < 1 or size % num_or_sections:
            msg = (
                f"The input's size along the split dimension must be evenly divisible by Attr(num_or_sections). But "
                f"{num_or_sections} is not evenly divisible: the size is {size}. Give a list of sizes."
            )
            raise ValueError(msg)
        sizes = [size // num_or_sections] * num_or_sections
    else:
        sizes = numbers_of(num_or_sections)
        left = size - sum(each for each in sizes if each != -1)
        sizes = [left if each == -1 else each for each in sizes]
    return [copied(part) for part in torch.split(input, sizes, dim)]


@row("squeeze")
def squeeze(input: Tensor, axes: Sequence[int]) -> Tensor:
    """Leave out axes of size 1; all of them for none named."""
    return copied(torch.squeeze(input, [axis for axis in axes if input.shape[axis] == 1]) if axes else input.squeeze())


@row("unsqueeze")
def unsqueeze(input: Tensor, axes: Any) -> Tensor:
    """Insert axes of size 1, one after the other."""
    for axis in [axes] if isinstance(axes, int) else numbers_of(axes):
        input = torch.unsqueeze(input, axis)
    return copied(input)


@row("flatten")
def flatten(x: Tensor, axis: int = 1) -> Tensor:
    """Return a matrix: the axes before `axis` make its rows."""
    if not 0 <= axis <= x.dim():
        msg = f"The axis should be a int, and in range [0, rank(x)]; it is {axis}, and the rank {x.dim()}."
        raise ValueError(msg)
    rows = 1
    for size in x.shape[:axis]:
        rows *= size
    return copied(torch.reshape(x, [rows, -1]))


@row("expand")
def expand(x: Tensor, expand_times: Any) -> Tensor:
    """Repeat the whole along every axis."""
    return plain_repeat(x, numbers_of(expand_times))


@row("expand_as")
def expand_as(x: Tensor, target_tensor: Tensor) -> Tensor:
    """Repeat the whole along every axis until it has the size of another's."""
    return plain_repeat(x, [want // size for want, size in zip(target_tensor.shape, x.shape, strict=True)])


def plain_repeat(x: Tensor, times: list[int]) -> Tensor:
    """Repeat; the numbers must be as many as there are axes."""
    if len(times) != x.dim():
        msg = f"expand_times={times} must have as many numbers as the input has axes, {x.dim()}."
        raise ValueError(msg)
    return torch.tile(x, times)


@row("slice")
def sliced(input: Tensor, axes: Sequence[int], starts: Any, ends: Any) -> Tensor:
    """Take [start, end) along axes."""
    return strided(input, axes, starts, ends, [1] * len(axes))


@row("strided_slice")
def strided(input: Tensor, axes: Sequence[int], starts: Any, ends: Any, strides: Any) -> Tensor:
    """Take every so many along axes, backwards for negative strides."""
    numbers = zip(axes, numbers_of(starts), numbers_of(ends), numbers_of(strides), strict=True)
    for axis, start, end, stride in numbers:
        size = input.shape[axis]
        # past the front of an axis is its front, or nothing more to take backwards
        stop: int | None = None if stride < 0 and end < -size else end
        chosen = list(range(size))[slice(start, stop, stride)]
        input = torch.index_select(input, axis, torch.tensor(chosen, dtype=torch.int64, device=input.device))
    return input if axes else copied(input)


@row("gather")
def gather(input: Tensor, index: Tensor, overwrite: bool = True) -> Tensor:
    """Take rows; the gradient of one that is taken twice is that of the last time, or the sum without `overwrite`."""
    places = index.flatten().long()
    found = torch.index_select(input, 0, places)
    if not overwrite or not found.requires_grad:
        return found
    order = torch.arange(len(places), device=places.device)
    last = torch.zeros(len(input), dtype=torch.int64, device=places.device).scatter_reduce(0, places, order, "amax")
    counts = (last[places] == order).reshape([-1, *[1] * (found.dim() - 1)])
    return torch.where(counts, found, found.detach())


@row("index_select")
def index_select(input: Tensor, index: Tensor, dim: int = 0) -> Tensor:
    """Take what an index names along an axis."""
    return torch.index_select(input, dim, index)


@row("index_sample")
def index_sample(x: Tensor, index: Tensor) -> Tensor:
    """Take what an index names in each row."""
    return torch.gather(x, 1, index.long())


@row("gather_nd")
def gather_nd(input: Tensor, index: Tensor) -> Tensor:
    """Take what the last axis of an index names."""
    places = tuple(torch.unbind(plain(index).long(), -1))
    return like(plain(input)[places] if places else plain(input).clone(), input)


@row("scatter")
def scatter(input: Tensor, index: Tensor, updates: Tensor, overwrite: bool = True) -> Tensor:
    """Return rows with others in the place of some, or the sum of those that are named twice."""
    places = index.flatten().long()
    if overwrite:
        return torch.index_copy(input, 0, places, updates)
    return torch.index_add(torch.index_fill(input, 0, places, 0), 0, places, updates)


@row("scatter_nd_add")
def scatter_nd_add(ref: Tensor, index: Tensor, updates: Tensor) -> Tensor:
    """Add to what the last axis of an index names."""
    places = tuple(torch.unbind(plain(index).long(), -1))
    return like(torch.index_put(plain(ref), places, plain(updates), accumulate=True), ref)


@row("scatter_nd")
def scatter_nd(index: Tensor, updates: Tensor, shape: Sequence[int]) -> Tensor:
    """Add to zeros of a shape."""
    return scatter_nd_add(updates.new_zeros(list(shape)), index, updates)


@row("cast")
def cast(x: Tensor, dtype: Any) -> Tensor:
    """Return the values in another dtype."""
    made = x.to(to_torch_dtype(dtype))
    return copied(made) if made is x else made


@row("reverse")
@row("flip", dims="axis")
def reverse(x: Tensor, axis: Any) -> Tensor:
    """Turn axes around."""
    return torch.flip(x, [axis] if isinstance(axis, int) else list(axis))


@row("roll")
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """Move values along axes; what leaves at the end comes in at the front."""
    return torch.roll(input, shifts, () if dims is None else dims)


@row("pad")
def pad(x: Tensor, paddings: Sequence[int], pad_value: float = 0.0) -> Tensor:
    """Add values before and after along every axis, the first axis first."""
    pairs = [list(paddings[at : at + 2]) for at in range(0, len(paddings), 2)]
    return F.pad(x, [number for pair in reversed(pairs) for number in pair], value=pad_value)


@row("pad2d")
def pad2d(
    input: Tensor,
    paddings: Any = (0, 0, 0, 0),
    mode: str = "constant",
    pad_value: float = 0.0,
    data_format: str = "NCHW",
) -> Tensor:
    """Pad images at top, bottom, left and right."""
    top, bottom, left, right = numbers_of(paddings)
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}
    image = moved(input, -1, 1) if data_format == "NHWC" else input
    options = {"value": pad_value} if mode == "constant" else {}
    padded = F.pad(image, [left, right, top, bottom], modes[mode], **options)
    return moved(padded, 1, -1) if data_format == "NHWC" else padded


@row("pad_constant_like")
def pad_constant_like(x: Tensor, y: Tensor, pad_value: float = 0.0) -> Tensor:
    """Return `y`, with a value after its end along every axis so that it has the shape of `x`."""
    numbers = [(0, want - size) for want, size in zip(x.shape, y.shape, strict=True)]
    return F.pad(y, [number for pair in reversed(numbers) for number in pair], value=pad_value)


@row("shape")
def shape(input: Tensor) -> Tensor:
    """Return the shape as a tensor of int32."""
    return like(torch.tensor(list(input.shape), dtype=torch.int32), input)


@row("rank")
def rank(input: Tensor) -> Tensor:
    """Return the number of axes as a tensor of int32."""
    return like(torch.tensor(input.dim(), dtype=torch.int32), input)


@row("size")
def size(input: Tensor) -> Tensor:
    """Return the number of elements as a tensor of int64."""
    return like(torch.tensor([plain(input).numel()]), input)


@row("unfold")
def unfold(x: Tensor, kernel_sizes: Any, strides: Any = 1, paddings: Any = 0, dilations: Any = 1) -> Tensor:
    """Return windows as columns."""
    return F.unfold(x, kernel_sizes, dilations, paddings, strides)


@row("pixel_shuffle")
def pixel_shuffle(x: Tensor, upscale_factor: int) -> Tensor:
    """Make larger images of channels."""
    return F.pixel_shuffle(x, upscale_factor)


@row("shuffle_channel")
def shuffle_channel(x: Tensor, group: int) -> Tensor:
    """Take one channel of each group after the other."""
    return torch.reshape(torch.transpose(torch.unflatten(x, 1, (group, -1)), 1, 2), list(x.shape))


@row("meshgrid", several=True, input="")
def meshgrid(input: Sequence[Tensor]) -> list[Tensor]:
    """Return a grid of coordinates, one tensor an axis."""
    return [copied(each) for each in torch.meshgrid(*input, indexing="ij")]


@row("multiplex")
def multiplex(inputs: Sequence[Tensor], index: Tensor) -> Tensor:
    """Take each row from the tensor that an index names."""
    rows = torch.arange(len(index), device=index.device)
    return like(plain(torch.stack(list(inputs)))[plain(index).flatten().long(), rows], inputs[0])


@row("diag")
def diag(diagonal: Any) -> Tensor:
    """Return a matrix with that diagonal."""
    return torch.diag(diagonal)


row("tril")(torch.tril)
row("triu")(torch.triu)


@row("diag_embed")
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Return matrices with those diagonals."""
    return torch.diag_embed(input.detach(), offset, dim1, dim2)  # it has no gradient in the release


@row("trace")
def trace(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return sums of diagonals."""
    found = torch.diagonal(input, offset, dim1, dim2).sum(-1, dtype=input.dtype)
    return found.reshape(1) if found.dim() == 0 else found
