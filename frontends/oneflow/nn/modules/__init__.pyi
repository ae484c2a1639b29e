# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import activation as activation
from . import batchnorm as batchnorm
from . import container as container
from . import conv as conv
from . import dropout as dropout
from . import linear as linear
from . import loss as loss
from . import module as module
from . import normalization as normalization
from . import padding as padding
from . import pooling as pooling
from . import sparse as sparse
from . import upsampling as upsampling
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['Module', 'activation', 'batchnorm', 'container', 'conv', 'dropout', 'linear', 'loss', 'module', 'normalization', 'padding', 'pooling', 'sparse', 'upsampling']


def __getattr__(name: str) -> Any: ...
