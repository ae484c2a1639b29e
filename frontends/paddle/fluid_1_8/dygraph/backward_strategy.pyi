# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.backward_strategy import BackwardStrategy as BackwardStrategy


def __getattr__(name: str) -> Any: ...
