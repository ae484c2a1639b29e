# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import data as data
from . import tensor as tensor

__all__ = ['data', 'tensor']


def __getattr__(name: str) -> Any: ...
