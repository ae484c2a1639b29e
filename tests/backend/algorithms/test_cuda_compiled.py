"""The Triton kernel compiles for GPUs, none of which need be there: Triton brings NVIDIA's assembler."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed"),
    pytest.mark.skipif(os.environ.get("TRITON_INTERPRET") == "1", reason="TRITON_INTERPRET=1: nothing is compiled"),
    pytest.mark.filterwarnings("ignore:TRITON_DEFAULT_FP_FUSION:UserWarning"),  # triton 3.9, about a later version
]


@pytest.mark.parametrize(
    ("dtype", "capability", "pairs", "wide", "precision"),
    [
        pytest.param("fp32", 90, True, False, "tf32", id="float32-tf32-sm90"),
        pytest.param("fp32", 75, False, False, "ieee", id="float32-sm75"),
        pytest.param("fp16", 80, False, True, "ieee", id="float16-wide-sm80"),
        pytest.param("bf16", 80, True, True, "ieee", id="bfloat16-wide-sm80"),
    ],
)
def test_the_kernel_compiles(
    dtype: str,
    capability: int,
    pairs: bool,
    wide: bool,
    precision: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from fourfold.backend.algorithms.gpu.tiles_kernel import kernel

    taps = (2, 2, 2 if pairs else 3)
    constants: dict[str, Any] = {
        **dict(zip(("kernel_d", "kernel_h", "kernel_w"), taps, strict=True)),
        **dict(zip(("stride_d", "stride_h", "stride_w"), taps, strict=True)),
        "has_bias": True,
        "pairs": pairs,
        "wide": wide,
        "precision": precision,
        "block_rows": 32,
        "block_voxels": 128,
        "block_terms": 32,
    }
    types = dict.fromkeys(kernel.arg_names, "i64" if wide else "i32") | dict.fromkeys(constants, "constexpr")
    types |= dict.fromkeys(("input", "weight", "bias", "output"), f"*{dtype}")
    places = {(kernel.arg_names.index(name),): value for name, value in constants.items()}
    compiled = triton.compile(ASTSource(kernel, types, constexprs=places), target=GPUTarget("cuda", capability, 32))
    assert compiled.asm["cubin"]
    on_tensor_cores = "mma.sync" in compiled.asm["ptx"]
    assert on_tensor_cores == (dtype != "fp32" or precision == "tf32")
