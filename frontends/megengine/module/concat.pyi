# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import concat as concat
from fourfold.frontends.megengine.module import Concat as Concat
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Concat', 'Module', 'concat']


def __getattr__(name: str) -> Any: ...
