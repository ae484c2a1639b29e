"""Boxes that detectors begin with, around every place of a feature map, and their variances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ...tensor import like, plain
from ..values import single
from .names import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__: list[str] = []

VARIANCE = (0.1, 0.1, 0.2, 0.2)


def numbers(value: Any) -> list[float]:
    """Return floats, rounded to float32 as in the release; of one number one."""
    return [single(float(each)) for each in (value if isinstance(value, (list, tuple)) else [value])]


def pair(name: str, value: Any) -> list[float]:
    """Return two floats.

    Raises:
        ValueError: these are no list of two numbers.
    """
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        msg = f"{name} should be a list or tuple with length 2, ({name}_width, {name}_height); it is {value!r}."
        raise ValueError(msg)
    return numbers(value)


def around(input: Tensor, first: Sequence[float], step: Sequence[float], offsets: Sequence[Sequence[float]]) -> Tensor:
    """Return boxes (H, W, P, 4) around the places of (N, C, H, W): `offsets` are those of their P corners twice."""
    height, width = input.shape[2:]
    kind: Any = {"device": input.device, "dtype": input.dtype}
    x, y = (torch.arange(size, **kind) * by + at for size, by, at in zip((width, height), step, first, strict=True))
    places = torch.stack([x.expand(height, width), y.unsqueeze(1).expand(height, width)], -1)
    return like(places.repeat(1, 1, 2).unsqueeze(2) + torch.tensor(offsets, **kind), input)


def varied(boxes: Tensor, variance: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Return boxes and the variances of each."""
    return boxes, like(plain(boxes).new_tensor(numbers(variance)).expand(boxes.shape).clone(), boxes)


def within(image: Tensor, boxes: Tensor) -> Tensor:
    """Return boxes in parts of an image's size."""
    height, width = image.shape[2:]
    return boxes / plain(boxes).new_tensor([width, height, width, height])


def strides(input: Tensor, image: Tensor, steps: Any) -> list[float]:
    """Return the distances of places along x and y; where one is 0, they fill the image."""
    given = pair("steps", steps)
    return given if all(given) else [image.shape[axis] / input.shape[axis] for axis in (3, 2)]


def half(width: float, height: float) -> list[float]:
    """Return the corners of a box around 0."""
    return [-width / 2, -height / 2, width / 2, height / 2]


@row("prior_box", several=True)
def prior_box(
    input: Tensor,
    image: Tensor,
    min_sizes: Any,
    max_sizes: Any = None,
    aspect_ratios: Any = (1.0,),
    variance: Sequence[float] = VARIANCE,
    flip: bool = False,
    clip: bool = False,
    steps: Any = (0.0, 0.0),
    offset: float = 0.5,
    min_max_aspect_ratios_order: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return the boxes of SSD, (H, W, P, 4), in parts of the image, and their variances.

    Raises:
        ValueError: there are not as many greatest sizes as least ones, or one is not greater.
    """
    step = strides(input, image, steps)
    least, greatest = numbers(min_sizes), [] if max_sizes is None else numbers(max_sizes)
    if not greatest or greatest[0] <= 0:
        greatest = []
    elif len(greatest) != len(least) or any(high <= low for low, high in zip(least, greatest, strict=True)):
        msg = f"max_sizes={max_sizes!r}: one for each of min_sizes={min_sizes!r}, greater than it, is needed."
        raise ValueError(msg)
    ratios = [1.0]
    for ratio in numbers(aspect_ratios):
        if all(abs(ratio - known) >= 1e-6 for known in ratios):
            ratios += [ratio, 1 / ratio] if flip else [ratio]
    offsets = []
    for index, low in enumerate(least):
        shaped = [half(low * math.sqrt(ratio), low / math.sqrt(ratio)) for ratio in ratios]
        square = [half(*[math.sqrt(low * greatest[index])] * 2)] if greatest else []
        offsets += [shaped[0], *square, *shaped[1:]] if min_max_aspect_ratios_order else [*shaped, *square]
    boxes = within(image, around(input, [offset * each for each in step], step, offsets))
    return varied(boxes.clamp(0, 1) if clip else boxes, variance)


@row("density_prior_box", several=True)
def density_prior_box(
    input: Tensor,
    image: Tensor,
    densities: Any = None,
    fixed_sizes: Any = None,
    fixed_ratios: Any = None,
    variance: Sequence[float] = VARIANCE,
    clip: bool = False,
    steps: Any = (0.0, 0.0),
    offset: float = 0.5,
    flatten_to_2d: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return boxes of fixed sizes, several at every place, and their variances; always inside the image.

    `clip` has nothing left to do, in the release either.

    Raises:
        TypeError: densities, sizes or ratios are no list.
        ValueError: there are not as many sizes as densities.
    """
    for name, value in {"densities": densities, "fixed_sizes": fixed_sizes, "fixed_ratios": fixed_ratios}.items():
        if not isinstance(value, (list, tuple)):
            msg = f"{name} of density_prior_box must be a list or tuple; it is {value!r}."
            raise TypeError(msg)
    if len(densities) != len(fixed_sizes):
        msg = f"densities={densities!r} and fixed_sizes={fixed_sizes!r} length should be equal."
        raise ValueError(msg)
    step = strides(input, image, steps)
    average = int(sum(step) / 2)
    offsets = []
    for density, size in zip(map(int, densities), numbers(fixed_sizes), strict=True):
        shift = average // density
        begin = shift / 2 - average / 2
        for ratio in numbers(fixed_ratios):
            box = half(size * math.sqrt(ratio), size / math.sqrt(ratio))
            offsets += [
                [begin + (column, row_)[side % 2] * shift + at for side, at in enumerate(box)]
                for row_ in range(density)
                for column in range(density)
            ]
    boxes = within(image, around(input, [offset * each for each in step], step, offsets)).clamp(0, 1)
    return varied(boxes.reshape(-1, 4) if flatten_to_2d else boxes, variance)


@row("anchor_generator", several=True)
def anchor_generator(
    input: Tensor,
    anchor_sizes: Any = None,
    aspect_ratios: Any = None,
    variance: Sequence[float] = VARIANCE,
    stride: Any = None,
    offset: float = 0.5,
) -> tuple[Tensor, Tensor]:
    """Return the anchors of Faster R-CNN, (H, W, P, 4), in pixels, and their variances."""
    step = pair("stride", stride)
    offsets = []
    for ratio in numbers(aspect_ratios):
        # a whole number of pixels at the scale of one stride, halves away from 0
        width = math.floor(math.sqrt(math.prod(step) / ratio) + 0.5)
        height = math.floor(width * ratio + 0.5)
        offsets += [half(size / step[0] * width - 1, size / step[1] * height - 1) for size in numbers(anchor_sizes)]
    return varied(around(input, [offset * (each - 1) for each in step], step, offsets), variance)
