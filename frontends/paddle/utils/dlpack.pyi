# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle import from_dlpack as from_dlpack
from fourfold.frontends.paddle import to_dlpack as to_dlpack

__all__ = ['from_dlpack', 'to_dlpack']


def __getattr__(name: str) -> Any: ...
