# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.layers import Layer as Layer


def __getattr__(name: str) -> Any: ...
