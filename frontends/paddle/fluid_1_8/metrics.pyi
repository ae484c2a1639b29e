# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.metrics import Accuracy as Accuracy
from fourfold.frontends.paddle.fluid.metrics import Auc as Auc
from fourfold.frontends.paddle.fluid.metrics import ChunkEvaluator as ChunkEvaluator
from fourfold.frontends.paddle.fluid.metrics import CompositeMetric as CompositeMetric
from fourfold.frontends.paddle.fluid.metrics import EditDistance as EditDistance
from fourfold.frontends.paddle.fluid.metrics import MetricBase as MetricBase
from fourfold.frontends.paddle.fluid.metrics import Precision as Precision
from fourfold.frontends.paddle.fluid.metrics import Recall as Recall

__all__ = ['Accuracy', 'Auc', 'ChunkEvaluator', 'CompositeMetric', 'EditDistance', 'MetricBase', 'Precision', 'Recall']


def __getattr__(name: str) -> Any: ...
