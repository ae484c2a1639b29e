"""Mirrors `megengine.data.transform`: what is done to samples; what cuts images and changes colours is beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Compose", "PseudoTransform", "ToMode", "Transform", "VisionTransform"]

SOURCE: Any = np.random  # NumPy's own generator, which scripts seed


class Transform(ABC):
    """What is done to a sample, a tuple: `apply`, which a class derived from it writes."""

    def apply_batch(self, inputs: Sequence[Any]) -> Any:
        """Apply it to each of several samples."""
        return tuple(map(self.apply, inputs))

    @abstractmethod
    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample."""

    def __repr__(self) -> str:
        return type(self).__name__


class PseudoTransform(Transform):
    """Changes nothing."""

    def apply(self, input: Any) -> Any:
        """Return the sample."""
        return input


class VisionTransform(Transform):
    """Does to each member of a sample what the method `_apply_<its kind>` says.

    Args:
        order: the kinds of the members: 'image' `(H, W, C)`, 'coords' `(N, 2)`, 'boxes' `(N, 4)`, two corners each,
            'mask' `(H, W, 1)`, 'keypoints' `(N, K, 3)`, 'polygons', and what ends in 'category' or 'info' and
            stays as it is. Default: None, ('image',).

    Raises:
        ValueError: `order` is no sequence, or has 'batch' in it.
        NotImplementedError: there is no method for a kind.
    """

    def __init__(self, order: Any = None) -> None:
        if order is not None and not isinstance(order, Sequence):
            msg = f"order should be a sequence, but got order={order}."
            raise ValueError(msg)
        for kind in order or ():
            if kind == "batch":
                msg = f"{kind} is invalid data type. Leave it out of order={order}."
                raise ValueError(msg)
            if self._method(kind) is None and not kind.endswith(("category", "info")):
                msg = f"{kind} is unsupported data type of {type(self).__name__}. Write its method _apply_{kind}."
                raise NotImplementedError(msg)
        self.order = ("image",) if order is None else order

    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample; one member alone comes without a tuple."""
        given = input if isinstance(input, tuple) else (input,)
        kinds = [*self.order, *[""] * len(given)]
        found = [(self._method(kind) or _same)(each) for kind, each in zip(kinds, given, strict=False)]
        return found[0] if len(found) == 1 else tuple(found)

    def _method(self, kind: str) -> Callable[[Any], Any] | None:
        return getattr(self, f"_apply_{kind}", None)

    def _image_of(self, input: Any) -> Any:
        return (input if isinstance(input, tuple) else (input,))[self.order.index("image")]

    def _apply_image(self, image: Any) -> Any:
        raise NotImplementedError

    def _apply_coords(self, coords: Any) -> Any:
        raise NotImplementedError

    def _apply_mask(self, mask: Any) -> Any:
        raise NotImplementedError

    def _apply_boxes(self, boxes: Any) -> Any:
        corners = np.asarray(boxes).reshape(-1, 4)[:, [0, 1, 2, 1, 0, 3, 2, 3]].reshape(-1, 2)
        moved = self._apply_coords(corners).reshape(-1, 4, 2)
        return np.concatenate((moved.min(axis=1), moved.max(axis=1)), axis=1)

    def _apply_keypoints(self, keypoints: Any) -> Any:
        moved = [self._apply_coords(each) for each in keypoints[..., :2]]
        return np.concatenate((moved, keypoints[..., 2:]), axis=-1)

    def _apply_polygons(self, polygons: Any) -> Any:
        return [[self._apply_coords(each) for each in instance] for instance in polygons]


def _same(member: Any) -> Any:
    return member


class OfValues(VisionTransform):
    """Changes the values of the image, and nothing of what says where something is."""

    def _apply_coords(self, coords: Any) -> Any:
        return coords

    def _apply_mask(self, mask: Any) -> Any:
        return mask


class ToMode(OfValues):
    """Brings the channels to the front.

    Raises:
        AssertionError: the mode is another than 'CHW'.
    """

    def __init__(self, mode: str = "CHW", *, order: Any = None) -> None:
        super().__init__(order)
        if mode != "CHW":
            msg = f"unsupported mode: {mode}; legal is 'CHW'."
            raise AssertionError(msg)
        self.mode = mode

    def _apply_image(self, image: Any) -> Any:
        return np.ascontiguousarray(np.moveaxis(image, 2, 0))

    def _apply_mask(self, mask: Any) -> Any:
        return self._apply_image(mask)


class Compose(VisionTransform):
    """Transforms one after the other.

    Args:
        transforms: each takes the order of this one.
        batch_compose: whether a transform takes the whole batch before the next does. Default: False.
        shuffle_indices: groups of places, from 1, whose transforms change places at random for each sample.
        order: as in `VisionTransform`.

    Raises:
        ValueError: both of these are given.
    """

    def __init__(
        self,
        transforms: Sequence[Any] = [],
        batch_compose: bool = False,
        shuffle_indices: Any = None,
        *,
        order: Any = None,
    ) -> None:
        super().__init__(order)
        self.transforms = transforms
        self._set_order()
        if batch_compose and shuffle_indices is not None:
            msg = "Do not support shuffle when apply transforms along the whole batch. Leave out one of the two."
            raise ValueError(msg)
        self.batch_compose = batch_compose
        self.shuffle_indices = (
            None if shuffle_indices is None else [tuple(place - 1 for place in group) for group in shuffle_indices]
        )

    def _set_order(self) -> None:
        for each in self.transforms:
            each.order = self.order
            if isinstance(each, Compose):
                each._set_order()

    def apply_batch(self, inputs: Sequence[Any]) -> Any:
        """Apply them to each of several samples."""
        if not self.batch_compose:
            return super().apply_batch(inputs)
        for each in self.transforms:
            inputs = each.apply_batch(inputs)
        return inputs

    def apply(self, input: Any) -> Any:
        """Return what becomes of a sample."""
        places = list(range(len(self.transforms)))
        for group in self.shuffle_indices or ():
            for place, other in zip(group, SOURCE.permutation(group).tolist(), strict=True):
                places[place] = other
        for place in places:
            input = self.transforms[place].apply(input)
        return input
