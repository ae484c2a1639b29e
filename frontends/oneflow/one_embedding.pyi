# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.nn.modules.module import Module as Module
from fourfold.frontends.oneflow.nn.parameter import Parameter as Parameter

__all__ = ['Module', 'Parameter']


def __getattr__(name: str) -> Any: ...
