r"""Checkpoints of Paddle 1.8, MegEngine and OneFlow in a plain torch U-Net: `python examples/unet/port.py`.

None of the three is needed: recorded/ holds what they wrote, train_*.py how, and record.py runs those again. What this
script does for all three, the command line does for one file (here, in examples/unet):

    fourfold convert recorded/fluid.pdparams unet.pt --from fluid --to torch --model port:UNet \
        --rename 're:^(en|de)c(\d)=\1coder.\2' --rename 're:^(down|up)(\d)=\1.\2'
    fourfold verify recorded/fluid.fourfold.zip --model port:UNet --rename ... --rename ...
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

import fourfold
from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.verify import Verification, verify
from fourfold.compat.cli.console import progress
from fourfold.compat.porting import PortReport, Renames

if TYPE_CHECKING:
    from fourfold.compat.literals import Api

RECORDED = Path(__file__).resolve().parent / "recorded"
COLORS = ("gray", "PuOr_r", "PuOr_r", "RdBu_r")  # of input, recorded output, output here, their difference
CHECKPOINTS = {"fluid": "fluid.pdparams", "megengine": "megengine.pkl", "oneflow": "oneflow"}


class Block(nn.Module):
    """Convolution, normalisation, activation."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(inside, outside, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm3d(outside)
        self.act = nn.PReLU(outside)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.act(self.norm(self.conv(x)))
        return y


class UNet(nn.Module):
    """Your own model, in torch's own layers. Its names are not those of the old models."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList([Block(1, 4), Block(8, 8), Block(16, 16)])
        self.down = nn.ModuleList([nn.Conv3d(4, 8, 2, stride=2), nn.Conv3d(8, 16, 2, stride=2)])
        self.up = nn.ModuleList(
            [nn.ConvTranspose3d(16, 8, 2, stride=2), nn.ConvTranspose3d(8, 4, 4, stride=2, padding=1)]
        )
        self.decoder = nn.ModuleList([Block(16, 8), Block(8, 4)])
        self.head = nn.Conv3d(4, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.encoder[0](x)
        b = self.encoder[1](self.down[0](a))
        c = self.encoder[2](self.down[1](b))
        d = self.decoder[0](torch.cat([self.up[0](c), b], 1))
        e = self.decoder[1](torch.cat([self.up[1](d), a], 1))
        y: torch.Tensor = self.head(e)
        return y


# What is called enc0 there is encoder.0 here, up1 is up.1, and so on; the rest has one name.
RENAMES = [r"re:^(en|de)c(\d)=\1coder.\2", r"re:^(down|up)(\d)=\1.\2"]


@dataclass(frozen=True)
class Ported:
    """What came of one checkpoint.

    Attributes:
        report: what was done to each tensor.
        same_run: whether the recording was made with the tensors of the checkpoint.
        verification: the replay of the recording, layer by layer.
        input: of the recorded run.
        there: the output that the framework recorded.
        here: the output of torch with the ported checkpoint.
    """

    report: PortReport
    same_run: bool
    verification: Verification
    input: Any
    there: Any
    here: Any

    @property
    def ok(self) -> bool:
        return self.report.ok and self.same_run and self.verification.ok


def port(framework: Api, folder: Path = RECORDED) -> Ported:
    """Load what the framework saved, port it, run it, and hold it against what the framework recorded."""
    model = UNet().eval()
    renames = Renames.parse(RENAMES)
    checkpoint = fourfold.load_checkpoint(folder / CHECKPOINTS[framework])
    state, report = fourfold.port_state(
        checkpoint.tensors, source=framework, target="torch", module=model, renames=renames
    )
    model.load_state_dict(state)

    path = folder / f"{framework}.fourfold.zip"
    with Bundle(path) as bundle, torch.no_grad():
        input, there = bundle.inputs["0"], bundle.outputs["output"]
        here = model(torch.from_numpy(input)).numpy()
    # verify loads the recorded parameters; if they are not those of the checkpoint, it proves nothing about it
    recorded = UNet().eval()
    verification = verify(path, recorded, renames=renames)
    same_run = all(torch.equal(tensor, recorded.state_dict()[name]) for name, tensor in state.items())
    return Ported(report, same_run, verification, input, there, here)


def describe(ported: Ported) -> str:
    """Say in five lines what came of it."""
    result = ported.verification
    difference = float(np.abs(ported.here - ported.there).max())
    return "\n".join(
        [
            f"{result.framework}: {'agrees' if ported.ok else 'DIFFERS'}",
            f"  tensors  {ported.report.summary()}",
            f"  recorded {'with these tensors' if ported.same_run else 'with OTHER tensors'}",
            f"  layers   {len(result.layers)} replayed, {sum(not layer.ok for layer in result.layers)} differ; "
            f"largest rounding {result.largest_rounding:.2f} eps, {result.largest_share:.2f} of its bound",
            f"  output   {difference:.1e} away from end to end, where values reach {np.abs(ported.there).max():.1f}",
        ]
    )


def draw(found: dict[str, Ported], path: Path) -> None:
    """Draw the middle slices: input, output there and here, and their difference."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        msg = "--figure needs matplotlib: pip install '.[examples]'"
        raise SystemExit(msg) from error
    figure = Figure(figsize=(10, 2.0 * len(found) + 0.2), layout="constrained")
    rows = figure.subplots(len(found), 4, squeeze=False)
    for axes, ported in zip(rows, found.values(), strict=True):
        volumes = {
            "input": ported.input,
            f"recorded by {ported.verification.framework}": ported.there,
            "torch, ported": ported.here,
            "torch \N{MINUS SIGN} recorded, $10^{-6}$": 1e6 * (ported.here - ported.there),
        }
        for axis, (title, volume), colors in zip(axes, volumes.items(), COLORS, strict=True):
            image = volume[0, 0, volume.shape[2] // 2]
            bound = float(np.abs(image).max())
            shown = axis.imshow(image, cmap=colors, vmin=-bound, vmax=bound)
            axis.set_title(title, fontsize=10)
            axis.set_xticks([])
            axis.set_yticks([])
            figure.colorbar(shown, ax=axis, fraction=0.038, pad=0.02).ax.tick_params(labelsize=8)
    figure.savefig(path, dpi=125)


def main(argv: list[str] | None = None) -> int:
    """Port all that is asked for; return 1 if one differs."""
    parser = argparse.ArgumentParser(description="Port recorded checkpoints into a plain torch U-Net, and prove it.")
    parser.add_argument("frameworks", metavar="FRAMEWORK", nargs="*", help=f"of {', '.join(CHECKPOINTS)}; all of them")
    parser.add_argument("--recorded", metavar="FOLDER", type=Path, default=RECORDED, help="what record.py wrote")
    parser.add_argument("--tensors", action="store_true", help="a line per tensor: what was done to it")
    parser.add_argument("--figure", metavar="PNG", type=Path, help="draw a slice of the outputs and their difference")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.frameworks) - set(CHECKPOINTS)
    if unknown:
        parser.error(f"no checkpoint of {', '.join(sorted(unknown))} is there; name some of {', '.join(CHECKPOINTS)}.")
    names = arguments.frameworks or list(CHECKPOINTS)
    found = {name: port(name, arguments.recorded) for name in progress(names, len(names), "porting")}
    for ported in found.values():
        if arguments.tensors:
            print(ported.report)
        print(describe(ported))
    if arguments.figure:
        draw(found, arguments.figure)
    return 0 if all(ported.ok for ported in found.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
