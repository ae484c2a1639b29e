# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import backward_strategy as backward_strategy
from . import base as base
from . import checkpoint as checkpoint
from . import container as container
from . import layers as layers
from . import learning_rate_scheduler as learning_rate_scheduler
from . import nn as nn
from . import parallel as parallel
from fourfold.frontends.paddle.fluid.dygraph import BCELoss as BCELoss
from fourfold.frontends.paddle.fluid.dygraph import BatchNorm as BatchNorm
from fourfold.frontends.paddle.fluid.dygraph import BilinearTensorProduct as BilinearTensorProduct
from fourfold.frontends.paddle.fluid.dygraph import Conv2D as Conv2D
from fourfold.frontends.paddle.fluid.dygraph import Conv2DTranspose as Conv2DTranspose
from fourfold.frontends.paddle.fluid.dygraph import Conv3D as Conv3D
from fourfold.frontends.paddle.fluid.dygraph import CosineDecay as CosineDecay
from fourfold.frontends.paddle.fluid.dygraph import Dropout as Dropout
from fourfold.frontends.paddle.fluid.dygraph import Embedding as Embedding
from fourfold.frontends.paddle.fluid.dygraph import ExponentialDecay as ExponentialDecay
from fourfold.frontends.paddle.fluid.dygraph import GRUUnit as GRUUnit
from fourfold.frontends.paddle.fluid.dygraph import GroupNorm as GroupNorm
from fourfold.frontends.paddle.fluid.dygraph import InstanceNorm as InstanceNorm
from fourfold.frontends.paddle.fluid.dygraph import InverseTimeDecay as InverseTimeDecay
from fourfold.frontends.paddle.fluid.dygraph import L1Loss as L1Loss
from fourfold.frontends.paddle.fluid.dygraph import LambdaDecay as LambdaDecay
from fourfold.frontends.paddle.fluid.dygraph import LayerNorm as LayerNorm
from fourfold.frontends.paddle.fluid.dygraph import Linear as Linear
from fourfold.frontends.paddle.fluid.dygraph import LinearLrWarmup as LinearLrWarmup
from fourfold.frontends.paddle.fluid.dygraph import MSELoss as MSELoss
from fourfold.frontends.paddle.fluid.dygraph import MultiStepDecay as MultiStepDecay
from fourfold.frontends.paddle.fluid.dygraph import NLLLoss as NLLLoss
from fourfold.frontends.paddle.fluid.dygraph import NaturalExpDecay as NaturalExpDecay
from fourfold.frontends.paddle.fluid.dygraph import NoamDecay as NoamDecay
from fourfold.frontends.paddle.fluid.dygraph import PRelu as PRelu
from fourfold.frontends.paddle.fluid.dygraph import PiecewiseDecay as PiecewiseDecay
from fourfold.frontends.paddle.fluid.dygraph import PolynomialDecay as PolynomialDecay
from fourfold.frontends.paddle.fluid.dygraph import Pool2D as Pool2D
from fourfold.frontends.paddle.fluid.dygraph import SpectralNorm as SpectralNorm
from fourfold.frontends.paddle.fluid.dygraph import StepDecay as StepDecay
from fourfold.frontends.paddle.fluid.dygraph import load_dygraph as load_dygraph
from fourfold.frontends.paddle.fluid.dygraph import save_dygraph as save_dygraph
from fourfold.frontends.paddle.fluid.dygraph.backward_strategy import BackwardStrategy as BackwardStrategy
from fourfold.frontends.paddle.fluid.dygraph.base import disable_dygraph as disable_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import disable_dygraph as disable_imperative
from fourfold.frontends.paddle.fluid.dygraph.base import enable_dygraph as enable_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import enable_dygraph as enable_imperative
from fourfold.frontends.paddle.fluid.dygraph.base import enabled as enabled
from fourfold.frontends.paddle.fluid.dygraph.base import grad as grad
from fourfold.frontends.paddle.fluid.dygraph.base import guard as guard
from fourfold.frontends.paddle.fluid.dygraph.base import no_grad as no_grad
from fourfold.frontends.paddle.fluid.dygraph.base import to_variable as to_variable
from fourfold.frontends.paddle.fluid.dygraph.container import LayerList as LayerList
from fourfold.frontends.paddle.fluid.dygraph.container import ParameterList as ParameterList
from fourfold.frontends.paddle.fluid.dygraph.container import Sequential as Sequential
from fourfold.frontends.paddle.fluid.dygraph.layers import Layer as Layer
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import ReduceLROnPlateau as ReduceLROnPlateau
from fourfold.frontends.paddle.fluid.dygraph.parallel import DataParallel as DataParallel
from fourfold.frontends.paddle.fluid.dygraph.parallel import ParallelEnv as ParallelEnv
from fourfold.frontends.paddle.fluid.dygraph.parallel import prepare_context as prepare_context
from fourfold.frontends.paddle.fluid_1_8.convolution import Conv3DTranspose as Conv3DTranspose

__all__ = ['BCELoss', 'BackwardStrategy', 'BatchNorm', 'BilinearTensorProduct', 'Conv2D', 'Conv2DTranspose', 'Conv3D', 'Conv3DTranspose', 'CosineDecay', 'DataParallel', 'Dropout', 'Embedding', 'ExponentialDecay', 'GRUUnit', 'GroupNorm', 'InstanceNorm', 'InverseTimeDecay', 'L1Loss', 'LambdaDecay', 'Layer', 'LayerList', 'LayerNorm', 'Linear', 'LinearLrWarmup', 'MSELoss', 'MultiStepDecay', 'NLLLoss', 'NaturalExpDecay', 'NoamDecay', 'PRelu', 'ParallelEnv', 'ParameterList', 'PiecewiseDecay', 'PolynomialDecay', 'Pool2D', 'ReduceLROnPlateau', 'Sequential', 'SpectralNorm', 'StepDecay', 'backward_strategy', 'base', 'checkpoint', 'container', 'disable_dygraph', 'disable_imperative', 'enable_dygraph', 'enable_imperative', 'enabled', 'grad', 'guard', 'layers', 'learning_rate_scheduler', 'load_dygraph', 'nn', 'no_grad', 'parallel', 'prepare_context', 'save_dygraph', 'to_variable']


def __getattr__(name: str) -> Any: ...
