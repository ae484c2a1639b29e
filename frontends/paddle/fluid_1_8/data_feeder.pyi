# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.data_feeder import DataFeeder as DataFeeder

__all__ = ['DataFeeder']


def __getattr__(name: str) -> Any: ...
