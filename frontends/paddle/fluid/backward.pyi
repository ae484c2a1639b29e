# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid import gradients as gradients

__all__ = ['append_backward', 'gradients']

def append_backward(loss: Any, parameter_list: Any = ..., no_grad_set: Any = ..., callbacks: Any = ..., checkpoints: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
