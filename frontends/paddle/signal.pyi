# generated: python -m fourfold.frontends.names.stubs
from typing import Any


__all__ = ['istft', 'stft']

def istft(x: Any, n_fft: Any, hop_length: Any = ..., win_length: Any = ..., window: Any = ..., center: Any = ..., normalized: Any = ..., onesided: Any = ..., length: Any = ..., return_complex: Any = ..., name: Any = ...) -> Any: ...
def stft(x: Any, n_fft: Any, hop_length: Any = ..., win_length: Any = ..., window: Any = ..., center: Any = ..., pad_mode: Any = ..., normalized: Any = ..., onesided: Any = ..., name: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
