# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.derivatives import backward as backward
from fourfold.frontends.paddle.derivatives import hessian as hessian
from fourfold.frontends.paddle.derivatives import jacobian as jacobian
from fourfold.frontends.paddle.derivatives import saved_tensors_hooks as saved_tensors_hooks
from fourfold.frontends.paddle.py_layer import PyLayer as Function
from fourfold.frontends.paddle.py_layer import PyLayer as PyLayer
from fourfold.frontends.paddle.py_layer import PyLayerContext as PyLayerContext

__all__ = ['Function', 'PyLayer', 'PyLayerContext', 'backward', 'hessian', 'jacobian', 'saved_tensors_hooks']


def __getattr__(name: str) -> Any: ...
