# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import lr as lr
from fourfold.frontends.paddle.optimization.optimizer import Adam as Adam
from fourfold.frontends.paddle.optimization.optimizer import AdamW as AdamW
from fourfold.frontends.paddle.optimization.optimizer import Momentum as Momentum
from fourfold.frontends.paddle.optimization.optimizer import Optimizer as Optimizer
from fourfold.frontends.paddle.optimization.optimizer import SGD as SGD

__all__ = ['Adam', 'AdamW', 'Momentum', 'Optimizer', 'SGD', 'lr']


def __getattr__(name: str) -> Any: ...
