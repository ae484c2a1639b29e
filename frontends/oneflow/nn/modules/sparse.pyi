# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor
from fourfold.frontends.oneflow.nn import Embedding as Embedding
from fourfold.frontends.oneflow.nn.functional import embedding as embedding
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['Embedding', 'Module', 'Tensor', 'embedding']


def __getattr__(name: str) -> Any: ...
