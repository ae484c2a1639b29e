# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import autograd as autograd

__all__ = ['autograd']


def __getattr__(name: str) -> Any: ...
