# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle import cross as cross
from fourfold.frontends.paddle import matrix_transpose as matrix_transpose
from fourfold.frontends.paddle import vecdot as vecdot


def __getattr__(name: str) -> Any: ...
