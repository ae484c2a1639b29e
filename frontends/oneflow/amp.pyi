# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.autocast import autocast as autocast

__all__ = ['autocast']


def __getattr__(name: str) -> Any: ...
