# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import copy as copy
from fourfold.frontends.megengine.module import Identity as Identity
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['Identity', 'Module', 'copy']


def __getattr__(name: str) -> Any: ...
