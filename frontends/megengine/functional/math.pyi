# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine.functional import argmax as argmax
from fourfold.frontends.megengine.functional import argmin as argmin
from fourfold.frontends.megengine.functional import argsort as argsort
from fourfold.frontends.megengine.functional import dot as dot
from fourfold.frontends.megengine.functional import isinf as isinf
from fourfold.frontends.megengine.functional import isnan as isnan
from fourfold.frontends.megengine.functional import matinv as matinv
from fourfold.frontends.megengine.functional import matmul as matmul
from fourfold.frontends.megengine.functional import max as max
from fourfold.frontends.megengine.functional import mean as mean
from fourfold.frontends.megengine.functional import min as min
from fourfold.frontends.megengine.functional import norm as norm
from fourfold.frontends.megengine.functional import normalize as normalize
from fourfold.frontends.megengine.functional import prod as prod
from fourfold.frontends.megengine.functional import sign as sign
from fourfold.frontends.megengine.functional import sort as sort
from fourfold.frontends.megengine.functional import std as std
from fourfold.frontends.megengine.functional import sum as sum
from fourfold.frontends.megengine.functional import svd as svd
from fourfold.frontends.megengine.functional import topk as topk
from fourfold.frontends.megengine.functional import var as var

__all__ = ['argmax', 'argmin', 'argsort', 'dot', 'isinf', 'isnan', 'matinv', 'matmul', 'max', 'mean', 'min', 'norm', 'normalize', 'prod', 'sign', 'sort', 'std', 'sum', 'svd', 'topk', 'var']


def __getattr__(name: str) -> Any: ...
