"""Run four published segmentation networks as torch does and accelerated, turn about, and print times and ratios.

pip install monai dynamic-network-architectures                       # openvino, for --peers
python examples/acceleration/networks.py                              # forward, float32, 64^3 voxels, all four
python examples/acceleration/networks.py --model vnet --train --dtype bfloat16
python examples/acceleration/networks.py --model unet --peers         # torch.compile and OpenVINO too
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from collections.abc import Callable

import torch

import fourfold

WIDTHS = (32, 64, 128, 256, 320)
STRIDES = (1, 2, 2, 2, 2)
Pass = Callable[[], torch.Tensor]


def build(name: str) -> torch.nn.Module:
    """Return a network with one input channel and three classes."""
    if name == "dynunet":
        from monai.networks.nets import DynUNet

        return DynUNet(3, 1, 3, [3] * 5, STRIDES, STRIDES[1:], WIDTHS)
    if name == "unet":
        from monai.networks.nets import UNet

        return UNet(3, 1, 3, (16, 32, 64, 128, 256), (2, 2, 2, 2), num_res_units=2)
    if name == "vnet":
        from monai.networks.nets import VNet

        return VNet(3, 1, 3)
    from dynamic_network_architectures.architectures.unet import PlainConvUNet

    return PlainConvUNet(
        1, 5, list(WIDTHS), torch.nn.Conv3d, 3, list(STRIDES), 2, 3, 2, conv_bias=True,
        norm_op=torch.nn.InstanceNorm3d, norm_op_kwargs={"affine": True},
        nonlin=torch.nn.LeakyReLU, nonlin_kwargs={"inplace": True},
    )  # fmt: skip


def one_pass(model: Callable[[torch.Tensor], torch.Tensor], volume: torch.Tensor, train: bool) -> torch.Tensor:
    """Return the output of one pass; with `train`, after gradients of the parameters were computed."""
    with torch.set_grad_enabled(train):
        output = model(volume)
        if train:
            output.float().square().mean().backward()
    return output.detach()


def by_openvino(model: torch.nn.Module, volume: torch.Tensor) -> Pass:
    """Return a pass by OpenVINO, in the precision of the volume."""
    import openvino

    precision = "f32" if volume.dtype is torch.float32 else "bf16"
    with torch.no_grad():
        converted = openvino.convert_model(copy.deepcopy(model).float(), example_input=volume.float())
    request = openvino.compile_model(converted, "CPU", {"INFERENCE_PRECISION_HINT": precision}).create_infer_request()
    given = volume.float().numpy()
    return lambda: torch.from_numpy(request.infer([given])[0])


def medians(passes: dict[str, Pass], rounds: int) -> dict[str, float]:
    """Return the median seconds of each, turn about."""
    times: dict[str, list[float]] = {name: [] for name in passes}
    for number in range(rounds + 1):
        for name, run in passes.items():
            start = time.perf_counter()
            run()
            if number:  # the first one warms up
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(spent) for name, spent in times.items()}


def measure(name: str, options: argparse.Namespace) -> None:
    """Print the row of one network."""
    torch.manual_seed(0)
    dtype = getattr(torch, options.dtype)
    model = build(name).to(dtype).train(options.train)
    volume = torch.randn(1, 1, *[options.edge] * 3, dtype=dtype)
    accelerated = copy.deepcopy(model)
    acceleration = fourfold.accelerate(accelerated, volume)
    found = {"torch": model, "fourfold": accelerated}
    if options.peers:
        found["torch.compile"] = torch.compile(copy.deepcopy(model))
    passes: dict[str, Pass] = {
        kind: lambda each=each: one_pass(each, volume, options.train) for kind, each in found.items()
    }
    if options.peers and not options.train:
        passes["OpenVINO"] = by_openvino(model, volume)
    if not options.train:
        difference = (passes["torch"]() - passes["fourfold"]()).abs().max() / passes["torch"]().abs().max()
        print(f"{name}: largest difference {difference:.0e} of the largest output")
    times = medians(passes, options.rounds)
    tried = ", ".join(f"{state} {1e3 * spent:.0f}" for state, spent in acceleration.seconds.items())
    shown = "  ".join(f"{kind} {1e3 * spent:.0f} ms ({times['torch'] / spent:.2f})" for kind, spent in times.items())
    print(f"{name}: {shown}  [tried: {tried}]", flush=True)


def main() -> None:
    """Measure and print."""
    names = ["dynunet", "unet", "vnet", "nnunet"]
    parser = argparse.ArgumentParser(
        description="End-to-end times of segmentation networks; ratios are torch's time over each."
    )
    parser.add_argument("--model", choices=names, nargs="*", default=names, help="default: all")
    parser.add_argument("--edge", type=int, default=64, help="voxels along each side of the volume; default: 64")
    parser.add_argument("--rounds", type=int, default=5, help="passes of each; default: 5")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32", help="default: float32")
    parser.add_argument("--train", action="store_true", help="forward and backward; default: forward alone")
    parser.add_argument("--peers", action="store_true", help="torch.compile, and OpenVINO forward, in the same rounds")
    options = parser.parse_args()
    for name in options.model:
        measure(name, options)


if __name__ == "__main__":
    main()
