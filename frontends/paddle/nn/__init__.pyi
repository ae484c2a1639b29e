# generated: python -m fourfold.frontends.names.stubs
from typing import Any

from . import functional as functional
from . import initializer as initializer
from fourfold.frontends.paddle.nn import Silu as SiLU
from fourfold.frontends.paddle.nn.clip import ClipGradByGlobalNorm as ClipGradByGlobalNorm
from fourfold.frontends.paddle.nn.clip import ClipGradByNorm as ClipGradByNorm
from fourfold.frontends.paddle.nn.clip import ClipGradByValue as ClipGradByValue
from fourfold.frontends.paddle.nn.common import Dropout as Dropout
from fourfold.frontends.paddle.nn.common import Dropout3D as Dropout3D
from fourfold.frontends.paddle.nn.common import Embedding as Embedding
from fourfold.frontends.paddle.nn.common import Flatten as Flatten
from fourfold.frontends.paddle.nn.common import Linear as Linear
from fourfold.frontends.paddle.nn.common import Upsample as Upsample
from fourfold.frontends.paddle.nn.container import LayerList as LayerList
from fourfold.frontends.paddle.nn.container import LayerList as ModuleList
from fourfold.frontends.paddle.nn.container import Sequential as Sequential
from fourfold.frontends.paddle.nn.conv import Conv3DTranspose as Conv3DTranspose
from fourfold.frontends.paddle.nn.convolution import Conv3D as Conv3D
from fourfold.frontends.paddle.nn.convolution import Conv3D as Conv3d
from fourfold.frontends.paddle.nn.layer import Layer as Layer
from fourfold.frontends.paddle.nn.layer import Layer as Module
from fourfold.frontends.paddle.nn.layer import Layer as _Layer
from fourfold.frontends.paddle.nn.loss import BCEWithLogitsLoss as BCEWithLogitsLoss
from fourfold.frontends.paddle.nn.loss import CrossEntropyLoss as CrossEntropyLoss
from fourfold.frontends.paddle.nn.loss import L1Loss as L1Loss
from fourfold.frontends.paddle.nn.loss import MSELoss as MSELoss
from fourfold.frontends.paddle.nn.norm import BatchNorm as BatchNorm
from fourfold.frontends.paddle.nn.norm import BatchNorm3D as BatchNorm3D
from fourfold.frontends.paddle.nn.norm import GroupNorm as GroupNorm
from fourfold.frontends.paddle.nn.norm import InstanceNorm3D as InstanceNorm3D
from fourfold.frontends.paddle.nn.norm import LayerNorm as LayerNorm
from fourfold.frontends.paddle.nn.pooling import AdaptiveAvgPool3D as AdaptiveAvgPool3D
from fourfold.frontends.paddle.nn.pooling import AdaptiveMaxPool3D as AdaptiveMaxPool3D
from fourfold.frontends.paddle.nn.pooling import AdaptiveMaxPool3D as AdaptiveMaxPool3d
from fourfold.frontends.paddle.nn.pooling import AvgPool3D as AvgPool3D
from fourfold.frontends.paddle.nn.pooling import MaxPool3D as MaxPool3D

class ELU(_Layer):
    def __init__(self, alpha: Any = ..., name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class GELU(_Layer):
    def __init__(self, approximate: Any = ..., name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class Identity(_Layer):
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, input: Any) -> Any: ...
class LeakyReLU(_Layer):
    def __init__(self, negative_slope: Any = ..., name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class PReLU(_Layer):
    def __init__(self, num_parameters: Any = ..., init: Any = ..., weight_attr: Any = ..., data_format: Any = ..., name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class ReLU(_Layer):
    def __init__(self, name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class Sigmoid(_Layer):
    def __init__(self, name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class Silu(_Layer):
    def __init__(self, inplace: Any = ..., name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class Softmax(_Layer):
    def __init__(self, axis: Any = ..., name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...
class Tanh(_Layer):
    def __init__(self, name: Any = ...) -> None: ...
    def forward(self, x: Any) -> Any: ...

def __getattr__(name: str) -> Any: ...
