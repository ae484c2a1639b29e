# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.clip import GradientClipByGlobalNorm as GradientClipByGlobalNorm
from fourfold.frontends.paddle.fluid.clip import GradientClipByNorm as GradientClipByNorm
from fourfold.frontends.paddle.fluid.clip import GradientClipByValue as GradientClipByValue
from fourfold.frontends.paddle.fluid.clip import set_gradient_clip as set_gradient_clip

__all__ = ['GradientClipByGlobalNorm', 'GradientClipByNorm', 'GradientClipByValue', 'set_gradient_clip']


def __getattr__(name: str) -> Any: ...
