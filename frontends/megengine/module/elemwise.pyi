# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.module import Elemwise as Elemwise
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Elemwise', 'Module']


def __getattr__(name: str) -> Any: ...
