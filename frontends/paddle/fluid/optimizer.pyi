# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.averages import ExponentialMovingAverage as ExponentialMovingAverage
from fourfold.frontends.paddle.fluid.averages import LookaheadOptimizer as LookaheadOptimizer
from fourfold.frontends.paddle.fluid.averages import ModelAverage as ModelAverage
from fourfold.frontends.paddle.fluid.optimizer import Adadelta as AdadeltaOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Adagrad as AdagradOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Adam as AdamOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Adamax as AdamaxOptimizer
from fourfold.frontends.paddle.fluid.optimizer import DecayedAdagrad as DecayedAdagradOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Ftrl as FtrlOptimizer
from fourfold.frontends.paddle.fluid.optimizer import LarsMomentum as LarsMomentumOptimizer
from fourfold.frontends.paddle.fluid.optimizer import Momentum as MomentumOptimizer
from fourfold.frontends.paddle.fluid.optimizer import SGD as SGDOptimizer
from fourfold.frontends.paddle.fluid.optimizers import Optimizer as _Optimizer

__all__ = ['Adadelta', 'AdadeltaOptimizer', 'Adagrad', 'AdagradOptimizer', 'Adam', 'AdamOptimizer', 'Adamax', 'AdamaxOptimizer', 'DecayedAdagrad', 'DecayedAdagradOptimizer', 'ExponentialMovingAverage', 'Ftrl', 'FtrlOptimizer', 'LambOptimizer', 'LarsMomentum', 'LarsMomentumOptimizer', 'LookaheadOptimizer', 'ModelAverage', 'Momentum', 'MomentumOptimizer', 'RMSPropOptimizer', 'SGD', 'SGDOptimizer']

class Adadelta(_Optimizer):
    def __init__(self, learning_rate: Any, epsilon: Any = ..., rho: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class Adagrad(_Optimizer):
    def __init__(self, learning_rate: Any, epsilon: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ..., initial_accumulator_value: Any = ...) -> None: ...
class Adam(_Optimizer):
    def __init__(self, learning_rate: Any = ..., beta1: Any = ..., beta2: Any = ..., epsilon: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ..., lazy_mode: Any = ...) -> None: ...
class Adamax(_Optimizer):
    def __init__(self, learning_rate: Any = ..., beta1: Any = ..., beta2: Any = ..., epsilon: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class DecayedAdagrad(_Optimizer):
    def __init__(self, learning_rate: Any, decay: Any = ..., epsilon: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class Ftrl(_Optimizer):
    def __init__(self, learning_rate: Any, l1: Any = ..., l2: Any = ..., lr_power: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class LambOptimizer(_Optimizer):
    def __init__(self, learning_rate: Any = ..., lamb_weight_decay: Any = ..., beta1: Any = ..., beta2: Any = ..., epsilon: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., exclude_from_weight_decay_fn: Any = ..., name: Any = ...) -> None: ...
class LarsMomentum(_Optimizer):
    def __init__(self, learning_rate: Any, momentum: Any, lars_coeff: Any = ..., lars_weight_decay: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class Momentum(_Optimizer):
    def __init__(self, learning_rate: Any, momentum: Any, parameter_list: Any = ..., use_nesterov: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class RMSPropOptimizer(_Optimizer):
    def __init__(self, learning_rate: Any, rho: Any = ..., epsilon: Any = ..., momentum: Any = ..., centered: Any = ..., parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...
class SGD(_Optimizer):
    def __init__(self, learning_rate: Any, parameter_list: Any = ..., regularization: Any = ..., grad_clip: Any = ..., name: Any = ...) -> None: ...

def __getattr__(name: str) -> Any: ...
