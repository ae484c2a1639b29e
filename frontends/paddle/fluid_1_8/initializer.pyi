# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.initializer import ConstantInitializer as Constant
from fourfold.frontends.paddle.fluid.initializer import ConstantInitializer as ConstantInitializer
from fourfold.frontends.paddle.fluid.initializer import MSRAInitializer as MSRA
from fourfold.frontends.paddle.fluid.initializer import MSRAInitializer as MSRAInitializer
from fourfold.frontends.paddle.fluid.initializer import NormalInitializer as Normal
from fourfold.frontends.paddle.fluid.initializer import NormalInitializer as NormalInitializer
from fourfold.frontends.paddle.fluid.initializer import NumpyArrayInitializer as NumpyArrayInitializer
from fourfold.frontends.paddle.fluid.initializer import TruncatedNormalInitializer as TruncatedNormal
from fourfold.frontends.paddle.fluid.initializer import TruncatedNormalInitializer as TruncatedNormalInitializer
from fourfold.frontends.paddle.fluid.initializer import UniformInitializer as Uniform
from fourfold.frontends.paddle.fluid.initializer import UniformInitializer as UniformInitializer
from fourfold.frontends.paddle.fluid.initializer import XavierInitializer as Xavier
from fourfold.frontends.paddle.fluid.initializer import XavierInitializer as XavierInitializer
from fourfold.frontends.paddle.nn.initializer import Bilinear as Bilinear
from fourfold.frontends.paddle.nn.initializer import Bilinear as BilinearInitializer

__all__ = ['Bilinear', 'BilinearInitializer', 'Constant', 'ConstantInitializer', 'MSRA', 'MSRAInitializer', 'Normal', 'NormalInitializer', 'NumpyArrayInitializer', 'TruncatedNormal', 'TruncatedNormalInitializer', 'Uniform', 'UniformInitializer', 'Xavier', 'XavierInitializer']


def __getattr__(name: str) -> Any: ...
