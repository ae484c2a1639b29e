# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.base import enabled as in_dygraph_mode
from fourfold.frontends.paddle.fluid.initializer import ConstantInitializer as Constant
from fourfold.frontends.paddle.fluid.initializer import XavierInitializer as Xavier
from fourfold.frontends.paddle.fluid.layer_helper import LayerHelper as LayerHelper
from fourfold.frontends.paddle.fluid.param_attr import ParamAttr as ParamAttr

__all__ = ['Constant', 'LayerHelper', 'ParamAttr', 'Xavier', 'in_dygraph_mode']


def __getattr__(name: str) -> Any: ...
