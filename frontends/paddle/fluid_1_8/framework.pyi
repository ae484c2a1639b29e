# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid import device_guard as device_guard
from fourfold.frontends.paddle.fluid import get_flags as get_flags
from fourfold.frontends.paddle.fluid import name_scope as name_scope
from fourfold.frontends.paddle.fluid import require_version as require_version
from fourfold.frontends.paddle.fluid import set_flags as set_flags
from fourfold.frontends.paddle.fluid.bindings import is_compiled_with_cuda as is_compiled_with_cuda
from fourfold.frontends.paddle.fluid.dygraph.base import enabled as in_dygraph_mode
from fourfold.frontends.paddle.fluid.framework import cpu_places as cpu_places
from fourfold.frontends.paddle.fluid.framework import cuda_places as cuda_places
from fourfold.frontends.paddle.fluid.variable import Variable as Variable
from fourfold.frontends.paddle.static.program import Program as Program
from fourfold.frontends.paddle.static.program import default_main_program as default_main_program
from fourfold.frontends.paddle.static.program import default_startup_program as default_startup_program
from fourfold.frontends.paddle.static.program import program_guard as program_guard

__all__ = ['Program', 'Variable', 'cpu_places', 'cuda_places', 'default_main_program', 'default_startup_program', 'device_guard', 'get_flags', 'in_dygraph_mode', 'is_compiled_with_cuda', 'name_scope', 'program_guard', 'require_version', 'set_flags']


def __getattr__(name: str) -> Any: ...
