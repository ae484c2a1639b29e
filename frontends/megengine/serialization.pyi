# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.megengine import get_default_device as get_default_device
from fourfold.frontends.megengine import load as load
from fourfold.frontends.megengine import save as save

__all__ = ['get_default_device', 'load', 'save']


def __getattr__(name: str) -> Any: ...
