"""Algorithms for GPUs on CPU tensors that are taken for a GPU's: their outputs, their gradients, what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.algorithms.test_algorithms import LAYOUTS
from tests.backend.forced import CONFIGURATIONS, known, make
from tests.backend.simulated import GPU, OVERLAPPING, SIZE, SPEC, backward, forward, on_gpu, volume

from fourfold.backend.algorithms.gpu import measured as gpu
from fourfold.backend.algorithms.gpu.tiles import Tiles
from fourfold.backend.planning import planner
from fourfold.backend.planning.case import case_of

if TYPE_CHECKING:
    from fourfold.backend import ConvTranspose3dSpec
    from fourfold.backend.algorithms import Algorithm, Gradient


def runs_anywhere(algorithms: tuple[Any, ...], dtype: torch.dtype) -> list[Any]:
    """Return test parameters: what is made of torch's operators, with each configuration that it does not refuse."""
    found = []
    for algorithm in algorithms:
        for name, options in CONFIGURATIONS.items():
            spec = make(**options)
            size = (1, 1, 1) if name.startswith("one-voxel") else SIZE
            case = on_gpu(spec, torch.empty(1, spec.in_channels, *size, dtype=dtype))
            if algorithm.name != "tiles" and algorithm.refusal(case) is None:
                found.append(pytest.param(algorithm, spec, id=f"{algorithm.name}-{name}"))
    return found


@pytest.mark.parametrize(("algorithm", "spec"), runs_anywhere(gpu.ALGORITHMS, torch.float32))
def test_output_equals_the_definition(algorithm: Algorithm, spec: ConvTranspose3dSpec) -> None:
    case = known(spec)
    output = forward(algorithm, spec, case.given)
    assert output.is_contiguous()
    assert torch.equal(output, case.output)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("algorithm", [each for each in gpu.ALGORITHMS if each.name not in ("tiles", "voxel")])
def test_volumes_of_any_strides_are_read_right(algorithm: Algorithm, layout: str) -> None:
    case = known(OVERLAPPING)
    output = forward(algorithm, OVERLAPPING, (LAYOUTS[layout](case.given[0]), *case.given[1:]))
    assert torch.equal(output, case.output)
    expected = torch.channels_last_3d if layout == "channels-last" else torch.contiguous_format
    assert output.is_contiguous(memory_format=expected)


@pytest.mark.parametrize(("algorithm", "spec"), runs_anywhere(gpu.GRADIENTS, torch.float32))
def test_gradients_equal_the_definition(algorithm: Gradient, spec: ConvTranspose3dSpec) -> None:
    case = known(spec)
    of_input, of_weight = backward(algorithm, spec, (case.gradient, *case.given[:2]))
    assert of_input is not None
    assert of_weight is not None
    assert torch.equal(of_input, case.of_input)
    assert torch.equal(of_weight, case.of_weight)


def test_a_gpu_computes_the_whole_volume_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taps = next(each for each in gpu.ALGORITHMS if each.name == "taps")
    calls: list[int] = []
    compute = type(taps).compute

    def counted(self: Any, *args: Any) -> None:
        calls.append(1)
        compute(self, *args)

    monkeypatch.setattr(type(taps), "compute", counted)
    monkeypatch.setattr(type(taps), "slab", 1)
    forward(taps, OVERLAPPING, known(OVERLAPPING).given)
    assert calls == [1]


# Refusals.


@pytest.mark.parametrize(
    ("options", "dtype", "changes", "reason"),
    [
        ({}, torch.float32, {"triton": None}, "triton is not installed"),
        ({}, torch.float64, {}, "the kernel multiplies no torch.float64"),
        ({"kernel_size": (2, 3, 2)}, torch.float32, {}, "kernels beyond the stride overlap"),
        ({"dilation": (1, 1, 2)}, torch.float32, {}, "the kernel has no dilation"),
        ({"out_channels": 9000}, torch.float32, {}, "a grid has 65535 blocks of rows at most"),
        ({"kernel_size": (1, 2, 2), "dilation": (9, 1, 1)}, torch.bfloat16, {}, None),
        ({}, torch.float16, {}, None),
    ],
    ids=["triton", "float64", "overlap", "dilation", "rows", "one-tap-is-not-dilated", "float16"],
)
def test_what_the_kernel_refuses(
    options: dict[str, Any], dtype: torch.dtype, changes: dict[str, Any], reason: str | None
) -> None:
    spec = make(**{"kernel_size": 2, "stride": 2, **options})
    assert Tiles().refusal(on_gpu(spec, volume(spec, dtype), GPU._replace(**changes))) == reason


def test_the_kernel_is_not_for_the_cpu() -> None:
    assert Tiles().refusal(case_of(SPEC, volume())) == "it is written for GPUs"


@pytest.mark.parametrize("name", ["taps", "fold"])
@pytest.mark.parametrize(
    ("dtype", "conv_tf32", "matmul_tf32", "allowed"),
    [
        (torch.float32, False, False, True),
        (torch.float32, True, False, True),
        (torch.float32, True, True, True),
        (torch.float32, False, True, False),
        (torch.float64, False, True, True),
        (torch.float16, True, True, False),
        (torch.bfloat16, True, True, False),
    ],
)
def test_matrix_products_are_as_exact_as_convolutions_must_be(
    name: str, dtype: torch.dtype, conv_tf32: bool, matmul_tf32: bool, allowed: bool
) -> None:
    case = on_gpu(SPEC, volume(dtype=dtype), GPU._replace(conv_tf32=conv_tf32, matmul_tf32=matmul_tf32))
    assert (name in [each.name for each in planner.possible(case)]) == allowed
