# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.compiled import BuildStrategy as BuildStrategy
from fourfold.frontends.paddle.fluid.compiled import CompiledProgram as CompiledProgram
from fourfold.frontends.paddle.fluid.compiled import ExecutionStrategy as ExecutionStrategy

__all__ = ['BuildStrategy', 'CompiledProgram', 'ExecutionStrategy']


def __getattr__(name: str) -> Any: ...
