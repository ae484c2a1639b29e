"""Regions of images that are pooled to one size, and windows that learn where they look.

Regions are boxes `(x1, y1, x2, y2)` of several images, in their order. Which of which is said by a tensor; the release
can say so by a LoD too, which is not served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...deformable import deformed
from ...tensor import like, plain
from ..nn.initializer import Normal
from ..static.graph import recording
from .names import NAMES, row
from .parameters import Parameters

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


def images_of(rois: Tensor, ends: Any, name: str, count: int) -> Tensor:
    """Return the number of each region's image, of the numbers of the regions up to that image's last.

    Raises:
        NotImplementedError: nothing says which regions are whose.
        ValueError: these are not all regions, or there are more images.
    """
    if rois.dim() != 2 or rois.shape[1] != 4:
        msg = f"rois has the shape {list(rois.shape)}; (R, 4) is needed."
        raise ValueError(msg)
    if ends is None:
        msg = f"regions whose images a LoD tells are not served here. Give {name}, a tensor."
        raise NotImplementedError(msg)
    if plain(ends).is_meta:
        return torch.zeros(len(rois), dtype=torch.int64, device=rois.device)
    listed = [int(each) for each in plain(ends)]
    if len(listed) > count or sorted(listed) != listed or (listed or [0])[-1] != len(rois):
        msg = f"{name} says that the regions of images end at {listed}; there are {len(rois)}, of {count} images."
        raise ValueError(msg)
    return torch.searchsorted(plain(ends), torch.arange(len(rois), device=rois.device), right=True)


def weighed(input: Tensor, images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return sums of pixels by weights of rows (R, P, H) and columns (R, Q, W): (R, C, P, Q)."""
    return like(torch.einsum("rchw,rph,rqw->rcpq", plain(input)[images], rows, columns), input)


def taps(first: Tensor, extent: Tensor, pooled: int, size: int, sampling_ratio: int) -> Tensor:
    """Return the weights of an axis' pixels in the mean of bilinear samples in each of the parts of regions."""
    found = torch.zeros(len(first), pooled, size, dtype=first.dtype, device=first.device)
    if found.is_meta:
        return found
    pixels = torch.arange(size, dtype=first.dtype, device=first.device)
    for index, (begin, length) in enumerate(zip(first, extent, strict=True)):
        part = length / pooled
        count = sampling_ratio if sampling_ratio > 0 else int(torch.ceil(part))
        places = torch.arange(count, dtype=first.dtype, device=first.device)
        at = begin + torch.arange(pooled, dtype=first.dtype, device=first.device).unsqueeze(1) * part
        at = at + (places + 0.5) * part / count
        held = (at >= -1) & (at <= size)
        near = (1 - (at.clamp(0, size - 1).unsqueeze(-1) - pixels).abs()).clamp(min=0)
        found[index] = (near * held.unsqueeze(-1)).mean(1)
    return found


@row("roi_align", rois_lod="rois_lod")
def roi_align(
    input: Tensor,
    rois: Tensor,
    pooled_height: int = 1,
    pooled_width: int = 1,
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    rois_lod: Any = None,
) -> Tensor:
    """Return means of bilinear samples in the parts of regions, (N, C, H, W) and (R, 4) -> (R, C, P, Q)."""
    images = images_of(rois, None if rois_lod is None else rois_lod[1:], "rois_lod", len(input))
    boxes = plain(rois).detach() * spatial_scale
    extent = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1)
    height, width = input.shape[2:]
    rows = taps(boxes[:, 1], extent[:, 1], pooled_height, height, sampling_ratio)
    columns = taps(boxes[:, 0], extent[:, 0], pooled_width, width, sampling_ratio)
    return weighed(input, images, rows, columns)


def parts(first: Tensor, last: Tensor, pooled: int, size: int) -> tuple[list[int], list[int]]:
    """Return where the parts of a region begin and end along an axis."""
    part = (last - first + 1).clamp(min=1) / pooled
    numbers = torch.arange(pooled + 1, dtype=part.dtype, device=part.device) * part
    begins, ends = torch.floor(numbers[:-1]) + first, torch.ceil(numbers[1:]) + first
    return [int(each) for each in begins.clamp(0, size)], [int(each) for each in ends.clamp(0, size)]


@row("roi_pool", rois_lod="rois_lod")
def roi_pool(
    input: Tensor,
    rois: Tensor,
    pooled_height: int = 1,
    pooled_width: int = 1,
    spatial_scale: float = 1.0,
    rois_lod: Any = None,
) -> Tensor:
    """Return the greatest pixels in the parts of regions, 0 in empty ones: (N, C, H, W) and (R, 4) -> (R, C, P, Q)."""
    images = images_of(rois, None if rois_lod is None else rois_lod[1:], "rois_lod", len(input))
    pixels = plain(input)
    if pixels.is_meta:
        return like(pixels.new_empty(len(rois), pixels.shape[1], pooled_height, pooled_width), input)
    boxes = plain(rois).detach() * spatial_scale
    boxes = torch.trunc(boxes + torch.copysign(torch.full_like(boxes, 0.5), boxes))
    found = []
    for image, box in zip(images, boxes, strict=True):
        tops, bottoms = parts(box[1], box[3], pooled_height, pixels.shape[2])
        lefts, rights = parts(box[0], box[2], pooled_width, pixels.shape[3])
        for top, bottom in zip(tops, bottoms, strict=True):
            for left, right in zip(lefts, rights, strict=True):
                part = pixels[image, :, top:bottom, left:right].flatten(1)
                # of equal ones the first has the gradient
                found.append(part.max(1).values if part.shape[1] else part.new_zeros(len(part)))
    shape = (len(rois), pooled_height, pooled_width, pixels.shape[1])
    return like(torch.stack(found).reshape(shape).permute(0, 3, 1, 2) if found else pixels.new_empty(0), input)


def covered(first: Tensor, extent: Tensor, pooled: int, size: int) -> Tensor:
    """Return the weights of an axis' pixels in the mean of what is between them, linearly; 0 outside and of no area."""
    part = extent / pooled
    edges = first.unsqueeze(1) + torch.arange(pooled + 1, dtype=first.dtype, device=first.device) * part.unsqueeze(1)
    apart = edges.unsqueeze(-1) - torch.arange(size, dtype=first.dtype, device=first.device)
    near = apart.clamp(-1, 1)
    # the integral of a triangle of height 1 from -1 on
    area = torch.where(near <= 0, (1 + near) ** 2 / 2, 1 - (1 - near) ** 2 / 2)
    return torch.where(part > 0, 1 / part, 0.0).reshape(-1, 1, 1) * (area[:, 1:] - area[:, :-1])


@row("prroi_pool", batch_roi_nums="batch_roi_nums")
def prroi_pool(
    input: Tensor,
    rois: Tensor,
    spatial_scale: float = 1.0,
    pooled_height: int = 1,
    pooled_width: int = 1,
    batch_roi_nums: Any = None,
) -> Tensor:
    """Return integrals of what is between pixels in the parts of regions, by their areas.

    Shape:
        (N, C, H, W) and (R, 4) -> (R, C, P, Q); `batch_roi_nums` (N,).

    Raises:
        TypeError: a number is of another type.
    """
    kinds = {"spatial_scale": (spatial_scale, float), "pooled_height": (pooled_height, int)}
    for name, (value, kind) in {**kinds, "pooled_width": (pooled_width, int)}.items():
        if not isinstance(value, kind):
            msg = f"{name} must be {kind.__name__} type; it is {value!r}."
            raise TypeError(msg)
    ends = None if batch_roi_nums is None else batch_roi_nums.cumsum(0)
    images = images_of(rois, ends, "batch_roi_nums", len(input))
    boxes = plain(rois) * spatial_scale
    extent = (boxes[:, 2:] - boxes[:, :2]).clamp(min=0)
    height, width = input.shape[2:]
    rows = covered(boxes[:, 1], extent[:, 1], pooled_height, height)
    return weighed(input, images, rows, covered(boxes[:, 0], extent[:, 0], pooled_width, width))


def two(value: Any) -> tuple[int, int]:
    """Return two integers, of one both."""
    first, second = value if isinstance(value, (list, tuple)) else (value, value)
    return int(first), int(second)


def moved(
    input: Tensor,
    offset: Tensor,
    mask: Tensor | None,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
) -> Tensor:
    """Apply a deformable convolution; see `../../deformable.py`."""
    factors = None if mask is None else plain(mask)
    found = deformed(plain(input), plain(offset), plain(weight), factors, two(stride), two(padding), two(dilation))
    return like(found if bias is None else found + plain(bias).reshape(-1, 1, 1), input)


def deformable_conv(
    input: Any,
    offset: Any,
    mask: Any,
    num_filters: int,
    filter_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int | None = None,
    deformable_groups: int | None = None,
    im2col_step: int | None = None,
    param_attr: Any = None,
    bias_attr: Any = None,
    modulated: bool = True,
    name: str | None = None,
) -> Any:
    """Apply a convolution of planes whose taps are moved, and with `modulated` multiplied by a mask.

    `im2col_step` is how many images the release takes at once, which changes no number.

    Raises:
        ValueError: `groups` or `deformable_groups` is None, of which the release makes zeros or an error; or what is
            given does not fit.
    """
    del im2col_step
    if groups is None or deformable_groups is None:
        msg = f"groups={groups} and deformable_groups={deformable_groups}: both must be given; 1 is the usual one."
        raise ValueError(msg)
    channels, window = int(input.shape[1]), two(filter_size)
    if channels % groups or int(offset.shape[1]) != 2 * deformable_groups * window[0] * window[1]:
        msg = (
            f"num_channels={channels} must be divisible by groups={groups}, and offset have "
            f"2 * {deformable_groups} * {window[0]} * {window[1]} channels; it has {offset.shape[1]}."
        )
        raise ValueError(msg)
    if modulated and mask is None:
        msg = "mask is None, which only modulated=False has none of. Give one, or modulated=False."
        raise ValueError(msg)
    parameters = Parameters("deformable_conv", name, input)
    deviation = (2.0 / (window[0] * window[1] * channels)) ** 0.5
    weight = parameters.create_parameter(
        [num_filters, channels // groups, *window], param_attr, default_initializer=Normal(0.0, deviation)
    )
    bias = parameters.create_parameter([num_filters], bias_attr, is_bias=True)
    return recording(moved)(input, offset, mask if modulated else None, weight, bias, stride, padding, dilation)


NAMES.function("layers.deformable_conv", deformable_conv, name="name")
