# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import avg_pool2d as avg_pool2d
from fourfold.frontends.megengine.functional import max_pool2d as max_pool2d
from fourfold.frontends.megengine.module import AvgPool2d as AvgPool2d
from fourfold.frontends.megengine.module import MaxPool2d as MaxPool2d
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['AvgPool2d', 'MaxPool2d', 'Module', 'avg_pool2d', 'max_pool2d']


def __getattr__(name: str) -> Any: ...
