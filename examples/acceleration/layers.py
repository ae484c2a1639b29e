"""Time the convolutions that fourfold rewrites, kernel size 1 and few output channels, beside torch, turn about.

python examples/acceleration/layers.py        # torch's median time over ours, float32, one sample
"""

from __future__ import annotations

import copy
import statistics
import time

import torch

import fourfold

LAYERS = [  # input channels, output channels, kernel, voxels along each side
    (32, 3, 1, 64), (32, 32, 1, 32), (32, 32, 1, 64), (64, 14, 1, 48), (32, 105, 1, 32), (128, 128, 1, 32),
    (256, 256, 1, 16), (32, 3, 3, 32), (32, 3, 3, 64), (32, 3, 5, 64), (16, 2, 3, 64), (64, 2, 7, 32),
]  # fmt: skip
ROUNDS = 7


def one_pass(layer: torch.nn.Module, volume: torch.Tensor, train: bool) -> float:
    """Return the seconds of one pass; with `train`, with the gradients of input and parameters."""
    start = time.perf_counter()
    with torch.set_grad_enabled(train):
        output = layer(volume)
        if train:
            torch.autograd.grad(output, [volume, *layer.parameters()], torch.ones_like(output))
    return time.perf_counter() - start


def ratio(channels: int, outputs: int, kernel: int, edge: int, train: bool) -> float:
    """Return torch's median time over ours."""
    theirs = torch.nn.Conv3d(channels, outputs, kernel, padding=kernel // 2)
    ours = copy.deepcopy(theirs)
    fourfold.accelerate(ours)
    volume = torch.randn(1, channels, edge, edge, edge, requires_grad=train)
    pairs = [(one_pass(theirs, volume, train), one_pass(ours, volume, train)) for _ in range(ROUNDS + 1)][1:]
    return statistics.median(pair[0] for pair in pairs) / statistics.median(pair[1] for pair in pairs)


def main() -> None:
    """Measure and print."""
    print("layer                 forward  forward and backward")
    for channels, outputs, kernel, edge in LAYERS:
        found = [ratio(channels, outputs, kernel, edge, train) for train in (False, True)]
        print(f"{channels:3}->{outputs:<3} {kernel}^3  at {edge}^3   {found[0]:5.2f}  {found[1]:5.2f}", flush=True)


if __name__ == "__main__":
    main()
