# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph import CosineDecay as CosineDecay
from fourfold.frontends.paddle.fluid.dygraph import ExponentialDecay as ExponentialDecay
from fourfold.frontends.paddle.fluid.dygraph import InverseTimeDecay as InverseTimeDecay
from fourfold.frontends.paddle.fluid.dygraph import LambdaDecay as LambdaDecay
from fourfold.frontends.paddle.fluid.dygraph import LinearLrWarmup as LinearLrWarmup
from fourfold.frontends.paddle.fluid.dygraph import MultiStepDecay as MultiStepDecay
from fourfold.frontends.paddle.fluid.dygraph import NaturalExpDecay as NaturalExpDecay
from fourfold.frontends.paddle.fluid.dygraph import NoamDecay as NoamDecay
from fourfold.frontends.paddle.fluid.dygraph import PiecewiseDecay as PiecewiseDecay
from fourfold.frontends.paddle.fluid.dygraph import PolynomialDecay as PolynomialDecay
from fourfold.frontends.paddle.fluid.dygraph import StepDecay as StepDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import LearningRateDecay as LearningRateDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import ReduceLROnPlateau as ReduceLROnPlateau

__all__ = ['CosineDecay', 'ExponentialDecay', 'InverseTimeDecay', 'LambdaDecay', 'LearningRateDecay', 'LinearLrWarmup', 'MultiStepDecay', 'NaturalExpDecay', 'NoamDecay', 'PiecewiseDecay', 'PolynomialDecay', 'ReduceLROnPlateau', 'StepDecay']


def __getattr__(name: str) -> Any: ...
