# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.nn import ConstantPad1d as ConstantPad1d
from fourfold.frontends.oneflow.nn import ConstantPad2d as ConstantPad2d
from fourfold.frontends.oneflow.nn import ConstantPad3d as ConstantPad3d
from fourfold.frontends.oneflow.nn import ReflectionPad1d as ReflectionPad1d
from fourfold.frontends.oneflow.nn import ReflectionPad2d as ReflectionPad2d
from fourfold.frontends.oneflow.nn import ReplicationPad1d as ReplicationPad1d
from fourfold.frontends.oneflow.nn import ReplicationPad2d as ReplicationPad2d
from fourfold.frontends.oneflow.nn import ZeroPad2d as ZeroPad2d
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['ConstantPad1d', 'ConstantPad2d', 'ConstantPad3d', 'Module', 'ReflectionPad1d', 'ReflectionPad2d', 'ReplicationPad1d', 'ReplicationPad2d', 'ZeroPad2d']


def __getattr__(name: str) -> Any: ...
