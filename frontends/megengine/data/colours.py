"""Transforms that change the values of images `(H, W, C)`, blue first, in NumPy.

What turns hues or resizes is not here: those are OpenCV's, whose fixed-point arithmetic nothing else repeats.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .transform import SOURCE, Compose, OfValues, VisionTransform
from .windows import checked

__all__ = [
    "BrightnessTransform",
    "ColorJitter",
    "ContrastTransform",
    "GaussianNoise",
    "Lighting",
    "Normalize",
    "SaturationTransform",
]

GRAY = np.array([0.114, 0.587, 0.299], np.float32)  # luma of blue, green and red, ITU-R BT.601


class Normalize(OfValues):
    """Subtracts `mean` and divides by `std`, each a number or one for each channel."""

    def __init__(self, mean: Any = 0.0, std: Any = 1.0, *, order: Any = None) -> None:
        super().__init__(order)
        self.mean = np.array(mean, dtype=np.float32)
        self.std = np.array(std, dtype=np.float32)

    def _apply_image(self, image: Any) -> Any:
        return (image - self.mean) / self.std


class GaussianNoise(OfValues):
    """Adds normal values of this mean and deviation, which are parts of 255; values stay in 0 to 255."""

    def __init__(self, mean: Any = 0.0, std: Any = 1.0, *, order: Any = None) -> None:
        super().__init__(order)
        self.mean = np.array(mean, dtype=np.float32)
        self.std = np.array(std, dtype=np.float32)

    def _apply_image(self, image: Any) -> Any:
        noise = SOURCE.normal(self.mean, self.std, image.shape) * 255
        return np.clip(image + noise.astype(np.float32), 0, 255).astype(image.dtype)


class _Mixed(OfValues):
    """Mixes the image with something gray by a random factor around 1; values stay in 0 to 255.

    Args:
        value: how far the factor is from 1 at most; 0 changes nothing.
        order: as in `VisionTransform`.

    Raises:
        ValueError: it is negative.
    """

    word: ClassVar[str]

    def __init__(self, value: float, *, order: Any = None) -> None:
        super().__init__(order)
        if value < 0:
            msg = f"{self.word} value should be non-negative; it is {value}."
            raise ValueError(msg)
        self.value = value

    def _apply_image(self, image: Any) -> Any:
        if self.value == 0:
            return image
        exact = image.astype(np.float32)
        factor = SOURCE.uniform(max(0, 1 - self.value), 1 + self.value)
        return (exact * factor + self._gray(exact) * (1 - factor)).clip(0, 255).astype(image.dtype)

    def _gray(self, image: Any) -> Any:
        raise NotImplementedError


class BrightnessTransform(_Mixed):
    """Mixes the image with black."""

    word = "brightness"

    def _gray(self, image: Any) -> Any:
        return 0


class ContrastTransform(_Mixed):
    """Mixes the image with the mean of its brightness."""

    word = "contrast"

    def _gray(self, image: Any) -> Any:
        return (checked(image) @ GRAY).mean()


class SaturationTransform(_Mixed):
    """Mixes the image with its brightness."""

    word = "saturation"

    def _gray(self, image: Any) -> Any:
        return (checked(image) @ GRAY)[:, :, np.newaxis]


class ColorJitter(VisionTransform):
    """Changes brightness, contrast and saturation, in random order, each as far as is said; 0 leaves it.

    Raises:
        NotImplementedError: `hue` is not 0: turning hues is OpenCV's.
    """

    def __init__(
        self, brightness: float = 0, contrast: float = 0, saturation: float = 0, hue: float = 0, *, order: Any = None
    ) -> None:
        super().__init__(order)
        if hue != 0:
            msg = f"hue={hue!r}; only 0 is served: turning hues is OpenCV's. Leave it out."
            raise NotImplementedError(msg)
        kinds = (BrightnessTransform, brightness), (ContrastTransform, contrast), (SaturationTransform, saturation)
        made = [kind(value) for kind, value in kinds if value != 0]
        self.transforms = Compose(made, shuffle_indices=[tuple(range(1, len(made) + 1))], order=order)

    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample."""
        return self.transforms.apply(input)

    def _apply_image(self, image: Any) -> Any:
        return self.transforms.apply(image)

    def _apply_coords(self, coords: Any) -> Any:
        return coords

    def _apply_mask(self, mask: Any) -> Any:
        return mask


class Lighting(OfValues):
    """Adds to each pixel a random amount along the colours' principal components, as AlexNet's training did.

    Args:
        scale: the deviation of the amounts; 0 changes nothing.
        order: as in `VisionTransform`.

    Raises:
        ValueError: it is negative.
    """

    # of ImageNet's pixels, blue first; Krizhevsky and others, section 4.1
    eigvec = np.array([[-0.5836, -0.6948, 0.4203], [-0.5808, -0.0045, -0.8140], [-0.5675, 0.7192, 0.4009]])
    eigval = np.array([0.2175, 0.0188, 0.0045])

    def __init__(self, scale: float, *, order: Any = None) -> None:
        super().__init__(order)
        if scale < 0:
            msg = f"lighting scale should be non-negative; it is {scale}."
            raise ValueError(msg)
        self.scale = scale

    def _apply_image(self, image: Any) -> Any:
        if self.scale == 0:
            return image
        amounts = SOURCE.normal(scale=self.scale * 255, size=3) * self.eigval
        return (image.astype(np.float32) + self.eigvec.dot(amounts)).clip(0, 255).astype(image.dtype)
