# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.optimizer import AdamOptimizer as Adam
from fourfold.frontends.paddle.fluid.optimizer import AdamOptimizer as AdamOptimizer
from fourfold.frontends.paddle.fluid.optimizer import MomentumOptimizer as Momentum
from fourfold.frontends.paddle.fluid.optimizer import MomentumOptimizer as MomentumOptimizer
from fourfold.frontends.paddle.fluid.optimizer import SGDOptimizer as SGD
from fourfold.frontends.paddle.fluid.optimizer import SGDOptimizer as SGDOptimizer


def __getattr__(name: str) -> Any: ...
