# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid import gradients as gradients
from fourfold.frontends.paddle.fluid.backward import append_backward as append_backward

__all__ = ['append_backward', 'gradients']


def __getattr__(name: str) -> Any: ...
