"""Mirrors how `paddle.vision` reads a picture from a file."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..tensor import to_tensor
from . import pillow

__all__ = ["get_image_backend", "image_load", "set_image_backend"]

_backend = "pil"


def set_image_backend(backend: str) -> None:
    """Say what `image_load` returns.

    Args:
        backend: 'pil', an image of Pillow's; 'cv2', an array, which OpenCV makes; 'tensor'.

    Raises:
        ValueError: there is no such.
    """
    global _backend  # noqa: PLW0603
    _backend = _checked(backend)


def get_image_backend() -> str:
    """Return what `image_load` returns."""
    return _backend


def image_load(path: Any, backend: str | None = None) -> Any:
    """Return the picture in a file.

    Args:
        path: of it.
        backend: as that of `set_image_backend`. Default: None, what was said there.

    Raises:
        ValueError: there is no such backend.
        ImportError: it is OpenCV, which is not used here, or Pillow is not installed.
    """
    wanted = _checked(backend or _backend)
    if wanted == "cv2":
        msg = (
            "image_load: backend='cv2' is OpenCV's, and not served here. Load with 'pil' and take numpy.array() of it."
        )
        raise ImportError(msg)
    image = pillow.opened(path)
    if wanted == "pil":
        return image
    values = np.array(image)
    return to_tensor(torch.from_numpy(values if values.ndim == 3 else values[..., None]))


def _checked(backend: Any) -> Any:
    if backend not in ("pil", "cv2", "tensor"):
        msg = f"Expected backend are one of ['pil', 'cv2', 'tensor'], but got {backend}."
        raise ValueError(msg)
    return backend
