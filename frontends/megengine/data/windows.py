"""Transforms that put borders around images, cut windows out and reverse them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .transform import SOURCE, VisionTransform

__all__ = ["CenterCrop", "Pad", "RandomCrop", "RandomHorizontalFlip", "RandomVerticalFlip"]


class Pad(VisionTransform):
    """Puts a border around.

    Args:
        size: one width for all sides, two for below and right, or four: above, below, left and right. Default: 0.
        value: of the image's border, one for each channel; a number is the first channel's, and others are 0.
            A float makes a float32 of the image. Default: 0.
        mask_value: of the mask's. Default: 0.
        order: as in `VisionTransform`.

    Raises:
        ValueError: a size or the mask's value is of another form.
    """

    def __init__(self, size: Any = 0, value: Any = 0, mask_value: int = 0, *, order: Any = None) -> None:
        super().__init__(order)
        self.size = _sides(size)
        self.value = value
        if not isinstance(mask_value, int):
            msg = f"mask_value should be a positive integer, but got mask_value={mask_value}."
            raise ValueError(msg)
        self.mask_value = mask_value

    def _apply_image(self, image: Any) -> Any:
        return bordered(image, self.size, self.value)

    def _apply_coords(self, coords: Any) -> Any:
        coords[:, 0] += self.size[2]
        coords[:, 1] += self.size[0]
        return coords

    def _apply_mask(self, mask: Any) -> Any:
        return bordered(mask, self.size, self.mask_value)


def _sides(size: Any) -> tuple[int, ...]:
    if isinstance(size, int):
        return (size,) * 4
    if not isinstance(size, Sequence) or len(size) not in (2, 4):
        msg = f"size should be a list/tuple which contains (top, down, left, right) four pad sizes; it is {size!r}."
        raise ValueError(msg)
    return (0, size[0], 0, size[1]) if len(size) == 2 else tuple(size)


def bordered(image: Any, size: tuple[int, ...], value: Any) -> Any:
    """Return an image with a border of these widths above, below, left and right.

    Raises:
        ValueError: it has other than three axes.
    """
    checked(image)
    if np.array(value).dtype == float:
        image = image.astype(np.float32)
    top, below, left, right = size
    result = np.empty((image.shape[0] + top + below, image.shape[1] + left + right, image.shape[2]), image.dtype)
    border = np.zeros(max(image.shape[2], 4))
    given = np.ravel(value)[: len(border)]
    border[: len(given)] = given
    limits = np.iinfo(image.dtype) if image.dtype.kind in "iu" else None
    result[...] = border[: image.shape[2]] if limits is None else border[: image.shape[2]].clip(limits.min, limits.max)
    result[top : top + image.shape[0], left : left + image.shape[1]] = image
    return result


def checked(image: Any) -> Any:
    """Return an image.

    Raises:
        ValueError: it has other than three axes.
    """
    if len(image.shape) != 3:
        msg = f"image must have 3 dims, but got {len(image.shape)} dims. Give (H, W, C)."
        raise ValueError(msg)
    return image


def _pair(size: Any) -> Any:
    return (size, size) if isinstance(size, int) else size


class _Crop(VisionTransform):
    """Cuts a window out, whose place and size `_place` says for each sample."""

    _x: int
    _y: int
    output_size: Any

    def _apply_image(self, image: Any) -> Any:
        height, width = self.output_size
        return image[self._y : self._y + height, self._x : self._x + width]

    def _apply_mask(self, mask: Any) -> Any:
        return self._apply_image(mask)

    def _apply_coords(self, coords: Any) -> Any:
        coords[:, 0] -= self._x
        coords[:, 1] -= self._y
        return coords


class CenterCrop(_Crop):
    """Cuts out the middle.

    Raises:
        AssertionError: the image is smaller.
    """

    def __init__(self, output_size: Any, *, order: Any = None) -> None:
        super().__init__(order)
        self.output_size = _pair(output_size)

    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample."""
        height, width, _ = self._image_of(input).shape
        if self.output_size[0] > height or self.output_size[1] > width:
            msg = f"output size is bigger than image size: {self.output_size} of {(height, width)}. Pad it first."
            raise AssertionError(msg)
        self._x, self._y = round((width - self.output_size[1]) / 2), round((height - self.output_size[0]) / 2)
        return super().apply(input)


class RandomCrop(_Crop):
    """Puts a border around, wider where the image is smaller than the window, and cuts out a window at random.

    Args:
        output_size: height and width of the window, or one number for both.
        padding_size: as `size` in `Pad`. Default: 0.
        padding_value: as `value` in `Pad`. Default: [0, 0, 0].
        padding_maskvalue: of the mask's border, where the image is smaller. Default: 0.
        order: as in `VisionTransform`.
    """

    def __init__(
        self,
        output_size: Any,
        padding_size: Any = 0,
        padding_value: Any = [0, 0, 0],  # noqa: B006, likewise
        padding_maskvalue: int = 0,
        *,
        order: Any = None,
    ) -> None:
        super().__init__(order)
        self.output_size = _pair(output_size)
        self.pad = Pad(padding_size, padding_value, order=self.order)
        self.padding_value = padding_value
        self.padding_maskvalue = padding_maskvalue

    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample."""
        input = self.pad.apply(input)
        height, width, _ = self._image_of(input).shape
        self._missing = max(0, self.output_size[0] - height), max(0, self.output_size[1] - width)
        self._x = SOURCE.randint(0, max(0, width - self.output_size[1]) + 1)
        self._y = SOURCE.randint(0, max(0, height - self.output_size[0]) + 1)
        return super().apply(input)

    def _apply_image(self, image: Any) -> Any:
        return super()._apply_image(self._widened(image, self.padding_value))

    def _apply_mask(self, mask: Any) -> Any:
        return super()._apply_image(self._widened(mask, self.padding_maskvalue))

    def _widened(self, image: Any, value: Any) -> Any:
        return bordered(image, _sides(self._missing), value) if any(self._missing) else image


class _Flip(VisionTransform):
    """Reverses an axis with a probability."""

    axis: ClassVar[int]

    def __init__(self, prob: float = 0.5, *, order: Any = None) -> None:
        super().__init__(order)
        self.prob = prob

    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample."""
        self._flipped = SOURCE.random() < self.prob
        self._size = self._image_of(input).shape[self.axis]
        return super().apply(input)

    def _apply_image(self, image: Any) -> Any:
        return np.ascontiguousarray(np.flip(checked(image), self.axis)) if self._flipped else image

    def _apply_mask(self, mask: Any) -> Any:
        return self._apply_image(mask)

    def _apply_coords(self, coords: Any) -> Any:
        if self._flipped:
            coords[:, 1 - self.axis] = self._size - coords[:, 1 - self.axis]
        return coords


class RandomHorizontalFlip(_Flip):
    """Exchanges left and right with a probability, half unless given."""

    axis = 1


class RandomVerticalFlip(_Flip):
    """Exchanges above and below with a probability, half unless given."""

    axis = 0
