# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import CosineDecay as CosineDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import ExponentialDecay as ExponentialDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import InverseTimeDecay as InverseTimeDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import LambdaDecay as LambdaDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import LearningRateDecay as LearningRateDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import LinearLrWarmup as LinearLrWarmup
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import MultiStepDecay as MultiStepDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import NaturalExpDecay as NaturalExpDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import NoamDecay as NoamDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import PiecewiseDecay as PiecewiseDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import PolynomialDecay as PolynomialDecay
from fourfold.frontends.paddle.fluid.dygraph.learning_rate_scheduler import StepDecay as StepDecay


def __getattr__(name: str) -> Any: ...
