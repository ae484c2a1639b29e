# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.nn import Dropout as Dropout
from fourfold.frontends.oneflow.nn import Dropout1d as Dropout1d
from fourfold.frontends.oneflow.nn import Dropout2d as Dropout2d
from fourfold.frontends.oneflow.nn import Dropout3d as Dropout3d
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['Dropout', 'Dropout1d', 'Dropout2d', 'Dropout3d', 'Module']


def __getattr__(name: str) -> Any: ...
