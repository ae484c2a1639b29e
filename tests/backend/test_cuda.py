"""On a real GPU: every candidate against the definition, and what only a GPU has.

python -m pytest tests/backend/test_cuda.py
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import CONFIGURATIONS, known, make, size_of
from tests.backend.simulated import on_gpu
from tests.operands import integers, operands

from fourfold.backend import ConvTranspose3dSpec, autotune, conv_transpose3d, plan
from fourfold.backend.algorithms.gpu import measured as gpu
from fourfold.backend.algorithms.native import native, native_gradients
from fourfold.backend.execution import shortcut, slabwise
from fourfold.backend.planning import cuda
from fourfold.backend.planning.case import case_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fourfold.backend.algorithms import Algorithm, Gradient

if not torch.cuda.is_available():
    pytest.skip("no CUDA device", allow_module_level=True)

DEVICE = torch.device("cuda")
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
LAYOUTS = [torch.contiguous_format, torch.channels_last_3d]
UNET = ConvTranspose3dSpec(in_channels=64, out_channels=32, kernel_size=2, stride=2)
VNET = ConvTranspose3dSpec(in_channels=32, out_channels=16, kernel_size=4, stride=2, padding=1)


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(shortcut, "remembered", {})
    before = torch.backends.cudnn.allow_tf32
    autotune(False)
    yield
    autotune(False)
    torch.backends.cudnn.allow_tf32 = before


def draw(spec: ConvTranspose3dSpec, size: tuple[int, int, int], dtype: torch.dtype) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, spec.in_channels, *size), spec.weight_shape, (spec.out_channels,)]
    return [torch.randn(shape, generator=generator).to(DEVICE, dtype) for shape in shapes]


def agrees(actual: torch.Tensor, given: Sequence[torch.Tensor | None], spec: ConvTranspose3dSpec, eps: float) -> bool:
    """Whether a result is that of float64 on the CPU within `cuda.APART` eps of what the absolute values give."""
    input, weight, bias = (None if tensor is None else tensor.detach().cpu().double() for tensor in given)
    assert input is not None
    assert weight is not None
    expected = native(input, weight, bias, spec)
    magnitude = native(input.abs(), weight.abs(), None if bias is None else bias.abs(), spec)
    return cuda.agree((actual.detach().cpu().double(),), (expected,), (magnitude,), eps)


def skip_refused(algorithm: Algorithm | Gradient, spec: ConvTranspose3dSpec, input: torch.Tensor) -> None:
    reason = algorithm.refusal(case_of(spec, input))
    if reason is not None:
        pytest.skip(reason)


def pairs(algorithms: Iterable[Any], configurations: Iterable[str], dtype: torch.dtype) -> list[Any]:
    """Return test parameters: every algorithm with each configuration that it does not refuse on some GPU."""
    found = []
    for algorithm in algorithms:
        for name in configurations:
            spec = make(**CONFIGURATIONS[name])
            case = on_gpu(spec, torch.empty(1, spec.in_channels, *size_of(spec), dtype=dtype))
            if algorithm.refusal(case) is None:
                id = f"{algorithm.name}-{name}-{dtype}".replace("torch.", "")
                found.append(pytest.param(algorithm, spec, dtype, id=id))
    return found


EXACT = ["tiles", "taps", "fold", "voxel"]  # cuDNN, which computes the others, may take a transform
FEW = ["stride-2", "kernel-equals-stride", "kernel-below-stride", "groups-asymmetric", "one-voxel-cut"]
IN_EACH_DTYPE = [pair for dtype in DTYPES for pair in pairs(gpu.ALGORITHMS, FEW, dtype)]


def check_output(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, dtype: torch.dtype, layout: torch.memory_format
) -> None:
    # torch rounds a half-precision convolution before and after it adds the bias
    case = known(spec, dtype, with_bias=algorithm.name == "tiles" or dtype.itemsize > 2)
    input, weight, bias = (None if tensor is None else tensor.to(DEVICE) for tensor in case.given)
    assert input is not None
    assert weight is not None
    input = input.contiguous(memory_format=layout)
    described = case_of(spec, input)
    skip_refused(algorithm, spec, input)
    output = slabwise.forward(algorithm, described, input, weight, bias)
    expected = torch.channels_last_3d if described.channels_last else torch.contiguous_format
    assert output.is_contiguous(memory_format=expected)
    if algorithm.name in EXACT:
        assert torch.equal(output.cpu(), case.output)
    else:
        assert agrees(output, (input, weight, bias), spec, cuda.eps(dtype))


@pytest.mark.parametrize(("algorithm", "spec", "dtype"), pairs(gpu.ALGORITHMS, CONFIGURATIONS, torch.float32))
def test_output_equals_the_definition(algorithm: Algorithm, spec: ConvTranspose3dSpec, dtype: torch.dtype) -> None:
    check_output(algorithm, spec, dtype, torch.contiguous_format)


@pytest.mark.parametrize(("algorithm", "spec", "dtype"), IN_EACH_DTYPE)
def test_channels_last_output_of_each_dtype_equals_the_definition(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, dtype: torch.dtype
) -> None:
    check_output(algorithm, spec, dtype, torch.channels_last_3d)


@pytest.mark.parametrize(("algorithm", "spec", "_"), pairs(gpu.GRADIENTS, CONFIGURATIONS, torch.float32))
def test_gradients_equal_the_definition(algorithm: Gradient, spec: ConvTranspose3dSpec, _: torch.dtype) -> None:
    case = known(spec)
    input, weight, gradient = (tensor.to(DEVICE) for tensor in (*case.given[:2], case.gradient))
    found = slabwise.backward(algorithm, case_of(spec, input), gradient, input, weight, (True, True))
    expected = tuple(tensor.to(DEVICE) for tensor in (case.of_input, case.of_weight))
    magnitude = native_gradients(gradient.abs(), input.abs(), weight.abs(), spec, (True, True))
    assert all(tensor is not None for tensor in found)
    assert cuda.agree(found, expected, magnitude, cuda.eps(torch.float32))


@pytest.mark.parametrize("tf32", [True, False])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("spec", [UNET, VNET], ids=["k2s2", "k4s2"])
@pytest.mark.parametrize("algorithm", gpu.ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_rounding_is_what_torch_s_flags_allow(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, dtype: torch.dtype, tf32: bool
) -> None:
    torch.backends.cudnn.allow_tf32 = tf32
    given = draw(spec, (13, 14, 15), dtype)
    skip_refused(algorithm, spec, given[0])
    output = slabwise.forward(algorithm, case_of(spec, given[0]), given[0], given[1], given[2])
    assert agrees(output, given, spec, cuda.eps(dtype))


@pytest.mark.filterwarnings("error:.*is left out")
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("spec", [UNET, VNET], ids=["k2s2", "k4s2"])
def test_every_candidate_is_measured_and_the_choice_is_right(
    spec: ConvTranspose3dSpec, dtype: torch.dtype, layout: torch.memory_format, tmp_path: Path
) -> None:
    path = tmp_path / "tuning.json"
    autotune(path=path)
    given = draw(spec, (8, 10, 12), dtype)
    given[0] = given[0].contiguous(memory_format=layout)
    leaves = [tensor.clone().requires_grad_() for tensor in given]
    output = conv_transpose3d(leaves[0], leaves[1], leaves[2], spec)
    assert output.is_contiguous(memory_format=layout)
    assert agrees(output.detach(), given, spec, cuda.eps(dtype))
    assert [tensor.shape for tensor in torch.autograd.grad(output.sum(), leaves)] == [leaf.shape for leaf in leaves]
    choices = json.loads(path.read_text())["choices"]
    assert {key.split()[0] for key in choices} == {"forward", "backward"}
    assert all(torch.cuda.get_device_name(DEVICE) in key for key in choices)
    assert plan(spec, given[0]).algorithm in choices.values()


def force(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let autotune pick an algorithm without measuring."""
    monkeypatch.setattr(cuda, "fastest", lambda candidates, **_: name if name in candidates else "native")
    autotune()


FORCED = ["native", "other_layout", "subpixel", "subpixel_channels_last", "taps", "fold", "tiles"]


@pytest.mark.parametrize("name", FORCED)
def test_a_graph_replays_the_choice_of_the_warm_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, name)
    input, weight, bias = (tensor.to(DEVICE) for tensor in operands(UNET, (4, 5, 6), batch=1))
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        conv_transpose3d(input, weight, bias, UNET)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = conv_transpose3d(input, weight, bias, UNET)
    input.copy_(integers(tuple(input.shape), 7))
    graph.replay()
    assert agrees(output, (input, weight, bias), UNET, cuda.eps(input.dtype))


def test_a_capture_measures_nothing(tmp_path: Path) -> None:
    path = tmp_path / "tuning.json"
    input, weight, bias = (tensor.to(DEVICE) for tensor in operands(UNET, (4, 5, 6), batch=1))
    torch.nn.functional.conv_transpose3d(input, weight, bias, stride=2)  # loads cuDNN
    autotune(path=path)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = conv_transpose3d(input, weight, bias, UNET)
    graph.replay()
    assert agrees(output, (input, weight, bias), UNET, cuda.eps(input.dtype))
    assert not path.exists()


@pytest.mark.parametrize("name", FORCED)
def test_the_current_stream_is_kept(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, name)
    input, weight, bias = (tensor.to(DEVICE) for tensor in operands(UNET, (4, 5, 6), batch=1))
    conv_transpose3d(input, weight, bias, UNET)  # what is compiled is compiled
    late = torch.zeros_like(input)
    torch.cuda.synchronize()
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    with torch.cuda.stream(side):
        torch.cuda._sleep(100_000_000)  # type: ignore[no-untyped-call]
        late.copy_(input)
        output = conv_transpose3d(late, weight, bias, UNET)
    side.synchronize()
    assert agrees(output, (input, weight, bias), UNET, cuda.eps(input.dtype))


@pytest.mark.parametrize("name", FORCED)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_autocast_casts_as_torch_does(name: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, name)
    drawn = operands(UNET, (2, 3, 4), batch=1, dtype=dtype)  # sums that the dtype holds
    input, weight, bias = (tensor.to(DEVICE).float().requires_grad_() for tensor in drawn)
    with torch.autocast("cuda", dtype=dtype):
        output = conv_transpose3d(input, weight, bias, UNET)
        expected = torch.nn.functional.conv_transpose3d(input, weight, bias, stride=2)
    assert output.dtype == expected.dtype == dtype
    assert agrees(output, drawn, UNET, cuda.eps(dtype))
    found, wanted = (torch.autograd.grad(result.float().sum(), [input, weight, bias]) for result in (output, expected))
    assert [one.dtype for one in found] == [other.dtype for other in wanted]


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="one CUDA device alone")
@pytest.mark.parametrize("name", FORCED)
def test_a_device_that_is_not_the_current_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, name)
    given = operands(UNET, (4, 5, 6), batch=1)
    input, weight, bias = (tensor.to("cuda:1") for tensor in given)
    assert agrees(conv_transpose3d(input, weight, bias, UNET), given, UNET, cuda.eps(input.dtype))


@pytest.mark.slow
def test_outputs_beyond_32_bits_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    force(monkeypatch, "tiles")
    spec = ConvTranspose3dSpec(in_channels=1, out_channels=1, kernel_size=2, stride=2)
    input = integers((1, 1, 257, 1024, 1024), 0, torch.float16).to(DEVICE)
    weight, bias = (integers(shape, 1, torch.float16).to(DEVICE) for shape in (spec.weight_shape, (1,)))
    output = conv_transpose3d(input, weight, bias, spec)
    assert output.numel() > 2**31
    for planes in (slice(0, 1), slice(-1, None)):
        whole = slice(0, 2) if planes.start == 0 else slice(-2, None)
        assert agrees(output[:, :, whole], (input[:, :, planes], weight, bias), spec, cuda.eps(torch.float16))
