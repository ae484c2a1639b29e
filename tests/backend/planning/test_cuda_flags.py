"""What a new process imports for CUDA, and torch's flags as they are read."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold.backend.planning import cuda

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRESH = """
import json, sys, tempfile, torch
from pathlib import Path
theirs = "triton" in sys.modules
from fourfold.backend import ConvTranspose3dSpec, autotune, conv_transpose3d
from fourfold.backend.planning import cuda
with tempfile.TemporaryDirectory() as folder:
    autotune(path=Path(folder) / "tuning.json")
    spec = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=2, stride=2)
    conv_transpose3d(torch.ones(1, 2, 2, 2, 2), torch.ones(2, 2, 2, 2, 2), None, spec)
facts = {"triton": "triton" in sys.modules and not theirs}
if hasattr(torch.backends.cudnn, "conv"):
    torch.backends.cudnn.conv.fp32_precision = "ieee"
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    facts |= {"conv": cuda.conv_tf32(), "matmul": cuda.matmul_tf32()}
print(json.dumps(facts))
"""


@pytest.fixture(scope="module")
def fresh() -> Any:
    """Return facts from a process in which nothing else was imported or set."""
    done = subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def _flags() -> Iterator[None]:
    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.enabled
    yield
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.enabled = before


@pytest.mark.usefixtures("_flags")
@pytest.mark.parametrize("conv", [True, False])
@pytest.mark.parametrize("matmul", [True, False])
def test_the_flags_of_convolutions_and_of_matrix_products_are_read_apart(conv: bool, matmul: bool) -> None:
    torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = conv, matmul
    assert (cuda.conv_tf32(), cuda.matmul_tf32()) == (conv, matmul)
    assert cuda.eps(torch.float32) == (2**-10 if conv else 2**-23)
    assert cuda.eps(torch.float16) == 2**-10
    torch.backends.cudnn.enabled = False  # then convolutions are matrix products
    assert cuda.conv_tf32() == matmul


@pytest.mark.usefixtures("_flags")
def test_a_gpu_without_cudnn_is_another_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "_installed", lambda device: ("a GPU", 91000, "3.0.0"))
    torch.backends.cudnn.enabled = True
    assert cuda.gpu(torch.device("cuda"))[:3] == ("a GPU", 91000, "3.0.0")
    torch.backends.cudnn.enabled = False
    assert cuda.gpu(torch.device("cuda"))[:3] == ("a GPU", None, "3.0.0")


@pytest.mark.skipif(not hasattr(torch.backends.cudnn, "conv"), reason="torch before 2.9 has the older flags only")
def test_the_newer_flags_are_read_where_reading_the_older_ones_would_raise(fresh: dict[str, bool]) -> None:
    assert (fresh["conv"], fresh["matmul"]) == (False, True)


def test_triton_is_not_imported_for_the_cpu(fresh: dict[str, bool]) -> None:
    assert not fresh["triton"]
