# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.param_attr import ParamAttr as ParamAttr


def __getattr__(name: str) -> Any: ...
