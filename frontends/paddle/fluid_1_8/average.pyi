# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.average import WeightedAverage as WeightedAverage

__all__ = ['WeightedAverage']


def __getattr__(name: str) -> Any: ...
