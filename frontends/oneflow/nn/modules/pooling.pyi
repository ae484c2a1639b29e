# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from fourfold.frontends.oneflow import adaptive_avg_pool1d as adaptive_avg_pool1d
from fourfold.frontends.oneflow import adaptive_avg_pool2d as adaptive_avg_pool2d
from fourfold.frontends.oneflow import adaptive_avg_pool3d as adaptive_avg_pool3d
from fourfold.frontends.oneflow.nn import AdaptiveAvgPool1d as AdaptiveAvgPool1d
from fourfold.frontends.oneflow.nn import AdaptiveAvgPool2d as AdaptiveAvgPool2d
from fourfold.frontends.oneflow.nn import AdaptiveAvgPool3d as AdaptiveAvgPool3d
from fourfold.frontends.oneflow.nn import AdaptiveMaxPool1d as AdaptiveMaxPool1d
from fourfold.frontends.oneflow.nn import AdaptiveMaxPool2d as AdaptiveMaxPool2d
from fourfold.frontends.oneflow.nn import AdaptiveMaxPool3d as AdaptiveMaxPool3d
from fourfold.frontends.oneflow.nn import AvgPool1d as AvgPool1d
from fourfold.frontends.oneflow.nn import AvgPool2d as AvgPool2d
from fourfold.frontends.oneflow.nn import AvgPool3d as AvgPool3d
from fourfold.frontends.oneflow.nn import MaxPool1d as MaxPool1d
from fourfold.frontends.oneflow.nn import MaxPool2d as MaxPool2d
from fourfold.frontends.oneflow.nn import MaxPool3d as MaxPool3d
from fourfold.frontends.oneflow.nn import MaxUnpool1d as MaxUnpool1d
from fourfold.frontends.oneflow.nn import MaxUnpool2d as MaxUnpool2d
from fourfold.frontends.oneflow.nn import MaxUnpool3d as MaxUnpool3d
from fourfold.frontends.oneflow.nn.modules.module import Module as Module

__all__ = ['AdaptiveAvgPool1d', 'AdaptiveAvgPool2d', 'AdaptiveAvgPool3d', 'AdaptiveMaxPool1d', 'AdaptiveMaxPool2d', 'AdaptiveMaxPool3d', 'AvgPool1d', 'AvgPool2d', 'AvgPool3d', 'MaxPool1d', 'MaxPool2d', 'MaxPool3d', 'MaxUnpool1d', 'MaxUnpool2d', 'MaxUnpool3d', 'Module', 'adaptive_avg_pool1d', 'adaptive_avg_pool2d', 'adaptive_avg_pool3d']


def __getattr__(name: str) -> Any: ...
