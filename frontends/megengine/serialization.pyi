# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine import load as load
from fourfold.frontends.megengine import save as save

__all__ = ['load', 'save']


def __getattr__(name: str) -> Any: ...
