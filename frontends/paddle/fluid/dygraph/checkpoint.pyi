# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph import load_dygraph as load_dygraph
from fourfold.frontends.paddle.fluid.dygraph import save_dygraph as save_dygraph

__all__ = ['load_dygraph', 'save_dygraph']


def __getattr__(name: str) -> Any: ...
