# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.paddle.fluid.dygraph.base import disable_dygraph as disable_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import disable_dygraph as disable_imperative
from fourfold.frontends.paddle.fluid.dygraph.base import enable_dygraph as enable_dygraph
from fourfold.frontends.paddle.fluid.dygraph.base import enable_dygraph as enable_imperative
from fourfold.frontends.paddle.fluid.dygraph.base import enabled as enabled
from fourfold.frontends.paddle.fluid.dygraph.base import grad as grad
from fourfold.frontends.paddle.fluid.dygraph.base import guard as guard
from fourfold.frontends.paddle.fluid.dygraph.base import no_grad as no_grad
from fourfold.frontends.paddle.fluid.dygraph.base import to_variable as to_variable


def __getattr__(name: str) -> Any: ...
