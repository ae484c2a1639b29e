"""Run a network with torch's transposed convolutions and with fourfold's, turn about, and print the ratio.

python examples/acceleration/unet.py                                  # a U-Net written here, like nnU-Net's
python examples/acceleration/unet.py --model monai --edge 96          # MONAI's DynUNet (pip install monai)
python examples/acceleration/unet.py --model nnunet --train           # nnU-Net's own (dynamic-network-architectures)
python examples/acceleration/unet.py --model generator                # 3D-GAN's: transposed convolutions alone
"""

from __future__ import annotations

import argparse
import statistics
import time
from itertools import pairwise

import torch

import fourfold

WIDTHS = (32, 64, 128, 256, 320)


class Block(torch.nn.Sequential):
    """Two 3x3x3 convolutions, normalised."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        layers: list[torch.nn.Module] = []
        for channels, step in ((in_channels, stride), (out_channels, 1)):
            layers += [
                torch.nn.Conv3d(channels, out_channels, 3, step, 1),
                torch.nn.InstanceNorm3d(out_channels, affine=True),
                torch.nn.LeakyReLU(inplace=True),
            ]
        super().__init__(*layers)


class UNet(torch.nn.Module):
    """A plain U-Net: every transposed convolution has kernel size = stride = 2."""

    def __init__(self, in_channels: int = 1, classes: int = 3) -> None:
        super().__init__()
        self.stem = Block(in_channels, WIDTHS[0])
        self.downs = torch.nn.ModuleList(Block(wide, deep, stride=2) for wide, deep in pairwise(WIDTHS))
        self.ups = torch.nn.ModuleList(torch.nn.ConvTranspose3d(deep, wide, 2, 2) for wide, deep in pairwise(WIDTHS))
        self.merges = torch.nn.ModuleList(Block(2 * wide, wide) for wide in WIDTHS[:-1])
        self.head = torch.nn.Conv3d(WIDTHS[0], classes, 1)

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        """Map (N, in_channels, D, H, W) to (N, classes, D, H, W)."""
        skips = [self.stem(volume)]
        for down in self.downs:
            skips.append(down(skips[-1]))
        result = skips.pop()
        for up, merge in zip(reversed(self.ups), reversed(self.merges), strict=True):
            result = merge(torch.cat([up(result), skips.pop()], dim=1))
        return self.head(result)


class Generator(torch.nn.Sequential):
    """The generator of 3D-GAN (Wu et al. 2016): 200 numbers per volume, five transposed convolutions, kernel size 4."""

    def __init__(self) -> None:
        widths = (200, 512, 256, 128, 64)
        layers: list[torch.nn.Module] = []
        for number, (deep, wide) in enumerate(pairwise(widths)):
            stride, padding = (1, 0) if number == 0 else (2, 1)
            up = torch.nn.ConvTranspose3d(deep, wide, 4, stride, padding, bias=False)
            layers += [up, torch.nn.BatchNorm3d(wide), torch.nn.ReLU(inplace=True)]
        super().__init__(*layers, torch.nn.ConvTranspose3d(widths[-1], 1, 4, 2, 1), torch.nn.Sigmoid())


def draw_input(name: str, edge: int) -> torch.Tensor:
    """Return what the network makes, or takes, a volume of `edge`^3 voxels of."""
    if name == "generator":
        if edge % 16 or edge < 64:
            msg = f"--edge {edge}: this generator makes volumes of 64, 80, 96, ... voxels along each side"
            raise SystemExit(msg)
        return torch.randn(1, 200, *[edge // 16 - 3] * 3)
    return torch.randn(1, 1, edge, edge, edge)


def build(name: str) -> torch.nn.Module:
    """Return a network: three classes and four transposed convolutions, but for the generator."""
    if name == "generator":
        return Generator()
    levels = len(WIDTHS)
    strides = [1, *[2] * (levels - 1)]
    if name == "monai":
        from monai.networks.nets import DynUNet

        return DynUNet(3, 1, 3, [3] * levels, strides, strides[1:], list(WIDTHS))
    if name == "nnunet":
        from dynamic_network_architectures.architectures.unet import PlainConvUNet

        return PlainConvUNet(
            1, levels, list(WIDTHS), torch.nn.Conv3d, 3, strides, 2, 3, 2, conv_bias=True,
            norm_op=torch.nn.InstanceNorm3d, norm_op_kwargs={"affine": True},
            nonlin=torch.nn.LeakyReLU, nonlin_kwargs={"inplace": True},
        )  # fmt: skip
    return UNet()


def run(model: torch.nn.Module, volume: torch.Tensor, train: bool) -> tuple[float, torch.Tensor]:
    """Return the seconds of one pass, and its output."""
    model.zero_grad()
    with torch.set_grad_enabled(train):
        start = time.perf_counter()
        output = model(volume)
        if train:
            output.square().mean().backward()
        return time.perf_counter() - start, output.detach()


def inside_transposed(model: torch.nn.Module, volume: torch.Tensor) -> float:
    """Return the seconds that one pass without gradients spends in transposed convolutions."""
    starts: list[float] = []
    spent: list[float] = []
    layers = [layer for layer in model.modules() if isinstance(layer, torch.nn.ConvTranspose3d)]
    hooks = [layer.register_forward_pre_hook(lambda *_: starts.append(time.perf_counter())) for layer in layers]
    hooks += [
        layer.register_forward_hook(lambda *_: spent.append(time.perf_counter() - starts[-1])) for layer in layers
    ]
    run(model, volume, train=False)
    for hook in hooks:
        hook.remove()
    return sum(spent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="End-to-end time of a U-Net, torch's layers against fourfold's.")
    parser.add_argument("--model", choices=["own", "monai", "nnunet", "generator"], default="own", help="default: own")
    parser.add_argument("--edge", type=int, default=64, help="voxels along each side of the volume; default: 64")
    parser.add_argument("--rounds", type=int, default=7, help="passes of each; default: 7")
    parser.add_argument("--train", action="store_true", help="forward and backward; default: forward alone")
    options = parser.parse_args()
    torch.manual_seed(0)
    model = build(options.model).train(options.train)
    volume = draw_input(options.model, options.edge)
    times: dict[str, list[float]] = {"torch": [], "fourfold": []}
    for number in range(options.rounds + 1):
        seconds, theirs = run(model, volume, options.train)
        with fourfold.accelerate(model) as acceleration:
            ours_seconds, ours = run(model, volume, options.train)
        if number == 0:  # warms up, and checks
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
            print(acceleration)
            continue
        times["torch"].append(seconds)
        times["fourfold"].append(ours_seconds)
    plain, accelerated = (statistics.median(times[name]) for name in ("torch", "fourfold"))
    share = inside_transposed(model, volume)
    with fourfold.accelerate(model):
        ours_share = inside_transposed(model, volume)
    passes = "forward and backward" if options.train else "forward"
    print(f"{passes}, {options.edge}^3 voxels, median of {options.rounds}:")
    print(f"  whole model             torch {plain * 1e3:7.0f} ms   fourfold {accelerated * 1e3:7.0f} ms", end="")
    print(f"   {plain / accelerated:.2f} times faster")
    print(f"  transposed convolutions torch {share * 1e3:7.0f} ms   fourfold {ours_share * 1e3:7.0f} ms", end="")
    print(f"   {share / ours_share:.2f} times faster (forward)")


if __name__ == "__main__":
    main()
