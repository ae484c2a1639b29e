# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import autograd as autograd
from . import optimizer as optimizer
from fourfold.frontends.paddle.optimization.averages import LookAhead as LookAhead
from fourfold.frontends.paddle.optimization.averages import ModelAverage as ModelAverage

__all__ = ['LookAhead', 'ModelAverage', 'autograd', 'optimizer']


def __getattr__(name: str) -> Any: ...
