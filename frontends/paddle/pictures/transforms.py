"""Rows of the classes of `paddle.vision.transforms`; what is drawn comes from Python's `random`."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...names import Derived
from ..names import NAMES
from . import pillow
from .functions import applied, size_of
from .transform import BaseTransform

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []


class Fixed(BaseTransform):
    """A function of a picture with the constructor's arguments.

    Attributes:
        function: what is done.
        check: raises where an argument is illegal; or None.
    """

    function: Callable[..., Any]
    check: Callable[..., None] | None = None

    def _begin(self, keys: Any = None, **arguments: Any) -> None:
        if self.check is not None:
            self.check(**arguments)
        super().__init__(keys)
        self.__dict__.update(arguments)
        self._arguments = arguments

    def _apply_image(self, image: Any) -> Any:
        return type(self).function(image, *[getattr(self, name) for name in self._arguments])


class Drawn(Fixed):
    """A function of a picture, the constructor's arguments and what is drawn for each call.

    Attributes:
        draw: from the transform and the picture to the function that is applied.
    """

    draw: Callable[[Any, Any], Callable[[Any], Any]]

    def _get_params(self, inputs: Any) -> Any:
        return type(self).draw(self, inputs[self.keys.index("image")])

    def _apply_image(self, image: Any) -> Any:
        return self.params(image)


def transform(name: str, base: type, **facts: Any) -> None:
    """Serve a class."""
    full = f"vision.transforms.{name}"
    takes = frozenset(NAMES.signatures.signature(full).parameters)
    static = {key: staticmethod(each) if callable(each) else each for key, each in facts.items()}
    NAMES.add(Derived(full, base, takes, facts=static))


def named(name: str) -> Callable[..., Any]:
    """Return a function of the release."""
    return NAMES.get(f"vision.transforms.{name}")  # type: ignore[no-any-return]


def is_size(size: Any) -> None:
    """Raise AssertionError for what is no size."""
    if not isinstance(size, int) and not (isinstance(size, (list, tuple)) and len(size) == 2):
        msg = f"size={size!r} must be an int, or rows and columns."
        raise AssertionError(msg)


def is_padding(padding: Any, fill: Any, padding_mode: Any) -> None:
    """Raise AssertionError for what is no padding, colour or mode."""
    modes = ("constant", "edge", "reflect", "symmetric")
    if not isinstance(padding, (int, list, tuple)) or not isinstance(fill, (int, float, str, list, tuple)):
        msg = f"padding={padding!r} must be one int, 2 or 4, and fill={fill!r} a colour."
        raise AssertionError(msg)
    if padding_mode not in modes:
        msg = f"padding_mode={padding_mode!r} must be one of {', '.join(modes)}."
        raise AssertionError(msg)


def transposed(image: Any, order: Any) -> Any:
    """Return a picture as an array with its axes in another order."""
    array = np.asarray(image)
    return (array if array.ndim == 3 else array[..., None]).transpose(order)


transform("ToTensor", Fixed, function=named("to_tensor"))
transform("Resize", Fixed, function=named("resize"), check=lambda size, interpolation: is_size(size))
transform("CenterCrop", Fixed, function=named("center_crop"))
transform("Normalize", Fixed, function=named("normalize"))
transform("Transpose", Fixed, function=transposed)
transform("Pad", Fixed, function=named("pad"), check=is_padding)
transform("Grayscale", Fixed, function=named("to_grayscale"))


def span(value: Any, name: str, center: float = 1.0, bound: tuple[float, float] = (0, math.inf)) -> Any:
    """Return from where to where a factor is drawn: one number is how far on both sides.

    Raises:
        ValueError: it is negative, or lies elsewhere.
        TypeError: it is neither one number nor two.
    """
    if isinstance(value, (int, float)):
        if value < 0:
            msg = f"If {name} is a single number, it must be non negative; it is {value}."
            raise ValueError(msg)
        low, high = center - value, center + value
        low = max(low, 0) if center == 1.0 else low
    elif isinstance(value, (list, tuple)) and len(value) == 2:
        low, high = value
    else:
        msg = f"{name} should be a single number or a list/tuple with length 2; it is {value!r}."
        raise TypeError(msg)
    if not bound[0] <= low <= high <= bound[1]:
        msg = f"{name} values should be between {bound}; they are {value!r}."
        raise ValueError(msg)
    return None if low == high == center else (low, high)


def factor(operation: str, name: str, center: float = 1.0, bound: tuple[float, float] = (0, math.inf)) -> Any:
    """Return what draws a factor, and applies it; nothing is done where there is only that which changes nothing."""

    def draw(self: Any, image: Any) -> Callable[[Any], Any]:
        limits = span(self.value, name, center, bound)
        return lambda each: each if limits is None else applied(operation, each, random.uniform(*limits))

    return draw


def check_factor(name: str, center: float = 1.0, bound: tuple[float, float] = (0, math.inf)) -> Any:
    """Return what checks one."""
    return lambda value: span(value, name, center, bound) and None


for _name in ("brightness", "saturation"):
    transform(f"{_name.title()}Transform", Drawn, draw=factor(f"adjust_{_name}", _name), check=check_factor(_name))


def contrast_value(value: Any) -> None:
    """Raise ValueError for a negative contrast."""
    if isinstance(value, (int, float)) and value < 0:
        msg = f"contrast value should be non-negative; it is {value}."
        raise ValueError(msg)
    span(value, "contrast")


transform("ContrastTransform", Drawn, draw=factor("adjust_contrast", "contrast"), check=contrast_value)
transform(
    "HueTransform",
    Drawn,
    draw=factor("adjust_hue", "hue", 0.0, (-0.5, 0.5)),
    check=check_factor("hue", 0.0, (-0.5, 0.5)),
)


def jittered(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw four factors, and an order of what they do."""
    parts = [
        NAMES.get(f"vision.transforms.{name.title()}Transform")(getattr(self, name))
        for name in ("brightness", "contrast", "saturation", "hue")
    ]
    random.shuffle(parts)
    return NAMES.get("vision.transforms.Compose")(parts)  # type: ignore[no-any-return]


def check_jitter(**values: Any) -> None:
    """Raise where a factor is illegal."""
    for name, value in values.items():
        span(value, name, *((0.0, (-0.5, 0.5)) if name == "hue" else ()))


transform("ColorJitter", Drawn, draw=jittered, check=check_jitter)


def perhaps(operation: str) -> Callable[[Any, Any], Callable[[Any], Any]]:
    """Return what does something with a probability."""

    def draw(self: Any, image: Any) -> Callable[[Any], Any]:
        happens = random.random() < self.prob
        return lambda each: applied(operation, each) if happens else each

    return draw


transform("RandomHorizontalFlip", Drawn, draw=perhaps("hflip"))
transform("RandomVerticalFlip", Drawn, draw=perhaps("vflip"))


def cropped(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw a part of the size that is wanted, of a picture that is padded first where that is asked for."""
    size = (self.size, self.size) if isinstance(self.size, int) else tuple(self.size)

    def padded(each: Any) -> Any:
        pad = named("pad")
        if self.padding is not None:
            each = pad(each, self.padding, self.fill, self.padding_mode)
        for axis, sides in ((1, lambda more: (more, 0)), (0, lambda more: (0, more))):
            lacking = size[axis] - size_of(each)[axis]
            if self.pad_if_needed and lacking > 0:
                each = pad(each, sides(lacking), self.fill, self.padding_mode)
        return each

    height, width = size_of(padded(image))
    if (height, width) == size:
        return padded
    top, left = random.randint(0, height - size[0]), random.randint(0, width - size[1])
    return lambda each: applied("crop", padded(each), top, left, *size)


transform("RandomCrop", Drawn, draw=cropped)


def window(height: int, width: int, scale: Any, ratio: Any) -> tuple[int, int, int, int] | None:
    """Draw a part by its share of the area and by width / height; None where ten do not fit."""
    for _ in range(10):
        area = random.uniform(*scale) * height * width
        shape = math.exp(random.uniform(math.log(ratio[0]), math.log(ratio[1])))
        columns, rows = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if 0 < columns <= width and 0 < rows <= height:
            return random.randint(0, height - rows), random.randint(0, width - columns), rows, columns
    return None


def resized(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw a part, which is resized; the middle where none fits."""
    height, width = size_of(image)
    found = window(height, width, self.scale, self.ratio)
    if found is None:
        low, high = self.ratio
        rows, columns = height, width
        if width / height < low:
            rows = round(width / low)
        elif width / height > high:
            columns = round(height * high)
        found = (height - rows) // 2, (width - columns) // 2, rows, columns
    size = (self.size, self.size) if isinstance(self.size, int) else tuple(self.size)
    return lambda each: applied("resize", applied("crop", each, *found), size, self.interpolation)


transform("RandomResizedCrop", Drawn, draw=resized)


def angles(degrees: Any, name: str = "degrees") -> Any:
    """Return from where to where an angle is drawn.

    Raises:
        ValueError: one number is negative, or there are not two.
    """
    if isinstance(degrees, (int, float)):
        if degrees < 0:
            msg = f"If {name} is a single number, it must be positive; it is {degrees}."
            raise ValueError(msg)
        return -degrees, degrees
    if len(degrees) not in ((2,) if name == "degrees" else (2, 4)):
        msg = f"If {name} is a sequence, it must be of len 2; it is {degrees!r}."
        raise ValueError(msg)
    return tuple(degrees)


def turned(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw an angle."""
    angle = random.uniform(*angles(self.degrees))
    return lambda each: applied("rotate", each, angle, self.interpolation, self.expand, self.center, self.fill)


transform("RandomRotation", Drawn, draw=turned, check=lambda degrees, **_: angles(degrees) and None)


def moved(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw an angle, a way, a size and a shear."""
    height, width = size_of(image)
    angle = random.uniform(*angles(self.degrees))
    way = [0, 0]
    if self.translate is not None:
        far = self.translate[0] * width, self.translate[1] * height
        way = [round(random.uniform(-each, each)) for each in far]
    scale = 1.0 if self.scale is None else random.uniform(*self.scale)
    shear = [0.0, 0.0]
    if self.shear is not None:
        limits = angles(self.shear, "shear")
        shear = [random.uniform(*limits[:2]), random.uniform(*limits[2:]) if len(limits) == 4 else 0.0]
    affine = named("affine")
    return lambda each: affine(each, angle, way, scale, shear, self.interpolation, self.fill, self.center)


def check_moves(degrees: Any, translate: Any, scale: Any, shear: Any, **_: Any) -> None:
    """Raise ValueError where one of them is illegal."""
    angles(degrees)
    if translate is not None and not all(0.0 <= each <= 1.0 for each in translate):
        msg = f"translation values should be between 0 and 1; they are {translate!r}."
        raise ValueError(msg)
    if scale is not None and any(each <= 0 for each in scale):
        msg = f"scale values should be positive; they are {scale!r}."
        raise ValueError(msg)
    if shear is not None:
        angles(shear, "shear")


transform("RandomAffine", Drawn, draw=moved, check=check_moves)


def corners(width: int, height: int, distortion_scale: float) -> Any:
    """Draw where the corners go: each up to half of a share of the picture inwards."""
    far_x, far_y = (int(distortion_scale * (each // 2)) for each in (width, height))
    starts = [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)]
    ends = [(abs(x - random.randint(0, far_x)), abs(y - random.randint(0, far_y))) for x, y in starts]
    return [list(each) for each in starts], [list(each) for each in ends]


def seen_aside(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw whether, and how, a picture is seen from aside."""
    height, width = size_of(image)
    if random.random() >= self.prob:
        return lambda each: each
    starts, ends = corners(width, height, self.distortion_scale)
    return lambda each: applied("perspective", each, starts, ends, self.interpolation, self.fill)


def check_probability(prob: float, **_: Any) -> None:
    """Raise AssertionError for what is no probability."""
    if not 0 <= prob <= 1:
        msg = f"probability must be between 0 and 1; it is {prob}."
        raise AssertionError(msg)


transform(
    "RandomPerspective",
    Drawn,
    draw=seen_aside,
    check=check_probability,
    get_params=corners,
)


def check_erasing(prob: float, scale: Any, ratio: Any, value: Any, **_: Any) -> None:
    """Raise where one of them is illegal."""
    if not (0 <= scale[0] <= scale[1] <= 1) or ratio[0] > ratio[1]:
        msg = f"scale={scale!r} should be of kind (min, max) and in range [0, 1], and ratio={ratio!r} likewise."
        raise AssertionError(msg)
    check_probability(prob)
    if isinstance(value, str) and value != "random":
        msg = f"value must be 'random' when type is str; it is {value!r}."
        raise ValueError(msg)


def erased(self: Any, image: Any) -> Callable[[Any], Any]:
    """Draw a part, which becomes a colour, or noise."""
    height, width = size_of(image)
    if random.random() >= self.prob:
        return lambda each: each
    found = window(height, width, self.scale, self.ratio)
    if found is None or found[2:] == (height, width):
        return lambda each: each
    top, left, rows, columns = found

    def applied_to(each: Any) -> Any:
        first = isinstance(each, torch.Tensor)
        channels = each.shape[-3] if first else len(each.getbands()) if pillow.is_image(each) else each.shape[-1]
        noise = np.random.normal(size=(rows, columns, channels)) if self.value == "random" else None  # noqa: NPY002
        if noise is None:
            colour: Any = np.array(self.value, "float32").reshape(-1)
            colour = torch.as_tensor(colour).reshape(-1, 1, 1) if first else colour
        else:
            colour = torch.from_numpy(noise.astype("float32")).permute(2, 0, 1) if first else noise
        return applied("erase", each, top, left, rows, columns, colour, self.inplace)

    return applied_to


transform("RandomErasing", Drawn, draw=erased, check=check_erasing)
