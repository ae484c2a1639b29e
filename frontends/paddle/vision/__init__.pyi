# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import transforms as transforms
from fourfold.frontends.paddle.pictures.loading import get_image_backend as get_image_backend
from fourfold.frontends.paddle.pictures.loading import image_load as image_load
from fourfold.frontends.paddle.pictures.loading import set_image_backend as set_image_backend

__all__ = ['get_image_backend', 'image_load', 'set_image_backend', 'transforms']


def __getattr__(name: str) -> Any: ...
