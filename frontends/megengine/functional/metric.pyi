# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['topk_accuracy']

def topk_accuracy(logits: Any, target: Any, topk: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
