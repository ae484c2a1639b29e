# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import autodiff as autodiff
from . import device as device
from . import functional as functional
from . import module as module
from . import optimizer as optimizer
from . import random as random
from . import serialization as serialization
from fourfold.frontends.megengine.tensor import Parameter as Parameter
from fourfold.frontends.megengine.tensor import Tensor as Tensor
from fourfold.frontends.megengine.tensor import Tensor as tensor

__all__ = ['Parameter', 'Tensor', 'autodiff', 'device', 'functional', 'get_device_count', 'is_cuda_available', 'load', 'module', 'optimizer', 'random', 'save', 'serialization', 'tensor']

def get_device_count(device_type: Any) -> Any: ...
def is_cuda_available() -> Any: ...
def load(f: Any, map_location: Any = ..., pickle_module: Any = ...) -> Any: ...
def save(obj: Any, f: Any, pickle_module: Any = ..., pickle_protocol: Any = ...) -> Any: ...

def __getattr__(name: str) -> Any: ...
