# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.metrics import Accuracy as Accuracy
from fourfold.frontends.paddle.metrics import Auc as Auc
from fourfold.frontends.paddle.metrics import Metric as Metric
from fourfold.frontends.paddle.metrics import Precision as Precision
from fourfold.frontends.paddle.metrics import Recall as Recall

__all__ = ['Accuracy', 'Auc', 'Metric', 'Precision', 'Recall', 'accuracy']

def accuracy(input: Any, label: Any, k: Any = ..., correct: Any = ..., total: Any = ..., name: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
