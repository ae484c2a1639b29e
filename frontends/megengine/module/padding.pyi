# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.module import Pad as Pad
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Module', 'Pad']


def __getattr__(name: str) -> Any: ...
