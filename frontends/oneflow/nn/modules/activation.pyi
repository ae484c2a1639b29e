# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.nn import CELU as CELU
from fourfold.frontends.oneflow.nn import ELU as ELU
from fourfold.frontends.oneflow.nn import GELU as GELU
from fourfold.frontends.oneflow.nn import GLU as GLU
from fourfold.frontends.oneflow.nn import Hardshrink as Hardshrink
from fourfold.frontends.oneflow.nn import Hardsigmoid as Hardsigmoid
from fourfold.frontends.oneflow.nn import Hardswish as Hardswish
from fourfold.frontends.oneflow.nn import Hardtanh as Hardtanh
from fourfold.frontends.oneflow.nn import LeakyReLU as LeakyReLU
from fourfold.frontends.oneflow.nn import LogSigmoid as LogSigmoid
from fourfold.frontends.oneflow.nn import LogSoftmax as LogSoftmax
from fourfold.frontends.oneflow.nn import Mish as Mish
from fourfold.frontends.oneflow.nn import PReLU as PReLU
from fourfold.frontends.oneflow.nn import QuickGELU as QuickGELU
from fourfold.frontends.oneflow.nn import ReLU as ReLU
from fourfold.frontends.oneflow.nn import ReLU6 as ReLU6
from fourfold.frontends.oneflow.nn import SELU as SELU
from fourfold.frontends.oneflow.nn import SiLU as SiLU
from fourfold.frontends.oneflow.nn import Sigmoid as Sigmoid
from fourfold.frontends.oneflow.nn import Softmax as Softmax
from fourfold.frontends.oneflow.nn import Softplus as Softplus
from fourfold.frontends.oneflow.nn import Softshrink as Softshrink
from fourfold.frontends.oneflow.nn import Softsign as Softsign
from fourfold.frontends.oneflow.nn import Tanh as Tanh
from fourfold.frontends.oneflow.nn import Threshold as Threshold
from fourfold.frontends.oneflow.nn.functional import relu6 as relu6
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['CELU', 'ELU', 'GELU', 'GLU', 'Hardshrink', 'Hardsigmoid', 'Hardswish', 'Hardtanh', 'LeakyReLU', 'LogSigmoid', 'LogSoftmax', 'Mish', 'Module', 'PReLU', 'QuickGELU', 'ReLU', 'ReLU6', 'SELU', 'SiLU', 'Sigmoid', 'Softmax', 'Softplus', 'Softshrink', 'Softsign', 'Tanh', 'Threshold', 'relu6']


def __getattr__(name: str) -> Any: ...
