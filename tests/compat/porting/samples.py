"""One layer of every kind in the words of each API, all of them meaning the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle.fluid import dygraph as fluid

if TYPE_CHECKING:
    from collections.abc import Callable

VOLUME, PLANE, LINE, INDICES = (2, 4, 3, 4, 5), (2, 4, 5, 4), (5, 4), (3,)
SIZES: dict[str, Any] = {"stride": (1, 2, 1), "padding": (1, 0, 1), "dilation": (1, 2, 1), "groups": 2}

# kind: (shape of an input, API: layer)
SAMPLES: dict[str, tuple[tuple[int, ...], dict[str, Callable[[], nn.Module]]]] = {
    "convolution": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Conv3d(4, 6, (3, 2, 3), **SIZES),
            "paddle": lambda: paddle.Conv3D(4, 6, (3, 2, 3), **SIZES | {"padding": [1, 0, 1]}),
            "fluid": lambda: fluid.Conv3D(4, 6, (3, 2, 3), **{name: _list(size) for name, size in SIZES.items()}),
            "megengine": lambda: megengine.Conv3d(4, 6, (3, 2, 3), **SIZES),
            "oneflow": lambda: oneflow.Conv3d(4, 6, (3, 2, 3), **SIZES),
        },
    ),
    "convolution without bias": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Conv3d(4, 6, 1, bias=False),
            "paddle": lambda: paddle.Conv3D(4, 6, 1, padding=[0] * 3, bias_attr=False),
            "fluid": lambda: fluid.Conv3D(4, 6, 1, [1] * 3, [0] * 3, [1] * 3, bias_attr=False),
            "megengine": lambda: megengine.Conv3d(4, 6, 1, bias=False),
            "oneflow": lambda: oneflow.Conv3d(4, 6, 1, bias=False),
        },
    ),
    "linear": (
        LINE,
        {
            "torch.nn": lambda: nn.Linear(4, 3),
            "paddle": lambda: paddle.Linear(4, 3),
            "fluid": lambda: fluid.Linear(4, 3),
            "megengine": lambda: megengine.Linear(4, 3),
            "oneflow": lambda: oneflow.Linear(4, 3),
        },
    ),
    "linear without bias": (
        LINE,
        {
            "torch.nn": lambda: nn.Linear(4, 4, bias=False),
            "paddle": lambda: paddle.Linear(4, 4, bias_attr=False),
            "fluid": lambda: fluid.Linear(4, 4, bias_attr=False),
            "megengine": lambda: megengine.Linear(4, 4, bias=False),
            "oneflow": lambda: oneflow.Linear(4, 4, bias=False),
        },
    ),
    "batch norm of volumes": (
        VOLUME,
        {
            "torch.nn": lambda: nn.BatchNorm3d(4, eps=1e-3, momentum=0.3),
            "paddle": lambda: paddle.BatchNorm3D(4, momentum=0.7, epsilon=1e-3),
            "fluid": lambda: fluid.BatchNorm(4, momentum=0.7, epsilon=1e-3),
            "oneflow": lambda: oneflow.BatchNorm3d(4, eps=1e-3, momentum=0.3),
        },
    ),
    "batch norm of planes": (
        PLANE,
        {
            "torch.nn": lambda: nn.BatchNorm2d(4, eps=1e-3, momentum=0.2),
            "paddle": lambda: paddle.BatchNorm2D(4, momentum=0.8, epsilon=1e-3),
            "megengine": lambda: megengine.BatchNorm2d(4, eps=1e-3, momentum=0.8),
        },
    ),
    "batch norm of lines": (
        LINE,
        {
            "torch.nn": lambda: nn.BatchNorm1d(4, affine=False),
            "megengine": lambda: megengine.BatchNorm1d(4, affine=False),
        },
    ),
    "batch norm by batch": (
        VOLUME,
        {
            "torch.nn": lambda: nn.BatchNorm3d(4, track_running_stats=False),
            "paddle": lambda: paddle.BatchNorm3D(4, use_global_stats=False),
            "oneflow": lambda: oneflow.BatchNorm3d(4, track_running_stats=False),
        },
    ),
    "instance norm of volumes": (
        VOLUME,
        {
            "torch.nn": lambda: nn.InstanceNorm3d(4, eps=1e-3, affine=True),
            "paddle": lambda: paddle.InstanceNorm3D(4, epsilon=1e-3),
            "fluid": lambda: fluid.InstanceNorm(4, epsilon=1e-3),
            "oneflow": lambda: oneflow.InstanceNorm3d(4, eps=1e-3, affine=True),
        },
    ),
    "instance norm without parameters": (
        VOLUME,
        {
            "torch.nn": lambda: nn.InstanceNorm3d(4),
            "paddle": lambda: paddle.InstanceNorm3D(4, weight_attr=False, bias_attr=False),
            "oneflow": lambda: oneflow.InstanceNorm3d(4),
        },
    ),
    "instance norm of planes": (
        PLANE,
        {
            "torch.nn": lambda: nn.InstanceNorm2d(4, affine=True),
            "megengine": lambda: megengine.InstanceNorm(4),
        },
    ),
    "group norm": (
        VOLUME,
        {
            "torch.nn": lambda: nn.GroupNorm(2, 4, eps=1e-3),
            "paddle": lambda: paddle.GroupNorm(2, 4, epsilon=1e-3),
            "oneflow": lambda: oneflow.GroupNorm(2, 4, eps=1e-3),
        },
    ),
    "layer norm": (
        VOLUME,
        {
            "torch.nn": lambda: nn.LayerNorm((4, 5), eps=1e-3),
            "paddle": lambda: paddle.LayerNorm([4, 5], epsilon=1e-3),
            "fluid": lambda: fluid.LayerNorm([4, 5], epsilon=1e-3),
            "megengine": lambda: megengine.LayerNorm((4, 5), eps=1e-3),
            "oneflow": lambda: oneflow.LayerNorm((4, 5), eps=1e-3),
        },
    ),
    "layer norm with a factor alone": (
        VOLUME,
        {
            "torch.nn": lambda: nn.LayerNorm(5, bias=False),
            "paddle": lambda: paddle.LayerNorm([5], bias_attr=False),
            "fluid": lambda: fluid.LayerNorm([5], shift=False),
        },
    ),
    "PReLU": (
        VOLUME,
        {
            "torch.nn": nn.PReLU,
            "paddle": paddle.PReLU,
            "fluid": lambda: fluid.PRelu("all"),
            "megengine": megengine.PReLU,
            "oneflow": oneflow.PReLU,
        },
    ),
    "PReLU by channel": (
        VOLUME,
        {
            "torch.nn": lambda: nn.PReLU(4),
            "paddle": lambda: paddle.PReLU(4),
            "fluid": lambda: fluid.PRelu("channel", 4),
            "oneflow": lambda: oneflow.PReLU(4),
        },
    ),
    "embedding": (
        INDICES,
        {
            "torch.nn": lambda: nn.Embedding(5, 3),
            "paddle": lambda: paddle.Embedding(5, 3),
            "fluid": lambda: fluid.Embedding([5, 3]),
            "megengine": lambda: megengine.Embedding(5, 3),
            "oneflow": lambda: oneflow.Embedding(5, 3),
        },
    ),
    "ReLU": (
        VOLUME,
        {"torch.nn": nn.ReLU, "paddle": paddle.ReLU, "megengine": megengine.ReLU, "oneflow": oneflow.ReLU},
    ),
    "ReLU6": (VOLUME, {"torch.nn": nn.ReLU6, "oneflow": oneflow.ReLU6}),
    "LeakyReLU": (
        VOLUME,
        {
            "torch.nn": lambda: nn.LeakyReLU(0.25),
            "paddle": lambda: paddle.LeakyReLU(0.25),
            "megengine": lambda: megengine.LeakyReLU(0.25),
            "oneflow": lambda: oneflow.LeakyReLU(0.25),
        },
    ),
    "ELU": (
        VOLUME,
        {"torch.nn": lambda: nn.ELU(2.0), "paddle": lambda: paddle.ELU(2.0), "oneflow": lambda: oneflow.ELU(2.0)},
    ),
    "GELU": (
        VOLUME,
        {"torch.nn": nn.GELU, "paddle": paddle.GELU, "megengine": megengine.GELU, "oneflow": oneflow.GELU},
    ),
    "GELU by tanh": (
        VOLUME,
        {
            "torch.nn": lambda: nn.GELU("tanh"),
            "paddle": lambda: paddle.GELU(approximate=True),
            "oneflow": lambda: oneflow.GELU("tanh"),
        },
    ),
    "SiLU": (
        VOLUME,
        {"torch.nn": nn.SiLU, "paddle": paddle.Silu, "megengine": megengine.SiLU, "oneflow": oneflow.SiLU},
    ),
    "sigmoid": (
        VOLUME,
        {
            "torch.nn": nn.Sigmoid,
            "paddle": paddle.Sigmoid,
            "megengine": megengine.Sigmoid,
            "oneflow": oneflow.Sigmoid,
        },
    ),
    "tanh": (VOLUME, {"torch.nn": nn.Tanh, "paddle": paddle.Tanh, "oneflow": oneflow.Tanh}),
    "identity": (
        VOLUME,
        {
            "torch.nn": nn.Identity,
            "paddle": paddle.Identity,
            "megengine": megengine.Identity,
            "oneflow": oneflow.Identity,
        },
    ),
    "softmax": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Softmax(2),
            "paddle": lambda: paddle.Softmax(2),
            "megengine": lambda: megengine.Softmax(2),
            "oneflow": lambda: oneflow.Softmax(2),
        },
    ),
    "dropout": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Dropout(0.25),
            "paddle": lambda: paddle.Dropout(0.25),
            "fluid": lambda: fluid.Dropout(0.25, dropout_implementation="upscale_in_train"),
            "megengine": lambda: megengine.Dropout(0.25),
            "oneflow": lambda: oneflow.Dropout(0.25),
        },
    ),
    "dropout that scales in eval": (
        VOLUME,
        {
            "paddle": lambda: paddle.Dropout(0.25, mode="downscale_in_infer"),
            "fluid": lambda: fluid.Dropout(0.25),
        },
    ),
    "dropout of channels": (
        VOLUME,
        {"torch.nn": lambda: nn.Dropout3d(0.25), "paddle": lambda: paddle.Dropout3D(0.25)},
    ),
    "flatten": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Flatten(2, 3),
            "paddle": lambda: paddle.Flatten(2, 3),
            "oneflow": lambda: oneflow.Flatten(2, 3),
        },
    ),
    "max pool": (
        VOLUME,
        {
            "torch.nn": lambda: nn.MaxPool3d((3, 2, 3), (2, 2, 2), (1, 0, 1), ceil_mode=True),
            "paddle": lambda: paddle.MaxPool3D((3, 2, 3), (2, 2, 2), [1, 0, 1], ceil_mode=True),
            "oneflow": lambda: oneflow.MaxPool3d((3, 2, 3), (2, 2, 2), (1, 0, 1), ceil_mode=True),
        },
    ),
    "max pool of planes": (
        PLANE,
        {
            "torch.nn": lambda: nn.MaxPool2d((2, 2), (2, 2), (1, 1)),
            "megengine": lambda: megengine.MaxPool2d((2, 2), (2, 2), (1, 1)),
        },
    ),
    "mean pool": (
        VOLUME,
        {
            "torch.nn": lambda: nn.AvgPool3d((2, 2, 2), (1, 1, 1), (1, 1, 1), count_include_pad=False),
            "paddle": lambda: paddle.AvgPool3D((2, 2, 2), (1, 1, 1), [1, 1, 1]),
            "oneflow": lambda: oneflow.AvgPool3d(2, 1, 1, count_include_pad=False),
        },
    ),
    "mean pool with padding": (
        VOLUME,
        {
            "torch.nn": lambda: nn.AvgPool3d((2, 2, 2), (1, 1, 1), (1, 1, 1), divisor_override=3),
            "paddle": lambda: paddle.AvgPool3D((2, 2, 2), (1, 1, 1), [1, 1, 1], exclusive=False, divisor_override=3),
            "oneflow": lambda: oneflow.AvgPool3d(2, 1, 1, divisor_override=3),
        },
    ),
    "mean pool of planes": (
        PLANE,
        {
            "torch.nn": lambda: nn.AvgPool2d((2, 2), (1, 1), (1, 1)),
            "megengine": lambda: megengine.AvgPool2d((2, 2), (1, 1), (1, 1), mode="average"),
        },
    ),
    "adaptive mean pool": (
        VOLUME,
        {
            "torch.nn": lambda: nn.AdaptiveAvgPool3d((1, 2, None)),
            "paddle": lambda: paddle.AdaptiveAvgPool3D((1, 2, None)),
            "oneflow": lambda: oneflow.AdaptiveAvgPool3d((1, 2, None)),
        },
    ),
    "adaptive max pool": (
        VOLUME,
        {
            "torch.nn": lambda: nn.AdaptiveMaxPool3d((1, 2, 2)),
            "paddle": lambda: paddle.AdaptiveMaxPool3D((1, 2, 2)),
            "oneflow": lambda: oneflow.AdaptiveMaxPool3d((1, 2, 2)),
        },
    ),
    "resize": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Upsample(scale_factor=2.0, mode="trilinear", align_corners=True),
            "paddle": lambda: paddle.Upsample(scale_factor=2.0, mode="trilinear", align_corners=True),
            "oneflow": lambda: oneflow.Upsample(scale_factor=2.0, mode="trilinear", align_corners=True),
        },
    ),
    "resize by repeating": (
        VOLUME,
        {
            "torch.nn": lambda: nn.Upsample((6, 8, 10)),
            "paddle": lambda: paddle.Upsample((6, 8, 10)),
            "oneflow": lambda: oneflow.Upsample((6, 8, 10)),
        },
    ),
}

# Classes that take any number of axes, and where another takes their place therefore.
GENERAL = {
    ("batch norm of volumes", "fluid", "paddle"),
}


def _list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def input_for(kind: str) -> torch.Tensor:
    """Small integers, in the shape that a kind takes."""
    generator = torch.Generator().manual_seed(1)
    shape = SAMPLES[kind][0]
    if kind == "embedding":
        return torch.randint(0, 5, shape, generator=generator)
    return torch.randint(-4, 5, shape, generator=generator).float()


def set_integers(module: nn.Module) -> None:
    """Fill parameters and running statistics with small integers, variances with positive ones."""
    generator = torch.Generator().manual_seed(0)
    tensors = [*nn.Module.named_parameters(module), *nn.Module.named_buffers(module)]
    with torch.no_grad():
        for name, tensor in tensors:
            low = 1 if "var" in name else -4
            torch.Tensor.copy_(tensor, torch.randint(low, 5, tuple(tensor.shape), generator=generator))
