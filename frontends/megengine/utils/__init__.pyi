# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import module_stats as module_stats
from . import profiler as profiler

__all__ = ['module_stats', 'profiler']


def __getattr__(name: str) -> Any: ...
