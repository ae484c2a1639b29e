"""Words of options whose tables stand in modules that import torch; a test holds each beside its table."""

from __future__ import annotations

from ...agreement.environments.specifications import SPECIFICATIONS

# agreement.cases.DATA, agreement.data.STORAGE, agreement.subjects.SUBJECTS and agreement.subjects.author.APIS (as OWN)
DATA = ("integers", "normal")
STORAGE = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
SUBJECTS = ("engine", "torch", "paddle", "fluid", "fluid_1_8", "megengine", "oneflow", "PyTorch")
OWN = ("torch", "paddle", "megengine", "oneflow")

# bench.MODES, LAYOUTS, DTYPES and bench.peers.PEERS
MODES = ("forward", "backward")
LAYOUTS = ("contiguous", "channels_last")
DTYPES = ("float32", "float64", "bfloat16")
PEERS = ("openvino", "onnxruntime", "tensorflow", "jax", "paddle", "oneflow", "megengine")

# porting.APIS and checkpoints.writing.WRITERS
APIS = ("torch", "paddle", "fluid", "megengine", "oneflow")
FORMATS = (
    "paddle",
    "paddle-fluid",
    "paddle-persistables",
    "megengine",
    "oneflow",
    "torch",
    "torch-legacy",
    "safetensors",
)

# activation.served.FRAMEWORKS
SERVED = ("paddle", "megengine", "oneflow")

# agreement.vectors.RECORDINGS
RECORDINGS = (*SPECIFICATIONS, "torch")
