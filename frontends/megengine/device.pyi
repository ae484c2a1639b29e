# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine import get_device_count as get_device_count
from fourfold.frontends.megengine import is_cuda_available as is_cuda_available

__all__ = ['get_device_count', 'is_cuda_available']


def __getattr__(name: str) -> Any: ...
