# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import abs as abs
from fourfold.frontends.megengine.functional import acos as acos
from fourfold.frontends.megengine.functional import acosh as acosh
from fourfold.frontends.megengine.functional import add as add
from fourfold.frontends.megengine.functional import asin as asin
from fourfold.frontends.megengine.functional import asinh as asinh
from fourfold.frontends.megengine.functional import atan as atan
from fourfold.frontends.megengine.functional import atan2 as atan2
from fourfold.frontends.megengine.functional import atanh as atanh
from fourfold.frontends.megengine.functional import ceil as ceil
from fourfold.frontends.megengine.functional import clip as clip
from fourfold.frontends.megengine.functional import cos as cos
from fourfold.frontends.megengine.functional import cosh as cosh
from fourfold.frontends.megengine.functional import div as div
from fourfold.frontends.megengine.functional import equal as equal
from fourfold.frontends.megengine.functional import exp as exp
from fourfold.frontends.megengine.functional import expm1 as expm1
from fourfold.frontends.megengine.functional import floor as floor
from fourfold.frontends.megengine.functional import floor_div as floor_div
from fourfold.frontends.megengine.functional import greater as greater
from fourfold.frontends.megengine.functional import greater_equal as greater_equal
from fourfold.frontends.megengine.functional import left_shift as left_shift
from fourfold.frontends.megengine.functional import less as less
from fourfold.frontends.megengine.functional import less_equal as less_equal
from fourfold.frontends.megengine.functional import log as log
from fourfold.frontends.megengine.functional import log1p as log1p
from fourfold.frontends.megengine.functional import logaddexp as logaddexp
from fourfold.frontends.megengine.functional import logical_and as logical_and
from fourfold.frontends.megengine.functional import logical_not as logical_not
from fourfold.frontends.megengine.functional import logical_or as logical_or
from fourfold.frontends.megengine.functional import logical_xor as logical_xor
from fourfold.frontends.megengine.functional import maximum as maximum
from fourfold.frontends.megengine.functional import minimum as minimum
from fourfold.frontends.megengine.functional import mod as mod
from fourfold.frontends.megengine.functional import mul as mul
from fourfold.frontends.megengine.functional import neg as neg
from fourfold.frontends.megengine.functional import not_equal as not_equal
from fourfold.frontends.megengine.functional import pow as pow
from fourfold.frontends.megengine.functional import right_shift as right_shift
from fourfold.frontends.megengine.functional import round as round
from fourfold.frontends.megengine.functional import sin as sin
from fourfold.frontends.megengine.functional import sinh as sinh
from fourfold.frontends.megengine.functional import sqrt as sqrt
from fourfold.frontends.megengine.functional import square as square
from fourfold.frontends.megengine.functional import sub as sub
from fourfold.frontends.megengine.functional import tan as tan
from fourfold.frontends.megengine.functional import tanh as tanh

__all__ = ['abs', 'acos', 'acosh', 'add', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'ceil', 'clip', 'cos', 'cosh', 'div', 'equal', 'exp', 'expm1', 'floor', 'floor_div', 'greater', 'greater_equal', 'left_shift', 'less', 'less_equal', 'log', 'log1p', 'logaddexp', 'logical_and', 'logical_not', 'logical_or', 'logical_xor', 'maximum', 'minimum', 'mod', 'mul', 'neg', 'not_equal', 'pow', 'right_shift', 'round', 'sin', 'sinh', 'sqrt', 'square', 'sub', 'tan', 'tanh']


def __getattr__(name: str) -> Any: ...
