# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.optim.decays import ConstantLR as ConstantLR
from fourfold.frontends.oneflow.optim.decays import CosineAnnealingLR as CosineAnnealingLR
from fourfold.frontends.oneflow.optim.decays import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from fourfold.frontends.oneflow.optim.decays import CosineDecayLR as CosineDecayLR
from fourfold.frontends.oneflow.optim.decays import ExponentialLR as ExponentialLR
from fourfold.frontends.oneflow.optim.decays import LambdaLR as LambdaLR
from fourfold.frontends.oneflow.optim.decays import LinearLR as LinearLR
from fourfold.frontends.oneflow.optim.decays import MultiStepLR as MultiStepLR
from fourfold.frontends.oneflow.optim.decays import PolynomialLR as PolynomialLR
from fourfold.frontends.oneflow.optim.decays import StepLR as StepLR
from fourfold.frontends.oneflow.optim.plateau import ReduceLROnPlateau as ReduceLROnPlateau
from fourfold.frontends.oneflow.optim.sequential import ChainedScheduler as ChainedScheduler
from fourfold.frontends.oneflow.optim.sequential import SequentialLR as SequentialLR
from fourfold.frontends.oneflow.optim.sequential import WarmupLR as WarmUpLR
from fourfold.frontends.oneflow.optim.sequential import WarmupLR as WarmupLR

__all__ = ['ChainedScheduler', 'ConstantLR', 'CosineAnnealingLR', 'CosineAnnealingWarmRestarts', 'CosineDecayLR', 'ExponentialLR', 'LambdaLR', 'LinearLR', 'MultiStepLR', 'PolynomialLR', 'ReduceLROnPlateau', 'SequentialLR', 'StepLR', 'WarmUpLR', 'WarmupLR']


def __getattr__(name: str) -> Any: ...
