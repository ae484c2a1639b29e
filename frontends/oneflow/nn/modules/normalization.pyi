# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor
from fourfold.frontends.oneflow.nn import GroupNorm as GroupNorm
from fourfold.frontends.oneflow.nn import LayerNorm as LayerNorm
from fourfold.frontends.oneflow.nn import RMSLayerNorm as RMSLayerNorm
from fourfold.frontends.oneflow.nn import RMSNorm as RMSNorm
from fourfold.frontends.oneflow.nn.functional import layer_norm as layer_norm
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['GroupNorm', 'LayerNorm', 'Module', 'RMSLayerNorm', 'RMSNorm', 'Tensor', 'layer_norm']


def __getattr__(name: str) -> Any: ...
