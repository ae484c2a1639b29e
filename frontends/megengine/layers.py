"""Rows of layers: what they keep, what they learn, and the function that they apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError
from ..names import Learned, kept
from . import activations, creation, elementwise, norms, pools, reductions, shapes
from .names import NAMES
from .operands import operands
from .tensor import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

ROOMS = (activations, creation, norms, pools, reductions, shapes)  # their rows are what the layers call
layer = NAMES.layer


def shows(*arguments: str) -> Callable[[Any], str]:
    """Return the text in the brackets, a list of arguments: `axis=None`."""
    return lambda layer: ", ".join(f"{argument}={getattr(layer, argument)}" for argument in arguments)


for name, function in (("ReLU", "relu"), ("Sigmoid", "sigmoid"), ("SiLU", "silu"), ("GELU", "gelu")):
    layer(f"module.{name}", f"functional.{function}")
layer("module.LeakyReLU", "functional.leaky_relu")
layer("module.Softmax", "functional.softmax", shown=shows("axis"))
layer("module.Identity", "functional.copy")
for name in ("QuantStub", "DequantStub"):  # where quantisation would begin and end, which nothing here does
    layer(f"module.{name}", lambda inp: inp, kind="")
layer("module.Concat", "functional.concat")
layer("module.Dropout", "functional.dropout", extra={"training": "self.training"}, shown=shows("drop_prob"))
layer("module.PixelShuffle", "functional.pixel_shuffle")
layer("module.LocalResponseNorm", "functional.local_response_norm", kind="")
layer("module.Pad", "functional.pad", constant_val=kept("pad_val", "constant_value"))
layer("module.AdaptiveAvgPool2d", "functional.adaptive_avg_pool2d")
layer("module.AdaptiveMaxPool2d", "functional.adaptive_max_pool2d")
layer("module.SlidingWindow", "functional.sliding_window")
layer("module.SlidingWindowTranspose", "functional.sliding_window_transpose")


def slopes(layer: Any, num_parameters: int, init: float) -> None:
    """Make the factors below zero of PReLU: one, or one for each channel of `(N, C, H, W)`."""
    layer.num_parameters = num_parameters
    layer.weight = Parameter(torch.full((1, num_parameters, 1, 1) if num_parameters > 1 else (1,), float(init)))


layer(
    "module.PReLU",
    "functional.prelu",
    learned=(Learned("weight", slopes, ("num_parameters", "init"), means="y", role="slope"),),
)


def stride_of(layer: Any, kernel_size: Any, stride: Any) -> None:
    """Keep the stride, which is the window's size where none is given."""
    layer.stride = stride or kernel_size


STRIDE = (Learned("stride", stride_of, ("kernel_size", "stride")),)
layer(
    "module.MaxPool2d",
    "functional.max_pool2d",
    learned=STRIDE,
    stride=kept(None),
    shown=shows("kernel_size", "stride", "padding"),
)
layer(
    "module.AvgPool2d",
    "functional.avg_pool2d",
    learned=STRIDE,
    stride=kept(None),
    shown=shows("kernel_size", "stride", "padding", "mode"),
)

ALIKE = (
    "add sub mul floor_div mod pow abs exp log sqrt square sin cos tan sinh cosh tanh asin acos atan atan2 asinh acosh "
    "atanh expm1 log1p floor ceil round relu relu6 sigmoid silu gelu hsigmoid softplus logsigmoid sign"
)
# what Elemwise calls by name: MegEngine's names of its operators
METHODS: dict[str, Callable[..., Tensor]] = {
    mode: NAMES.rows[f"functional.{name}"].target  # type: ignore[union-attr]
    for mode, name in {
        "TRUE_DIV": "div",
        "NEGATE": "neg",
        "SHL": "left_shift",
        "SHR": "right_shift",
        "EQ": "equal",
        "LT": "less",
        "LEQ": "less_equal",
        "MAX": "maximum",
        "MIN": "minimum",
        "LOG_SUM_EXP": "logaddexp",
        "AND": "logical_and",
        "OR": "logical_or",
        "XOR": "logical_xor",
        "NOT": "logical_not",
        "H_SWISH": "hswish",
        **{name.upper(): name for name in ALIKE.split()},
    }.items()
}
METHODS["FUSE_MUL_ADD3"] = lambda x, y, z: elementwise.added(elementwise.multiplied(x, y), z)
METHODS["FUSE_ADD_RELU"] = lambda x, y: torch.relu(torch.add(*operands(x, y)))
METHODS["FUSE_ADD_SIGMOID"] = lambda x, y: torch.sigmoid(torch.add(*operands(x, y)))
METHODS["FUSE_ADD_TANH"] = lambda x, y: torch.tanh(torch.add(*operands(x, y)))


def elementwise_by_name(*inps: Any, method: str) -> Tensor:
    """Apply the function that MegEngine calls by this name.

    Raises:
        RuntimeError: there is none (a ValueError too).
    """
    found = METHODS.get(method.upper())
    if found is None:
        msg = f"Elemwise: method={method!r}; here are {', '.join(sorted(METHODS))}."
        raise OperatorError(msg)
    return found(*inps)


layer("module.Elemwise", elementwise_by_name)
