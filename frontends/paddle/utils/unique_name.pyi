# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.unique_name import generate as generate
from fourfold.frontends.paddle.unique_name import guard as guard
from fourfold.frontends.paddle.unique_name import switch as switch

__all__ = ['generate', 'guard', 'switch']


def __getattr__(name: str) -> Any: ...
