# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import embedding as embedding_func
from fourfold.frontends.megengine.module import Embedding as Embedding
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Embedding', 'Module', 'embedding_func']


def __getattr__(name: str) -> Any: ...
