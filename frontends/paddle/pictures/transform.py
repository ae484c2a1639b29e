"""The base class of `paddle.vision.transforms`, and what makes a chain of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BaseTransform", "Compose"]


class BaseTransform:
    """What is done to a picture, or to several things of which `keys` tells the kind.

    A class of one's own has `_apply_image`, and `_apply_coords`, `_apply_boxes` or `_apply_mask` for what else it is
    given; `_get_params` may draw what they share, which is `params` then.

    Args:
        keys: 'image', 'coords', 'boxes' or 'mask' for each thing. Default: None, a picture.

    Raises:
        ValueError: `keys` is no list or tuple.
        NotImplementedError: there is no such kind.
    """

    def __init__(self, keys: Any = None) -> None:
        if keys is None:
            keys = ("image",)
        elif not isinstance(keys, (list, tuple)):
            msg = f"keys should be a sequence, but got keys={keys}."
            raise ValueError(msg)
        for key in keys:
            if self._get_apply(key) is None:
                msg = f"{key} is unsupported data structure; there are image, coords, boxes and mask."
                raise NotImplementedError(msg)
        self.keys = keys
        self.params: Any = None

    def _get_params(self, inputs: Any) -> Any:
        return None

    def _get_apply(self, key: str) -> Callable[[Any], Any] | None:
        return getattr(self, f"_apply_{key}", None)

    def __call__(self, inputs: Any) -> Any:
        """Return what becomes of a picture, or of a tuple of things."""
        given = inputs if isinstance(inputs, tuple) else (inputs,)
        self.params = self._get_params(given)
        found = []
        for index, each in enumerate(given):
            apply = self._get_apply(self.keys[index]) if index < len(self.keys) else None
            found.append(each if apply is None else apply(each))
        return found[0] if len(found) == 1 else tuple(found)

    def _apply_image(self, image: Any) -> Any:
        raise NotImplementedError

    def _apply_boxes(self, boxes: Any) -> Any:
        raise NotImplementedError

    def _apply_mask(self, mask: Any) -> Any:
        raise NotImplementedError

    def _apply_coords(self, coords: Any) -> Any:
        raise NotImplementedError


class Compose:
    """One transform after the other.

    Args:
        transforms: functions of what the one before returns.
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, data: Any) -> Any:
        """Return what the last returns."""
        for each in self.transforms:
            data = each(data)
        return data

    def __repr__(self) -> str:
        """Return a line for each."""
        return "\n".join(["Compose(", *(f"    {each}" for each in self.transforms), ")"])
