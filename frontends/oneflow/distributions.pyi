# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.distributions import Categorical as Categorical
from fourfold.frontends.oneflow.framework.distributions import Distribution as Distribution

__all__ = ['Categorical', 'Distribution']


def __getattr__(name: str) -> Any: ...
