# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid import load as load
from fourfold.frontends.paddle.fluid import save as save
from fourfold.frontends.paddle.fluid.io import get_program_parameter as get_program_parameter
from fourfold.frontends.paddle.fluid.io import get_program_persistable_vars as get_program_persistable_vars
from fourfold.frontends.paddle.fluid.io import load_params as load_params
from fourfold.frontends.paddle.fluid.io import load_persistables as load_persistables
from fourfold.frontends.paddle.fluid.io import load_program_state as load_program_state
from fourfold.frontends.paddle.fluid.io import load_vars as load_vars
from fourfold.frontends.paddle.fluid.io import save_params as save_params
from fourfold.frontends.paddle.fluid.io import save_persistables as save_persistables
from fourfold.frontends.paddle.fluid.io import save_vars as save_vars
from fourfold.frontends.paddle.fluid.io import set_program_state as set_program_state
from fourfold.frontends.paddle.fluid.loaders import DataLoader as DataLoader
from fourfold.frontends.paddle.fluid.loaders import PyReader as PyReader
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

__all__ = ['ComposeNotAligned', 'DataLoader', 'PyReader', 'batch', 'buffered', 'cache', 'chain', 'compose', 'default_collate_fn', 'firstn', 'get_program_parameter', 'get_program_persistable_vars', 'load', 'load_params', 'load_persistables', 'load_program_state', 'load_vars', 'map_readers', 'save', 'save_params', 'save_persistables', 'save_vars', 'set_program_state', 'shuffle', 'xmap_readers']


def __getattr__(name: str) -> Any: ...
