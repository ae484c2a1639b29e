"""Paddle's API on the fourfold engine (mirrors Paddle 3.3.1).

`fourfold.frontends.paddle.fluid` and `.fluid_1_8` mirror the removed `paddle.fluid`; import them by name.
"""

from __future__ import annotations

from torch import (
    bfloat16,
    bool,
    cdouble,
    cfloat,
    complex64,
    complex128,
    double,
    enable_grad,
    float,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    no_grad,
    set_grad_enabled,
    uint8,
    uint16,
    uint32,
    uint64,
)

from ..names import add_modules
from . import (
    amp,
    callbacks,
    counted,
    derivatives,
    described,
    device,
    distributed,
    functional_derivatives,
    generator,
    jit,
    metrics,
    model,
    nn,
    parallel,
    progress,
    py_layer,
    regularizer,
    static,
    typed,
    unique_name,
    version,
)
from .device import (
    get_cudnn_version,
    get_device,
    is_compiled_with_cinn,
    is_compiled_with_cuda,
    is_compiled_with_custom_device,
    is_compiled_with_distribute,
    is_compiled_with_ipu,
    is_compiled_with_rocm,
    is_compiled_with_xpu,
    set_device,
)
from .distributions import categories as _categories  # noqa: F401, whose import makes the rows
from .distributions import composed as _composed
from .distributions import distribution as _distribution
from .distributions import laws as _laws  # noqa: F401
from .distributions import transforms as _transforms
from .dtype import get_default_dtype, set_default_dtype
from .framework import ParamAttr
from .loading import datasets, loader, samplers
from .names import NAMES
from .nn import attention, cells, clip, container, conv, functional, initializer, layer, transformer, weights
from .nn import recurrent as _recurrent  # noqa: F401, whose import makes the rows
from .optimization import averages, lbfgs, optimizer, scheduler
from .optimization import optimizers as _optimizers  # noqa: F401, whose import makes the rows
from .optimization import schedules as _schedules  # noqa: F401
from .pictures import loading as _pictures
from .pictures import transform as _transform
from .pictures import transforms as _picture_transforms  # noqa: F401, whose import makes the rows
from .place import CPUPlace, CUDAPlace
from .rows import (  # noqa: F401, whose import makes the rows
    activations,
    arithmetic,
    basics,
    checkpoints,
    classification,
    conversions,
    convolutions,
    creation,
    devices,
    elementwise,
    factorizations,
    flags,
    fourier,
    fractional,
    generators,
    gradients,
    histograms,
    indexing,
    joining,
    layers,
    layers_convolutions,
    layers_learned,
    layers_losses,
    layers_norms,
    layers_volumes,
    linalg,
    losses,
    margins,
    matrices,
    methods,
    norms,
    pools,
    random,
    reductions,
    shapes,
    sorting,
    spectral,
    tools,
    transposed,
    trees,
    volumes,
)
from .rows import attention as _attention  # noqa: F401, likewise
from .rows import metrics as _metrics  # noqa: F401
from .size import Size
from .static import checkpoints as _checkpoints  # noqa: F401, likewise
from .static import compiled, executor, input_spec, program, scopes
from .static import control as _control  # noqa: F401
from .static import convolutions as _convolutions  # noqa: F401
from .static import learned as _learned  # noqa: F401
from .static.mode import disable_static, enable_static, in_dynamic_mode
from .tensor import Tensor, to_tensor

# last: `.dtype` is a module too, whose import takes the name
from torch import dtype  # isort: skip

__all__ = [
    "CPUPlace",
    "CUDAPlace",
    "ParamAttr",
    "Size",
    "Tensor",
    "bfloat16",
    "bool",
    "cdouble",
    "cfloat",
    "complex64",
    "complex128",
    "device",
    "disable_static",
    "double",
    "dtype",
    "enable_grad",
    "enable_static",
    "float",
    "float16",
    "float32",
    "float64",
    "get_cudnn_version",
    "get_default_dtype",
    "get_device",
    "half",
    "in_dynamic_mode",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_compiled_with_cinn",
    "is_compiled_with_cuda",
    "is_compiled_with_custom_device",
    "is_compiled_with_distribute",
    "is_compiled_with_ipu",
    "is_compiled_with_rocm",
    "is_compiled_with_xpu",
    "nn",
    "no_grad",
    "regularizer",
    "set_default_dtype",
    "set_device",
    "set_grad_enabled",
    "static",
    "to_tensor",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "unique_name",
    "version",
]


methods.add()
NAMES.by_hand("", generator, parallel, typed)
NAMES.by_hand("amp", amp)
NAMES.by_hand("autograd", derivatives, py_layer)
NAMES.by_hand("incubate.autograd", functional_derivatives)
NAMES.by_hand("distributed", distributed)
NAMES.by_hand("vision", _pictures)
NAMES.by_hand("vision.transforms", _transform)
NAMES.by_hand("distribution", _composed, _distribution, _transforms)
NAMES.by_hand("jit", jit)
NAMES.by_hand("device", device)
NAMES.by_hand("io", datasets, loader, samplers)
NAMES.by_hand("nn", attention, cells, clip, container, conv, layer, transformer)
NAMES.by_hand("nn.functional", functional)
NAMES.by_hand("nn.utils", weights)
NAMES.by_hand("metric", metrics)
NAMES.by_hand("callbacks", callbacks, progress)
NAMES.by_hand("", counted, described, model)
NAMES.by_hand("nn.initializer", initializer)
NAMES.by_hand("incubate", averages)
NAMES.by_hand("optimizer", lbfgs, optimizer)
NAMES.by_hand("optimizer.lr", scheduler)
NAMES.by_hand("utils.unique_name", unique_name)
NAMES.by_hand("static", compiled, executor, input_spec, program, scopes)
add_modules(NAMES)
