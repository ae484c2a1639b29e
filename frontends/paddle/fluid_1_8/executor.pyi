# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.static.graph import Executor as Executor


def __getattr__(name: str) -> Any: ...
