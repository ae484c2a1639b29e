# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import embedding as embedding_func
from fourfold.frontends.megengine.module.linear import Embedding as Embedding
from fourfold.frontends.megengine.module.module import Module as Module


def __getattr__(name: str) -> Any: ...
