# generated: python -m fourfold.frontends.names.stubs
from typing import Any

broadcast: Any
from fourfold.frontends.oneflow.framework.sbp import sbp as sbp
from fourfold.frontends.oneflow.framework.sbp import split as split
partial_sum: Any

__all__ = ['broadcast', 'partial_sum', 'sbp', 'split']


def __getattr__(name: str) -> Any: ...
