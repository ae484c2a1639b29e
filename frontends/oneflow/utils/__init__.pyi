# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import data as data

__all__ = ['data']


def __getattr__(name: str) -> Any: ...
