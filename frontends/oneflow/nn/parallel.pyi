# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['DistributedDataParallel']

def DistributedDataParallel(module: Any, *, broadcast_buffers: Any = ..., broadcast_parameters: Any = ..., bucket_size: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
