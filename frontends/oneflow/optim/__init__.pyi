# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import lr_scheduler as lr_scheduler
from fourfold.frontends.oneflow.optim.optimizer import Adam as Adam
from fourfold.frontends.oneflow.optim.optimizer import AdamW as AdamW
from fourfold.frontends.oneflow.optim.optimizer import Optimizer as Optimizer
from fourfold.frontends.oneflow.optim.optimizer import SGD as SGD

__all__ = ['Adam', 'AdamW', 'Optimizer', 'SGD', 'lr_scheduler']


def __getattr__(name: str) -> Any: ...
