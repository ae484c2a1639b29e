# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor

__all__ = ['Tensor', 'pad_sequence', 'unpad_sequence']

def pad_sequence(sequences: Any, batch_first: Any = ..., padding_value: Any = ...) -> Any: ...
def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
