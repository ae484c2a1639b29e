# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import autodiff as autodiff
from . import device as device
from . import functional as functional
from . import module as module
from . import optimizer as optimizer
from . import random as random
from fourfold.frontends.megengine.tensor import Parameter as Parameter
from fourfold.frontends.megengine.tensor import Tensor as Tensor
from fourfold.frontends.megengine.tensor import Tensor as tensor

__all__ = ['Parameter', 'Tensor', 'autodiff', 'device', 'functional', 'get_device_count', 'is_cuda_available', 'module', 'optimizer', 'random', 'tensor']

def get_device_count(device_type: Any) -> Any: ...
def is_cuda_available() -> Any: ...

def __getattr__(name: str) -> Any: ...
