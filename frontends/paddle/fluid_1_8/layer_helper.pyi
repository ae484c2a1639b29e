# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.base import enabled as in_dygraph_mode
from fourfold.frontends.paddle.fluid.initializer import ConstantInitializer as Constant
from fourfold.frontends.paddle.fluid.initializer import XavierInitializer as Xavier
from fourfold.frontends.paddle.fluid.param_attr import ParamAttr as ParamAttr


def __getattr__(name: str) -> Any: ...
