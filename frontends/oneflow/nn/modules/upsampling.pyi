# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.nn import Upsample as Upsample
from fourfold.frontends.oneflow.nn import UpsamplingBilinear2d as UpsamplingBilinear2d
from fourfold.frontends.oneflow.nn import UpsamplingNearest2d as UpsamplingNearest2d
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['Module', 'Upsample', 'UpsamplingBilinear2d', 'UpsamplingNearest2d']


def __getattr__(name: str) -> Any: ...
