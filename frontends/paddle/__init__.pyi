# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import nn as nn
from . import optimizer as optimizer
from . import regularizer as regularizer
from . import static as static
from . import unique_name as unique_name
from fourfold.frontends.paddle import concat as cat
from fourfold.frontends.paddle import concat as concatenate
from fourfold.frontends.paddle import seed as manual_seed
from fourfold.frontends.paddle import sub as subtract
from fourfold.frontends.paddle import transpose as swapaxes
from fourfold.frontends.paddle import transpose as swapdims
from fourfold.frontends.paddle.attributes import ParamAttr as ParamAttr
from fourfold.frontends.paddle.dtype import get_default_dtype as get_default_dtype
from fourfold.frontends.paddle.dtype import set_default_dtype as set_default_dtype
from fourfold.frontends.paddle.nn.convolution import conv3d as conv3d
from fourfold.frontends.paddle.nn.norm import group_norm as group_norm
from fourfold.frontends.paddle.nn.norm import layer_norm as layer_norm
from fourfold.frontends.paddle.place import CPUPlace as CPUPlace
from fourfold.frontends.paddle.place import CUDAPlace as CUDAPlace
from fourfold.frontends.paddle.static.mode import disable_static as disable_static
from fourfold.frontends.paddle.static.mode import enable_static as enable_static
from fourfold.frontends.paddle.static.mode import in_dynamic_mode as in_dynamic_mode
from fourfold.frontends.paddle.tensor import Tensor as Tensor
from fourfold.frontends.paddle.tensor import to_tensor as to_tensor
from torch import bfloat16 as bfloat16
from torch import bool as bool
from torch import complex128 as complex128
from torch import complex64 as complex64
from torch import float16 as float16
from torch import float32 as float32
from torch import float64 as float64
from torch import int16 as int16
from torch import int32 as int32
from torch import int64 as int64
from torch import int8 as int8
from torch import uint8 as uint8
from torch.autograd.grad_mode import no_grad as no_grad

def abs(x: Any, name: Any = ..., *, out: Any = ...) -> Any: ...
def add(x: Any, y: Any, name: Any = ..., *, alpha: Any = ..., out: Any = ...) -> Any: ...
def concat(x: Any, axis: Any = ..., name: Any = ..., *, out: Any = ...) -> Any: ...
def exp(x: Any, name: Any = ..., *, out: Any = ...) -> Any: ...
def is_tensor(x: Any) -> Any: ...
def matmul(
    x: Any, y: Any, transpose_x: Any = ..., transpose_y: Any = ..., name: Any = ..., *, out: Any = ...
) -> Any: ...
def mean(x: Any, axis: Any = ..., keepdim: Any = ..., name: Any = ..., *, dtype: Any = ..., out: Any = ...) -> Any: ...
def mul(x: Any, y: Any, name: Any = ..., *, out: Any = ...) -> Any: ...
def ones(
    shape: Any,
    dtype: Any = ...,
    name: Any = ...,
    *,
    out: Any = ...,
    device: Any = ...,
    requires_grad: Any = ...,
    pin_memory: Any = ...,
) -> Any: ...
def ones_like(
    x: Any, dtype: Any = ..., name: Any = ..., *, device: Any = ..., requires_grad: Any = ..., pin_memory: Any = ...
) -> Any: ...
def rand(
    shape: Any,
    dtype: Any = ...,
    name: Any = ...,
    *,
    out: Any = ...,
    device: Any = ...,
    requires_grad: Any = ...,
    pin_memory: Any = ...,
) -> Any: ...
def randn(
    shape: Any,
    dtype: Any = ...,
    name: Any = ...,
    *,
    out: Any = ...,
    device: Any = ...,
    requires_grad: Any = ...,
    pin_memory: Any = ...,
) -> Any: ...
def reshape(x: Any, shape: Any, name: Any = ...) -> Any: ...
def seed(seed: Any) -> Any: ...
def sqrt(x: Any, name: Any = ..., *, out: Any = ...) -> Any: ...
def square(x: Any, name: Any = ...) -> Any: ...
def stack(x: Any, axis: Any = ..., name: Any = ..., *, out: Any = ...) -> Any: ...
def sub(x: Any, y: Any, name: Any = ..., *, alpha: Any = ..., out: Any = ...) -> Any: ...
def sum(x: Any, axis: Any = ..., dtype: Any = ..., keepdim: Any = ..., name: Any = ..., *, out: Any = ...) -> Any: ...
def tanh(x: Any, name: Any = ..., *, out: Any = ...) -> Any: ...
def transpose(x: Any, perm: Any, name: Any = ...) -> Any: ...
def uniform(
    shape: Any,
    dtype: Any = ...,
    min: Any = ...,
    max: Any = ...,
    seed: Any = ...,
    name: Any = ...,
    *,
    out: Any = ...,
    device: Any = ...,
    requires_grad: Any = ...,
) -> Any: ...
def zeros(
    shape: Any,
    dtype: Any = ...,
    name: Any = ...,
    *,
    out: Any = ...,
    device: Any = ...,
    requires_grad: Any = ...,
    pin_memory: Any = ...,
) -> Any: ...
def zeros_like(
    x: Any, dtype: Any = ..., name: Any = ..., *, device: Any = ..., requires_grad: Any = ..., pin_memory: Any = ...
) -> Any: ...
def __getattr__(name: str) -> Any: ...
