# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.regularizer import L1DecayRegularizer as L1Decay
from fourfold.frontends.paddle.fluid.regularizer import L1DecayRegularizer as L1DecayRegularizer
from fourfold.frontends.paddle.fluid.regularizer import L2DecayRegularizer as L2Decay
from fourfold.frontends.paddle.fluid.regularizer import L2DecayRegularizer as L2DecayRegularizer


def __getattr__(name: str) -> Any: ...
