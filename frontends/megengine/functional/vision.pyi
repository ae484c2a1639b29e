# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['interpolate']

def interpolate(inp: Any, size: Any = ..., scale_factor: Any = ..., mode: Any = ..., align_corners: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
