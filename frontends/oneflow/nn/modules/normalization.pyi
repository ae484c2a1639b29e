# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor
from fourfold.frontends.oneflow.nn.functional import layer_norm as layer_norm
from fourfold.frontends.oneflow.nn.modules.module import Module as Module
from fourfold.frontends.oneflow.nn.modules.norm import GroupNorm as GroupNorm
from fourfold.frontends.oneflow.nn.modules.norm import LayerNorm as LayerNorm
from fourfold.frontends.oneflow.nn.modules.norm import RMSLayerNorm as RMSLayerNorm
from fourfold.frontends.oneflow.nn.modules.norm import RMSNorm as RMSNorm

__all__ = ['GroupNorm', 'LayerNorm', 'Module', 'RMSLayerNorm', 'RMSNorm', 'Tensor', 'layer_norm']


def __getattr__(name: str) -> Any: ...
