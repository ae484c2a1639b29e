"""The names that public functions take, as types: an editor completes them, and mypy knows a wrong one.

Needs no torch. A test holds each beside the table that it names.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["Api", "Dtype", "Fluid", "Format", "Reference", "Served", "Target"]

# whose names and layouts a state has: porting.APIS
Api: TypeAlias = Literal["torch", "paddle", "fluid", "megengine", "oneflow"]
# whose layers a model gets: porting.TARGETS
Target: TypeAlias = Literal["torch", "torch.nn", "paddle", "fluid", "fluid_1_8", "megengine", "oneflow"]
# how a checkpoint is written: checkpoints.writing.WRITERS
Format: TypeAlias = Literal[
    "paddle",
    "paddle-fluid",
    "paddle-persistables",
    "megengine",
    "oneflow",
    "torch",
    "torch-legacy",
    "safetensors",
]
# which import names are served: activation.served.FRAMEWORKS, and which fluid
Served: TypeAlias = Literal["paddle", "megengine", "oneflow"]
Fluid: TypeAlias = Literal["documented", "1.8"]
# what a layer is compared with: agreement.frameworks.FRAMEWORKS, in agreement.data.STORAGE
Reference: TypeAlias = Literal["definition", "torch", "paddle", "paddle-2.6", "fluid", "megengine", "oneflow"]
Dtype: TypeAlias = Literal["float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
