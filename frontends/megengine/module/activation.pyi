# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import gelu as gelu
from fourfold.frontends.megengine.functional import leaky_relu as leaky_relu
from fourfold.frontends.megengine.functional import prelu as prelu
from fourfold.frontends.megengine.functional import relu as relu
from fourfold.frontends.megengine.functional import sigmoid as sigmoid
from fourfold.frontends.megengine.functional import silu as silu
from fourfold.frontends.megengine.functional import softmax as softmax
from fourfold.frontends.megengine.module import GELU as GELU
from fourfold.frontends.megengine.module import LeakyReLU as LeakyReLU
from fourfold.frontends.megengine.module import PReLU as PReLU
from fourfold.frontends.megengine.module import ReLU as ReLU
from fourfold.frontends.megengine.module import SiLU as SiLU
from fourfold.frontends.megengine.module import Sigmoid as Sigmoid
from fourfold.frontends.megengine.module import Softmax as Softmax
from fourfold.frontends.megengine.module.init import ones_ as ones_
from fourfold.frontends.megengine.module.init import zeros_ as zeros_
from fourfold.frontends.megengine.module.module import Module as Module

__all__ = ['GELU', 'LeakyReLU', 'Module', 'PReLU', 'ReLU', 'SiLU', 'Sigmoid', 'Softmax', 'gelu', 'leaky_relu', 'ones_', 'prelu', 'relu', 'sigmoid', 'silu', 'softmax', 'zeros_']


def __getattr__(name: str) -> Any: ...
