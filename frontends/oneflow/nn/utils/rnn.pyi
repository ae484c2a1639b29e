# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor
from fourfold.frontends.oneflow.nn.packed import PackedSequence as PackedSequence
from fourfold.frontends.oneflow.nn.packed import bind as bind
from fourfold.frontends.oneflow.nn.packed import invert_permutation as invert_permutation
from fourfold.frontends.oneflow.nn.packed import pack_padded_sequence as pack_padded_sequence
from fourfold.frontends.oneflow.nn.packed import pack_sequence as pack_sequence
from fourfold.frontends.oneflow.nn.packed import pad_packed_sequence as pad_packed_sequence
from fourfold.frontends.oneflow.nn.packed import unpack_sequence as unpack_sequence

__all__ = ['PackedSequence', 'Tensor', 'bind', 'invert_permutation', 'pack_padded_sequence', 'pack_sequence', 'pad_packed_sequence', 'pad_sequence', 'unpack_sequence', 'unpad_sequence']

def pad_sequence(sequences: Any, batch_first: Any = ..., padding_value: Any = ...) -> Any: ...
def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
