# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.readers import ComposeNotAligned as ComposeNotAligned
from fourfold.frontends.paddle.fluid.readers import batch as batch
from fourfold.frontends.paddle.fluid.readers import buffered as buffered
from fourfold.frontends.paddle.fluid.readers import cache as cache
from fourfold.frontends.paddle.fluid.readers import chain as chain
from fourfold.frontends.paddle.fluid.readers import compose as compose
from fourfold.frontends.paddle.fluid.readers import default_collate_fn as default_collate_fn
from fourfold.frontends.paddle.fluid.readers import firstn as firstn
from fourfold.frontends.paddle.fluid.readers import map_readers as map_readers
from fourfold.frontends.paddle.fluid.readers import shuffle as shuffle
from fourfold.frontends.paddle.fluid.readers import xmap_readers as xmap_readers

__all__ = ['ComposeNotAligned', 'batch', 'buffered', 'cache', 'chain', 'compose', 'default_collate_fn', 'firstn', 'map_readers', 'shuffle', 'xmap_readers']


def __getattr__(name: str) -> Any: ...
