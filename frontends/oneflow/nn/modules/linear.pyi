# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor
from fourfold.frontends.oneflow.nn import Identity as Identity
from fourfold.frontends.oneflow.nn import Linear as Linear
from fourfold.frontends.oneflow.nn.functional import linear as linear
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['Identity', 'Linear', 'Module', 'Tensor', 'linear']


def __getattr__(name: str) -> Any: ...
