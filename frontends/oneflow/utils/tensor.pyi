# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['from_torch', 'to_torch']

def from_torch(torch_tensor: Any) -> Any: ...
def to_torch(flow_tensor: Any) -> Any: ...

def __getattr__(name: str) -> Any: ...
