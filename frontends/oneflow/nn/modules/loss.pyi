# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.tensor import Tensor as Tensor
from fourfold.frontends.oneflow.nn import BCELoss as BCELoss
from fourfold.frontends.oneflow.nn import BCEWithLogitsLoss as BCEWithLogitsLoss
from fourfold.frontends.oneflow.nn import CTCLoss as CTCLoss
from fourfold.frontends.oneflow.nn import CombinedMarginLoss as CombinedMarginLoss
from fourfold.frontends.oneflow.nn import CrossEntropyLoss as CrossEntropyLoss
from fourfold.frontends.oneflow.nn import KLDivLoss as KLDivLoss
from fourfold.frontends.oneflow.nn import L1Loss as L1Loss
from fourfold.frontends.oneflow.nn import MSELoss as MSELoss
from fourfold.frontends.oneflow.nn import MarginRankingLoss as MarginRankingLoss
from fourfold.frontends.oneflow.nn import NLLLoss as NLLLoss
from fourfold.frontends.oneflow.nn import SmoothL1Loss as SmoothL1Loss
from fourfold.frontends.oneflow.nn import TripletMarginLoss as TripletMarginLoss
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['BCELoss', 'BCEWithLogitsLoss', 'CTCLoss', 'CombinedMarginLoss', 'CrossEntropyLoss', 'KLDivLoss', 'L1Loss', 'MSELoss', 'MarginRankingLoss', 'Module', 'NLLLoss', 'SmoothL1Loss', 'Tensor', 'TripletMarginLoss']


def __getattr__(name: str) -> Any: ...
