# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import average as average
from . import backward as backward
from . import clip as clip
from . import compiler as compiler
from . import data_feeder as data_feeder
from . import dygraph as dygraph
from . import executor as executor
from . import framework as framework
from . import initializer as initializer
from . import io as io
from . import layer_helper as layer_helper
from . import layers as layers
from . import metrics as metrics
from . import nets as nets
from . import optimizer as optimizer
from . import param_attr as param_attr
from . import reader as reader
from . import regularizer as regularizer
from . import unique_name as unique_name
from fourfold.frontends.paddle.fluid import core as core
from fourfold.frontends.paddle.fluid import device_guard as device_guard
from fourfold.frontends.paddle.fluid import embedding as embedding
from fourfold.frontends.paddle.fluid import get_flags as get_flags
from fourfold.frontends.paddle.fluid import global_scope as global_scope
from fourfold.frontends.paddle.fluid import gradients as gradients
from fourfold.frontends.paddle.fluid import load as load
from fourfold.frontends.paddle.fluid import name_scope as name_scope
from fourfold.frontends.paddle.fluid import one_hot as one_hot
from fourfold.frontends.paddle.fluid import require_version as require_version
from fourfold.frontends.paddle.fluid import save as save
from fourfold.frontends.paddle.fluid import scope_guard as scope_guard
from fourfold.frontends.paddle.fluid import set_flags as set_flags
from fourfold.frontends.paddle.fluid.bindings import is_compiled_with_cuda as is_compiled_with_cuda
from fourfold.frontends.paddle.fluid.compiled import BuildStrategy as BuildStrategy
from fourfold.frontends.paddle.fluid.compiled import CompiledProgram as CompiledProgram
from fourfold.frontends.paddle.fluid.compiled import ExecutionStrategy as ExecutionStrategy
from fourfold.frontends.paddle.fluid.data_feeder import DataFeeder as DataFeeder
from fourfold.frontends.paddle.fluid.dygraph import load_dygraph as load_dygraph
from fourfold.frontends.paddle.fluid.dygraph import save_dygraph as save_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import disable_dygraph as disable_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import disable_dygraph as disable_imperative
from fourfold.frontends.paddle.fluid.dygraph.base import enable_dygraph as enable_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import enable_dygraph as enable_imperative
from fourfold.frontends.paddle.fluid.dygraph.base import enabled as in_dygraph_mode
from fourfold.frontends.paddle.fluid.framework import cpu_places as cpu_places
from fourfold.frontends.paddle.fluid.framework import cuda_places as cuda_places
from fourfold.frontends.paddle.fluid.framework import data as data
from fourfold.frontends.paddle.fluid.param_attr import ParamAttr as ParamAttr
from fourfold.frontends.paddle.fluid.variable import Variable as Variable
from fourfold.frontends.paddle.place import CPUPlace as CPUPlace
from fourfold.frontends.paddle.place import CUDAPlace as CUDAPlace
from fourfold.frontends.paddle.static.executor import Executor as Executor
from fourfold.frontends.paddle.static.program import Program as Program
from fourfold.frontends.paddle.static.program import default_main_program as default_main_program
from fourfold.frontends.paddle.static.program import default_startup_program as default_startup_program
from fourfold.frontends.paddle.static.program import program_guard as program_guard

__all__ = ['BuildStrategy', 'CPUPlace', 'CUDAPlace', 'CompiledProgram', 'DataFeeder', 'ExecutionStrategy', 'Executor', 'ParamAttr', 'Program', 'Variable', 'average', 'backward', 'clip', 'compiler', 'core', 'cpu_places', 'cuda_places', 'data', 'data_feeder', 'default_main_program', 'default_startup_program', 'device_guard', 'disable_dygraph', 'disable_imperative', 'dygraph', 'embedding', 'enable_dygraph', 'enable_imperative', 'executor', 'framework', 'get_flags', 'global_scope', 'gradients', 'in_dygraph_mode', 'initializer', 'io', 'is_compiled_with_cuda', 'layer_helper', 'layers', 'load', 'load_dygraph', 'metrics', 'name_scope', 'nets', 'one_hot', 'optimizer', 'param_attr', 'program_guard', 'reader', 'regularizer', 'require_version', 'save', 'save_dygraph', 'scope_guard', 'set_flags', 'unique_name']


def __getattr__(name: str) -> Any: ...
