# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.container import LayerList as LayerList
from fourfold.frontends.paddle.fluid.dygraph.container import ParameterList as ParameterList
from fourfold.frontends.paddle.fluid.dygraph.container import Sequential as Sequential


def __getattr__(name: str) -> Any: ...
