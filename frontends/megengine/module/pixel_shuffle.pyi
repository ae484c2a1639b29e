# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import pixel_shuffle as pixel_shuffle
from fourfold.frontends.megengine.module import PixelShuffle as PixelShuffle
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Module', 'PixelShuffle', 'pixel_shuffle']


def __getattr__(name: str) -> Any: ...
