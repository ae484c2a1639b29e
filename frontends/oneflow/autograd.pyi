# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow import is_grad_enabled as is_grad_enabled
from fourfold.frontends.oneflow.framework.function import Function as Function
from fourfold.frontends.oneflow.framework.gradient_modes import enable_grad as enable_grad
from fourfold.frontends.oneflow.framework.gradient_modes import inference_mode as inference_mode
from fourfold.frontends.oneflow.framework.gradient_modes import no_grad as no_grad
from fourfold.frontends.oneflow.framework.gradient_modes import set_grad_enabled as set_grad_enabled

__all__ = ['Function', 'backward', 'enable_grad', 'grad', 'inference_mode', 'is_grad_enabled', 'no_grad', 'set_grad_enabled']

def backward(tensors: Any, grad_tensors: Any, retain_graph: Any = ..., create_graph: Any = ...) -> Any: ...
def grad(outputs: Any, inputs: Any, grad_outputs: Any = ..., retain_graph: Any = ..., create_graph: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
