"""The examples in the documentation of the four frameworks, with their sizes and with reduced ones."""

from __future__ import annotations

from .workloads import Workload, layer, volume

NON_CUBIC = {"kernel_size": (3, 5, 2), "stride": (2, 1, 1), "padding": (0, 4, 2)}

DOCUMENTED = (
    Workload(
        "documented/fluid",
        "paddle.fluid.dygraph.Conv3DTranspose",
        layer(3, 12, 12, 1),
        volume((12, 32, 32), 5),
        volume((2, 4, 5)),
    ),
    Workload(
        "documented/megengine",
        "megengine.module.ConvTranspose3d",
        layer(3, 64, 3, 2, padding=1),
        volume((32, 32, 32), 16),
        volume((5, 6, 7), 2),
    ),
    Workload(
        "documented/oneflow",
        "oneflow.nn.ConvTranspose3d",
        layer(16, 33, **NON_CUBIC),
        volume((10, 50, 100), 20),
        volume((5, 8, 12), 2),
    ),
    Workload(
        "documented/torch",
        "torch.nn.ConvTranspose3d",
        layer(16, 33, 3, 2),
        volume((10, 50, 100), 20),
        volume((3, 6, 8), 2),
    ),
)
