"""The real frameworks load what is written here, and what they write now is read here."""

from __future__ import annotations

import importlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.checkpoints.frameworks import SHAPES, describe, values
from tests.environments import ready

from fourfold import load_checkpoint, save_checkpoint
from fourfold.compat.cli import main as cli

if TYPE_CHECKING:
    from fourfold.compat.literals import Format

pytestmark = pytest.mark.live

SCRIPT = Path(__file__).with_name("frameworks.py")


def run(name: str, *arguments: str) -> str:
    command, variables = ready(name).command([str(SCRIPT), *arguments])
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def load(where: str, framework: str, paths: list[Path]) -> list[dict[str, Any]]:
    """Let a framework load files in one process; return what it says is in each."""
    output = run(where, "load", framework, *map(str, paths))
    found = json.loads(output.strip().splitlines()[-1])
    return [found[str(path)] for path in paths]


LOADS = [
    ("paddle", "paddle", "paddle", "x.pdparams"),
    ("paddle", "paddle", "paddle-fluid", "x.pdparams"),
    ("paddle", "paddle", "paddle-persistables", "folder"),
    ("paddle-2.6", "paddle", "paddle", "x.pdparams"),
    ("fluid", "fluid", "paddle-fluid", "x.pdparams"),
    ("fluid", "fluid", "paddle-persistables", "folder"),
    ("megengine", "megengine", "megengine", "x.pkl"),
    ("oneflow", "oneflow", "oneflow", "folder"),
]


@pytest.mark.parametrize(("where", "framework", "format", "file"), LOADS, ids=[f"{row[0]}-{row[2]}" for row in LOADS])
def test_the_framework_loads_what_is_written(
    where: str, framework: str, format: Format, file: str, tmp_path: Path
) -> None:
    path = tmp_path / file
    save_checkpoint({name: values(name) for name in SHAPES}, path, format=format)
    assert load(where, framework, [path]) == [{name: describe(values(name)) for name in SHAPES}]


WRITES = [
    ("paddle", "paddle", "paddle-3.3-flat-p4.pdparams"),
    ("fluid", "fluid", "fluid-1.8.pdparams"),
    ("fluid", "fluid", "fluid-1.8-persistables"),
    ("fluid", "fluid", "fluid-1.8-inference"),
    ("fluid", "fluid", "fluid-1.8-inference-named"),
    ("fluid", "fluid", "fluid-1.8-inference-pd"),
    ("fluid", "fluid", "fluid-1.8-inference-files"),
    ("paddle", "paddle_static", "paddle-3.3-inference"),
    ("paddle-2.6", "paddle_2_6", "paddle-2.6-jit"),
    ("oneflow", "oneflow", "oneflow-0.9-state"),
]
NAMES = {"weight": "conv3d_transpose_0.w_0", "bias": "conv3d_transpose_0.b_0"}


@pytest.mark.parametrize(("where", "framework", "file"), WRITES, ids=[row[2] for row in WRITES])
def test_what_the_framework_writes_is_read(where: str, framework: str, file: str, tmp_path: Path) -> None:
    run(where, "write", framework, str(tmp_path))
    tensors = load_checkpoint(tmp_path / file).tensors
    found = {name: tensors[name if name in tensors else NAMES[name]] for name in SHAPES}
    assert torch.equal(found["weight"], torch.from_numpy(values("weight")))
    assert torch.equal(found["bias"], torch.from_numpy(values("bias")))


SOURCES = {
    "torch": "state.pt",
    "paddle": "paddle-3.3-flat-p4.pdparams",
    "fluid": "fluid-1.8.pdparams",
    "megengine": "megengine-1.13-state-p4.pkl",
    "oneflow": "oneflow-0.9-state",
}
# MegEngine 1.13 cannot build the layer with groups; converted to it, the others' have two
GROUPS = {name: 1 if name == "megengine" else 2 for name in SOURCES}


class Conversions:
    """Files of the real frameworks, turned by `fourfold convert` into files of the others, which those load."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded: dict[str, dict[str, dict[str, Any]]] = {}
        self.written: dict[str, Path] = {}

    def source(self, name: str) -> Path:
        """Return what a framework wrote; it writes once."""
        if name not in self.written:
            folder = self.folder / f"by-{name}"
            folder.mkdir()
            if name == "torch":
                layer = torch.nn.ConvTranspose3d(4, 6, (2, 3, 2), groups=2)
                layer.load_state_dict({key: torch.from_numpy(values(key)) for key in SHAPES})
                torch.save(layer.state_dict(), folder / SOURCES[name])
            else:
                run(name, "write", name, str(folder))
            self.written[name] = folder / SOURCES[name]
        return self.written[name]

    def target(self, name: str) -> dict[str, dict[str, Any]]:
        """Return what a framework finds in the files converted from each of the others; it loads once."""
        if name not in self.loaded:
            others = [each for each in SOURCES if each != name]
            files = [self.convert(each, name) for each in others]
            if name in ("torch", "safetensors"):
                read = torch.load if name == "torch" else importlib.import_module("safetensors.torch").load_file
                found = [{key: describe(one.numpy()) for key, one in read(file).items()} for file in files]
            else:
                found = load(name, name, files)
            self.loaded[name] = dict(zip(others, found, strict=True))
        return self.loaded[name]

    def convert(self, source: str, target: str) -> Path:
        """Run `fourfold convert`."""
        file = self.folder / f"{source}-to-{target}.pdparams"  # fluid loads no other suffix
        kind = f"=conv_transpose:{GROUPS[source]}"
        options = ["--to", "torch", "--format", "safetensors"] if target == "safetensors" else ["--to", target]
        arguments = [str(self.source(source)), str(file), "--from", source, "--kind", kind, "--quiet", *options]
        assert cli.main(["convert", *arguments]) == 0
        return file


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> Conversions:
    return Conversions(tmp_path_factory.mktemp("conversions"))


PAIRS = [(source, target) for source in SOURCES for target in (*SOURCES, "safetensors") if source != target]


@pytest.mark.parametrize(("source", "target"), PAIRS, ids=[f"{source}-to-{target}" for source, target in PAIRS])
def test_a_file_of_each_framework_is_converted_for_each_other(
    source: str, target: str, conversions: Conversions
) -> None:
    weight, bias = values("weight"), values("bias")
    if source == "megengine":
        weight = np.resize(weight, (4, 6, 2, 3, 2))
    elif target == "megengine":
        weight = weight.reshape(2, 2, 3, 2, 3, 2)
    if target == "megengine":
        bias = bias.reshape(1, 6, 1, 1, 1)
    found = conversions.target(target)[source]
    assert found == {"weight": describe(weight), "bias": describe(bias)}
