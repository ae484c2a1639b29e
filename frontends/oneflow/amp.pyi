# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow.framework.autocast import autocast as autocast
from fourfold.frontends.oneflow.framework.autocast import autocast_decorator as autocast_decorator
from fourfold.frontends.oneflow.framework.scaling import GradScaler as GradScaler
from fourfold.frontends.oneflow.framework.scaling import StaticGradScaler as StaticGradScaler

__all__ = ['GradScaler', 'StaticGradScaler', 'autocast', 'autocast_decorator']


def __getattr__(name: str) -> Any: ...
