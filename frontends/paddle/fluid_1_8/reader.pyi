# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.loaders import DataLoader as DataLoader
from fourfold.frontends.paddle.fluid.loaders import PyReader as PyReader
from fourfold.frontends.paddle.fluid.readers import default_collate_fn as default_collate_fn

__all__ = ['DataLoader', 'PyReader', 'default_collate_fn']


def __getattr__(name: str) -> Any: ...
