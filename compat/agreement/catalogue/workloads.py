"""The workloads of published models as cases, with the volumes they state and with reduced ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..cases import Case


class Workload(NamedTuple):
    """One layer of a model: the operator, the volume that the model states, and a smaller one for a quick run."""

    id: str
    source: str
    operator: dict[str, Any]
    stated: dict[str, Any]
    reduced: dict[str, Any]

    def case(self, *, full: bool) -> Case:
        """Return the case, with the stated volume or the reduced one."""
        return Case(id=self.id, source=self.source, **self.operator, **(self.stated if full else self.reduced))


def layer(in_channels: int, out_channels: int, kernel_size: Any, stride: Any, **others: Any) -> dict[str, Any]:
    """Return the arguments of an operator as a dict."""
    return {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "kernel_size": kernel_size,
        "stride": stride,
        **others,
    }


def volume(input_size: Any, batch: int = 1) -> dict[str, Any]:
    """Return a batch and a size as a dict."""
    return {"input_size": input_size, "batch": batch}


K2S2 = {"kernel_size": 2, "stride": 2}
K3S2P1OP1 = {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}
K4S2P1 = {"kernel_size": 4, "stride": 2, "padding": 1}

WORKLOADS = (
    Workload("W1/320-320", "nnU-Net", layer(320, 320, **K2S2), volume((8, 10, 12)), volume((2, 3, 4))),
    Workload("W1/256-128", "nnU-Net", layer(256, 128, **K2S2), volume((16, 20, 24)), volume((4, 5, 6))),
    Workload("W1/128-64", "nnU-Net", layer(128, 64, **K2S2), volume((32, 40, 48)), volume((4, 5, 6))),
    Workload("W1/64-32", "nnU-Net", layer(64, 32, **K2S2), volume((64, 80, 96)), volume((8, 10, 12))),
    Workload(
        "W2/320-320", "TorchSharp#1274", layer(320, 320, (1, 2, 2), (1, 2, 2)), volume((5, 10, 8)), volume((2, 5, 4))
    ),
    Workload(
        "W3/64-16", "MedicalSeg spine", layer(64, 16, (2, 2, 4), (2, 2, 1)), volume((256, 256, 9)), volume((8, 8, 9))
    ),
    Workload("W4/768-128", "UNETR", layer(768, 128, **K2S2), volume(8), volume(2)),
    Workload(
        "W5/768-384", "nnFormer", layer(768, 384, 2, 2, output_padding=(1, 0, 0)), volume((3, 5, 5)), volume((2, 2, 2))
    ),
    Workload("W5/96-4", "nnFormer", layer(96, 4, (1, 4, 4), (1, 4, 4)), volume((14, 40, 40)), volume((7, 10, 10))),
    Workload("W6/64-64", "PSMNet", layer(64, 64, **K3S2P1OP1), volume((12, 16, 32)), volume((4, 5, 8))),
    Workload("W6/64-32", "PSMNet", layer(64, 32, **K3S2P1OP1), volume((24, 32, 64)), volume((4, 5, 8))),
    Workload("W7/512-256", "3D-GAN", layer(512, 256, **K4S2P1), volume(4, 100), volume((1, 2, 2))),
    Workload("W7/256-128", "3D-GAN", layer(256, 128, **K4S2P1), volume(8, 100), volume(2)),
    Workload("W7/128-64", "3D-GAN", layer(128, 64, **K4S2P1), volume(16, 100), volume(3, 2)),
    Workload("W7/64-1", "3D-GAN", layer(64, 1, **K4S2P1), volume(32, 100), volume(8, 2)),
    Workload("W8/200-512", "3D-GAN", layer(200, 512, 4, 2), volume(1, 100), volume(1)),
    Workload("W9/k6", "VoxResNet", layer(64, 64, 6, 4, padding=1), volume(16), volume(3)),
    Workload("W9/k10", "VoxResNet", layer(64, 64, 10, 8, padding=1), volume(8), volume((1, 2, 2))),
    Workload("W10/96-4", "SkipDenseNet3D", layer(96, 4, 4, 2, padding=1, groups=4), volume(32), volume(8)),
    Workload("W10/112-4", "SkipDenseNet3D", layer(112, 4, 6, 4, padding=1, groups=4), volume(16), volume(4)),
    Workload("W10/120-4", "SkipDenseNet3D", layer(120, 4, 10, 8, padding=1, groups=4), volume(8), volume(3)),
    Workload("W10/124-4", "SkipDenseNet3D", layer(124, 4, 18, 16, padding=1, groups=4), volume(4), volume(2)),
    Workload("W11/k3", "MedNeXt", layer(32, 32, 3, 2, padding=1, groups=32), volume(32), volume(6)),
    Workload("W11/k5", "MedNeXt", layer(32, 32, 5, 2, padding=2, groups=32), volume(32), volume(6)),
    Workload("W11/k7", "MedNeXt", layer(32, 32, 7, 2, padding=3, groups=32), volume(32), volume(6)),
    Workload("W12/64-32", "MedNeXt residual", layer(64, 32, 1, 2), volume(32), volume(8)),
    Workload(
        "W13/64-32",
        "brain decoder",
        layer(64, 32, **K4S2P1, output_padding=(0, 1, 0)),
        volume((11, 13, 11)),
        volume((5, 6, 5)),
    ),
    Workload(
        "W13/32-16",
        "brain decoder",
        layer(32, 16, **K4S2P1, output_padding=(1, 0, 1)),
        volume((22, 27, 22)),
        volume((5, 6, 5)),
    ),
    Workload(
        "W14/32-16",
        "GVTNets",
        layer(32, 16, 3, 2, padding="SAME", data_format="NDHWC"),
        volume((16, 64, 64)),
        volume((4, 8, 8)),
    ),
    Workload(
        "W15/32-32",
        "KernelBench 1.72",
        layer(32, 32, (3, 5, 7), 2, padding=(1, 2, 3), output_padding=1, groups=4),
        volume((12, 24, 48), 8),
        volume((3, 6, 12)),
    ),
    Workload(
        "W16/32-64",
        "KernelBench 1.77",
        layer(32, 64, 3, 2, padding=1, dilation=2),
        volume((16, 32, 32), 16),
        volume((4, 8, 8)),
    ),
    Workload("W17/8-1", "pytorch#4344", layer(8, 1, **K4S2P1), volume((128, 512, 512)), volume((8, 32, 32))),
    Workload(
        "W18/64-128",
        "tvm#15283",
        layer(64, 128, 5, 2, padding=2, output_padding=1),
        volume((8, 128, 172)),
        volume((2, 4, 6)),
    ),
)
