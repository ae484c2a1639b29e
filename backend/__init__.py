"""The engine: one 3-D transposed convolution on torch. It knows nothing of frameworks."""

from .errors import OperatorError, OperatorTypeError
from .operator import conv_transpose3d
from .planning.permission import allow_fft
from .planning.planner import Plan, plan
from .planning.rates import measure_rates
from .planning.tuning import autotune
from .spec import ConvTranspose3dSpec

__all__ = [
    "ConvTranspose3dSpec",
    "OperatorError",
    "OperatorTypeError",
    "Plan",
    "allow_fft",
    "autotune",
    "conv_transpose3d",
    "measure_rates",
    "plan",
]
