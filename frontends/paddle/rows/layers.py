"""Rows of layers: what they keep, what they learn, and the function that they apply."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ...names import Learned, kept
from ..dtype import default_dtype, dtype_name
from ..names import NAMES
from ..nn.initializer import Constant
from ..nn.layer import Layer
from ..nn.mapped import CHANNEL_FIRST, CHANNEL_LAST
from . import activations

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

assert activations  # their rows are what the layers call
NAMES.base = Layer
FORMATS = CHANNEL_FIRST + CHANNEL_LAST
layer = NAMES.layer


def shows(*arguments: str) -> Callable[[Any], str]:
    """Return an `extra_repr` that lists arguments as Paddle does: `axis=-1`."""

    def shown(layer: Any) -> str:
        return ", ".join(f"{argument}={getattr(layer, f'_{argument}')}" for argument in arguments)

    return shown


for name, function in (
    ("ReLU", "relu"),
    ("ReLU6", "relu6"),
    ("Sigmoid", "sigmoid"),
    ("Silu", "silu"),
    ("Tanh", "tanh"),
    ("Hardsigmoid", "hardsigmoid"),
    ("Hardswish", "hardswish"),
    ("LogSigmoid", "log_sigmoid"),
    ("Mish", "mish"),
    ("Softsign", "softsign"),
    ("Tanhshrink", "tanhshrink"),
):
    layer(f"nn.{name}", f"nn.functional.{function}")
layer("nn.Swish", "nn.functional.swish", kind="SiLU")
for name, function, options in (
    ("CELU", "celu", "alpha"),
    ("Hardshrink", "hardshrink", "threshold"),
    ("Hardtanh", "hardtanh", "min max"),
    ("LogSoftmax", "log_softmax", "axis"),
    ("Maxout", "maxout", "groups axis"),
    ("SELU", "selu", "scale alpha"),
    ("Softplus", "softplus", "beta threshold"),
    ("Softshrink", "softshrink", "threshold"),
    ("ThresholdedReLU", "thresholded_relu", "threshold value"),
    ("GLU", "glu", "axis"),
):
    layer(f"nn.{name}", f"nn.functional.{function}", shown=shows(*options.split()))
layer("nn.Softmax2D", lambda x: NAMES.get("nn.functional.softmax")(x, axis=-3))
layer(
    "nn.RReLU",
    "nn.functional.rrelu",
    extra={"training": "self.training"},
    shown=lambda layer: (
        f"lower={layer._lower}, upper={layer._upper}, training={layer.training}, dtype={dtype_name(default_dtype())}"
    ),
)
layer("nn.LeakyReLU", "nn.functional.leaky_relu", shown=shows("negative_slope"))
layer("nn.ELU", "nn.functional.elu", shown=shows("alpha"))
layer("nn.GELU", "nn.functional.gelu", shown=shows("approximate"))
layer("nn.Softmax", "nn.functional.softmax", shown=shows("axis"))
layer("nn.Identity", lambda x: x, args=kept(None), kwargs=kept(None))


def checked(value: Any, legal: tuple[str, ...], where: str) -> Any:
    """Return a value that is one of those.

    Raises:
        ValueError: it is not.
    """
    if value not in legal:
        msg = (
            f"Attr(data_format) of {where} should be one of {', '.join(legal)}. Received Attr(data_format): {value!r}."
        )
        raise ValueError(msg)
    return value


def factors(layer: Any, num_parameters: int, init: float, weight_attr: Any) -> None:
    """Make the factors below zero of PReLU."""
    layer.add_parameter(
        "_weight", layer.create_parameter([num_parameters], weight_attr, default_initializer=Constant(init))
    )


layer(
    "nn.PReLU",
    "nn.functional.prelu",
    learned=(Learned("_weight", factors, ("num_parameters", "init", "weight_attr"), means="weight", role="slope"),),
    num_parameters=kept("_num_parameters", means=None),
    init=kept("_init", means=None),
    data_format=kept("_data_format", read=partial(checked, legal=FORMATS, where="prelu")),
    shown=lambda layer: (
        f"num_parameters={layer._num_parameters}, data_format={layer._data_format}, init={layer._init}, "
        f"dtype={dtype_name(layer._weight.dtype)}"
    ),
)
