# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import clip_grad as clip_grad
from . import lr_scheduler as lr_scheduler
from fourfold.frontends.megengine.optimizer.clip_grad import clip_grad_norm as clip_grad_norm
from fourfold.frontends.megengine.optimizer.clip_grad import clip_grad_value as clip_grad_value
from fourfold.frontends.megengine.optimizer.lr_scheduler import LRScheduler as LRScheduler
from fourfold.frontends.megengine.optimizer.lr_scheduler import Scheduled as _Scheduled
from fourfold.frontends.megengine.optimizer.optimizer import Optimizer as Optimizer
from fourfold.frontends.megengine.optimizer.optimizer import Optimizer as _Optimizer

__all__ = ['Adadelta', 'Adagrad', 'Adam', 'AdamW', 'LRScheduler', 'MultiStepLR', 'Optimizer', 'SGD', 'clip_grad', 'clip_grad_norm', 'clip_grad_value', 'lr_scheduler']

class Adadelta(_Optimizer):
    def __init__(self, params: Any, lr: Any = ..., rho: Any = ..., eps: Any = ..., weight_decay: Any = ...) -> None: ...
class Adagrad(_Optimizer):
    def __init__(self, params: Any, lr: Any = ..., lr_decay: Any = ..., eps: Any = ..., weight_decay: Any = ...) -> None: ...
class Adam(_Optimizer):
    def __init__(self, params: Any, lr: Any, betas: Any = ..., eps: Any = ..., weight_decay: Any = ...) -> None: ...
class AdamW(_Optimizer):
    def __init__(self, params: Any, lr: Any, betas: Any = ..., eps: Any = ..., weight_decay: Any = ...) -> None: ...
class MultiStepLR(_Scheduled):
    def __init__(self, optimizer: Any, milestones: Any, gamma: Any = ..., current_epoch: Any = ...) -> None: ...
class SGD(_Optimizer):
    def __init__(self, params: Any, lr: Any, momentum: Any = ..., nesterov: Any = ..., weight_decay: Any = ...) -> None: ...

def __getattr__(name: str) -> Any: ...
