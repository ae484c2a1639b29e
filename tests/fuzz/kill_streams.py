"""Kill streams at random moments until they are whole; each must then be the whole, bit for bit.

    python tests/fuzz/kill_streams.py --kills 20               # exit 1 where a voxel is wrong

The volume is of small integers, so that the layer's sums are exact however they are cut. A run is killed (SIGKILL)
after a random part of the time that one needs alone, the start of Python left out, and begun again.
"""

from __future__ import annotations

import argparse
import importlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

import fourfold

if TYPE_CHECKING:
    import numpy.typing as npt

TARGETS = ("out.npy", "out.nii", "out.nii.gz", "out.zarr")


def layer() -> nn.Module:
    """Return a decoder whose slabs share planes, with small integers for weights."""
    made = nn.Sequential(nn.ConvTranspose3d(1, 2, 4, 2, 1), nn.ReLU(), nn.Conv3d(2, 1, 3, padding=1)).eval()
    numbers = torch.Generator().manual_seed(0)
    for tensor in made.parameters():
        tensor.data.copy_(torch.randint(-2, 3, tensor.shape, generator=numbers))
    return made


def voxels_of(path: Path) -> npt.NDArray[Any]:
    """Return what a target holds, (D, H, W)."""
    if path.suffix == ".npy":
        return np.asarray(np.load(path))
    if path.suffix == ".zarr":
        zarr: Any = importlib.import_module("zarr")
        return np.asarray(zarr.open_array(store=str(path), mode="r")[...])
    nibabel: Any = importlib.import_module("nibabel")
    return np.asarray(nibabel.load(path).dataobj).T


def run(source: Path, target: Path, after: float | None) -> float | None:
    """Stream in a process of its own; return its seconds, None where it was killed `after` so many."""
    command = [sys.executable, __file__, "--stream", str(source), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        begun = time.monotonic()
        try:
            code = process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
        if code:
            sys.exit(f"a run ended with {code}")
        return time.monotonic() - begun


def main() -> int:
    """Kill so many times for each kind of target; return 1 where a voxel is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="for each kind of target. Default: 20")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=TARGETS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stream", nargs=2, metavar=("SRC", "DST"), help="stream once: what is killed")
    arguments = parser.parse_args()
    if arguments.stream:
        print("begun", flush=True)
        fourfold.upsample_stream(layer(), *arguments.stream, slab_bytes=1 << 20, quiet=True)
        return 0
    draw, wrong = random.Random(arguments.seed), 0
    volume = np.random.default_rng(arguments.seed).integers(-4, 5, (96, 96, 96), dtype=np.int8)
    with torch.no_grad():
        expected = layer()(torch.from_numpy(volume).float()[None, None])[0, 0].numpy()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.npy")
        np.save(source, volume)
        for name in arguments.targets:
            target = Path(folder, name)
            seconds = run(source, target, None)
            assert seconds is not None
            target.rename(Path(folder, f"alone.{name}"))
            kills = whole = 0
            while kills < arguments.kills or whole == 0 or target.with_name(f"{name}.part").exists():
                after = draw.uniform(0, seconds) if kills < arguments.kills else None
                kills += run(source, target, after) is None
                if target.exists():  # also where the process was killed at its end
                    wrong += not np.array_equal(voxels_of(target), expected)
                    target.rename(Path(folder, f"{whole}.{name}"))
                    whole += 1
            print(f"{name}: {kills} kills, {whole} whole targets; {wrong} wrong so far", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
