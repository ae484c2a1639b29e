# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph import BCELoss as BCELoss
from fourfold.frontends.paddle.fluid.dygraph import BatchNorm as BatchNorm
from fourfold.frontends.paddle.fluid.dygraph import BilinearTensorProduct as BilinearTensorProduct
from fourfold.frontends.paddle.fluid.dygraph import Conv2D as Conv2D
from fourfold.frontends.paddle.fluid.dygraph import Conv2DTranspose as Conv2DTranspose
from fourfold.frontends.paddle.fluid.dygraph import Conv3D as Conv3D
from fourfold.frontends.paddle.fluid.dygraph import Dropout as Dropout
from fourfold.frontends.paddle.fluid.dygraph import Embedding as Embedding
from fourfold.frontends.paddle.fluid.dygraph import GRUUnit as GRUUnit
from fourfold.frontends.paddle.fluid.dygraph import GroupNorm as GroupNorm
from fourfold.frontends.paddle.fluid.dygraph import InstanceNorm as InstanceNorm
from fourfold.frontends.paddle.fluid.dygraph import L1Loss as L1Loss
from fourfold.frontends.paddle.fluid.dygraph import LayerNorm as LayerNorm
from fourfold.frontends.paddle.fluid.dygraph import Linear as Linear
from fourfold.frontends.paddle.fluid.dygraph import MSELoss as MSELoss
from fourfold.frontends.paddle.fluid.dygraph import NLLLoss as NLLLoss
from fourfold.frontends.paddle.fluid.dygraph import PRelu as PRelu
from fourfold.frontends.paddle.fluid.dygraph import Pool2D as Pool2D
from fourfold.frontends.paddle.fluid.dygraph import SpectralNorm as SpectralNorm
from fourfold.frontends.paddle.fluid_1_8.convolution import Conv3DTranspose as Conv3DTranspose

__all__ = ['BCELoss', 'BatchNorm', 'BilinearTensorProduct', 'Conv2D', 'Conv2DTranspose', 'Conv3D', 'Conv3DTranspose', 'Dropout', 'Embedding', 'GRUUnit', 'GroupNorm', 'InstanceNorm', 'L1Loss', 'LayerNorm', 'Linear', 'MSELoss', 'NLLLoss', 'PRelu', 'Pool2D', 'SpectralNorm']


def __getattr__(name: str) -> Any: ...
