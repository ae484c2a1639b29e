# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.functional_derivatives import Hessian as Hessian
from fourfold.frontends.paddle.functional_derivatives import Jacobian as Jacobian
from fourfold.frontends.paddle.functional_derivatives import jvp as jvp
from fourfold.frontends.paddle.functional_derivatives import vjp as vjp

__all__ = ['Hessian', 'Jacobian', 'jvp', 'vjp']


def __getattr__(name: str) -> Any: ...
