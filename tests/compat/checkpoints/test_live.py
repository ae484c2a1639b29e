"""The real frameworks load what is written here, and what they write now is read here."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
import torch
from tests.compat.checkpoints.frameworks import SHAPES, values

from fourfold import load_checkpoint, save_checkpoint
from fourfold.compat.agreement.environments import environment

pytestmark = pytest.mark.live

SCRIPT = Path(__file__).with_name("frameworks.py")


def run(name: str, *arguments: str) -> str:
    found = environment(name)
    if found.state != "ready":
        pytest.skip(f"environment {name!r} is {found.state}; run `fourfold env create {name}`")
    command, variables = found.command([str(SCRIPT), *arguments])
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


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
    where: str, framework: str, format: str, file: str, tmp_path: Path
) -> None:
    path = tmp_path / file
    save_checkpoint({name: values(name) for name in SHAPES}, path, format=format)
    found = json.loads(run(where, "load", framework, str(path)).strip().splitlines()[-1])
    for name, shape in SHAPES.items():  # two tensors of one file
        digest = hashlib.sha256(values(name).tobytes()).hexdigest()
        assert found[name] == ["float32", list(shape), digest]


WRITES = [
    ("paddle", "paddle", "paddle-3.3-flat-p4.pdparams"),
    ("fluid", "fluid", "fluid-1.8.pdparams"),
    ("fluid", "fluid", "fluid-1.8-persistables"),
    ("oneflow", "oneflow", "oneflow-0.9-state"),
]


@pytest.mark.parametrize(("where", "framework", "file"), WRITES, ids=[row[2] for row in WRITES])
def test_what_the_framework_writes_is_read(where: str, framework: str, file: str, tmp_path: Path) -> None:
    run(where, "write", framework, str(tmp_path))
    tensors = load_checkpoint(tmp_path / file).tensors
    assert torch.equal(tensors["weight"], torch.from_numpy(values("weight")))
    assert torch.equal(tensors["bias"], torch.from_numpy(values("bias")))
