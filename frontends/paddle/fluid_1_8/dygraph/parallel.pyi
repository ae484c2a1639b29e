# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.parallel import DataParallel as DataParallel
from fourfold.frontends.paddle.fluid.dygraph.parallel import ParallelEnv as ParallelEnv
from fourfold.frontends.paddle.fluid.dygraph.parallel import prepare_context as prepare_context

__all__ = ['DataParallel', 'ParallelEnv', 'prepare_context']


def __getattr__(name: str) -> Any: ...
