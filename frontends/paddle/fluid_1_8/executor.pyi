# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid import global_scope as global_scope
from fourfold.frontends.paddle.fluid import scope_guard as scope_guard
from fourfold.frontends.paddle.static.executor import Executor as Executor

__all__ = ['Executor', 'global_scope', 'scope_guard']


def __getattr__(name: str) -> Any: ...
