# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.averages import ExponentialMovingAverage as ExponentialMovingAverage
from fourfold.frontends.paddle.fluid.averages import LookaheadOptimizer as LookaheadOptimizer
from fourfold.frontends.paddle.fluid.averages import ModelAverage as ModelAverage
from fourfold.frontends.paddle.fluid.optimizer import Adadelta as Adadelta
from fourfold.frontends.paddle.fluid.optimizer import Adadelta as AdadeltaOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Adagrad as Adagrad
from fourfold.frontends.paddle.fluid.optimizer import Adagrad as AdagradOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Adam as Adam
from fourfold.frontends.paddle.fluid.optimizer import Adam as AdamOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Adamax as Adamax
from fourfold.frontends.paddle.fluid.optimizer import Adamax as AdamaxOptimizer
from fourfold.frontends.paddle.fluid.optimizer import DecayedAdagrad as DecayedAdagrad
from fourfold.frontends.paddle.fluid.optimizer import DecayedAdagrad as DecayedAdagradOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Ftrl as Ftrl
from fourfold.frontends.paddle.fluid.optimizer import Ftrl as FtrlOptimizer
from fourfold.frontends.paddle.fluid.optimizer import LambOptimizer as LambOptimizer
from fourfold.frontends.paddle.fluid.optimizer import LarsMomentum as LarsMomentum
from fourfold.frontends.paddle.fluid.optimizer import LarsMomentum as LarsMomentumOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Momentum as Momentum
from fourfold.frontends.paddle.fluid.optimizer import Momentum as MomentumOptimizer
from fourfold.frontends.paddle.fluid.optimizer import RMSPropOptimizer as RMSPropOptimizer
from fourfold.frontends.paddle.fluid.optimizer import SGD as SGD
from fourfold.frontends.paddle.fluid.optimizer import SGD as SGDOptimizer

__all__ = ['Adadelta', 'AdadeltaOptimizer', 'Adagrad', 'AdagradOptimizer', 'Adam', 'AdamOptimizer', 'Adamax', 'AdamaxOptimizer', 'DecayedAdagrad', 'DecayedAdagradOptimizer', 'ExponentialMovingAverage', 'Ftrl', 'FtrlOptimizer', 'LambOptimizer', 'LarsMomentum', 'LarsMomentumOptimizer', 'LookaheadOptimizer', 'ModelAverage', 'Momentum', 'MomentumOptimizer', 'RMSPropOptimizer', 'SGD', 'SGDOptimizer']


def __getattr__(name: str) -> Any: ...
