# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.nn.modules.module import Module as Module


def __getattr__(name: str) -> Any: ...
