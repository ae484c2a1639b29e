# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.function import Function as Function
from fourfold.frontends.oneflow.nn import BatchNorm1d as BatchNorm1d
from fourfold.frontends.oneflow.nn import BatchNorm2d as BatchNorm2d
from fourfold.frontends.oneflow.nn import BatchNorm3d as BatchNorm3d
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d', 'Function', 'Module']


def __getattr__(name: str) -> Any: ...
