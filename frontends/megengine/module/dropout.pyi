# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import dropout as dropout
from fourfold.frontends.megengine.module import Dropout as Dropout
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Dropout', 'Module', 'dropout']


def __getattr__(name: str) -> Any: ...
