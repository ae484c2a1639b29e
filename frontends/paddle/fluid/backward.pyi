# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid import gradients as gradients

__all__ = ['gradients']


def __getattr__(name: str) -> Any: ...
