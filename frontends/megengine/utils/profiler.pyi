# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.logger import get_logger as get_logger

__all__ = ['get_logger']


def __getattr__(name: str) -> Any: ...
