# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import adaptive_avg_pool2d as adaptive_avg_pool2d
from fourfold.frontends.megengine.functional import adaptive_max_pool2d as adaptive_max_pool2d
from fourfold.frontends.megengine.module import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from fourfold.frontends.megengine.module import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['AdaptiveAvgPool2d', 'AdaptiveMaxPool2d', 'Module', 'adaptive_avg_pool2d', 'adaptive_max_pool2d']


def __getattr__(name: str) -> Any: ...
