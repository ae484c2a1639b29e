"""Graphs of torch.compile run on the engine, with its numbers and layouts; exporters keep torch's own operator."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch._dynamo.testing
from tests.backend.algorithms.test_misread import WRONG, spec_of
from tests.backend.execution.graphs import (
    BACKWARD,
    CHANNELS_LAST,
    FORMATS,
    FORWARD,
    OURS,
    SIZE,
    SPECS,
    Layer,
    Recorder,
    assert_equal,
    doubled,
    right,
    volume,
    with_gradients,
)
from tests.backend.forced import make
from tests.operands import apply, integers, operands
from tests.versions import TORCH, traces_parameters
from torch.autograd import forward_ad

import fourfold
from fourfold.backend import ConvTranspose3dSpec, allow_fft, autotune, conv_transpose3d
from fourfold.backend.execution import compiled, slabwise
from fourfold.backend.planning import tuning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def _fresh_compiler() -> None:
    torch._dynamo.reset()


# What runs in the graph.


@pytest.mark.parametrize(
    ("name", "stored", "dynamic"),
    [
        *((name, "contiguous", True) for name in SPECS),
        ("plain", "channels-last", True),
        ("groups-and-dilation", "channels-last", True),
        ("groups-and-dilation", "channels-last", False),
        ("padding-of-two-sides", "contiguous", False),
    ],
)
def test_a_compiled_layer_gives_the_definition_s_numbers_and_gradients(name: str, stored: str, dynamic: bool) -> None:
    layer = Layer(SPECS[name])
    input = volume(layer.spec).contiguous(memory_format=FORMATS[stored])
    recorder = Recorder()
    run = torch.compile(layer, fullgraph=True, dynamic=dynamic, backend=recorder)
    found = with_gradients(run, layer, input)
    assert OURS in recorder.dynamo
    assert_equal(found, doubled(layer, input))
    assert found[0].stride() == layer(input).stride()
    assert found[1].stride() == input.stride()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16], ids=str)
def test_other_dtypes_are_compiled_alike(dtype: torch.dtype) -> None:
    layer = Layer(SPECS["padding-of-two-sides"], dtype)
    input = volume(layer.spec, dtype)
    run = torch.compile(layer, fullgraph=True, dynamic=True, backend="aot_eager")
    assert_equal(with_gradients(run, layer, input), doubled(layer, input))


def test_free_sizes_leave_the_plan_to_the_call() -> None:
    layer, recorder = Layer(SPECS["plain"]), Recorder()
    with_gradients(torch.compile(layer, dynamic=True, backend=recorder), layer, volume(layer.spec))
    assert (recorder.forward.count(FORWARD), recorder.backward.count(BACKWARD)) == (1, 1)
    assert not [name for name in recorder.forward + recorder.backward if "convolution" in name]


def test_a_small_volume_of_known_size_is_torch_s_own_to_fuse() -> None:
    layer, recorder = Layer(SPECS["plain"]), Recorder()
    with_gradients(torch.compile(layer, backend=recorder), layer, volume(layer.spec))
    assert "aten.convolution.default" in recorder.forward
    assert "aten.convolution_backward.default" in recorder.backward


def test_a_large_volume_of_known_size_runs_on_the_engine() -> None:
    spec = ConvTranspose3dSpec(in_channels=8, out_channels=8, kernel_size=2, stride=2)
    layer, recorder = Layer(spec), Recorder()
    input = operands(spec, (32, 32, 32), batch=1).input
    found = with_gradients(torch.compile(layer, backend=recorder), layer, input)
    assert (recorder.forward.count(FORWARD), recorder.backward.count(BACKWARD)) == (1, 1)
    assert_equal(found, with_gradients(lambda x: right(x, layer), layer, input))


def test_frozen_weights_get_no_gradients() -> None:
    layer, recorder = Layer(SPECS["plain"]).requires_grad_(False), Recorder()
    input = volume(layer.spec).requires_grad_()
    output = torch.compile(layer, dynamic=True, backend=recorder)(input)
    (found,) = torch.autograd.grad(output.sum(), input)
    assert torch.equal(found, torch.autograd.grad(right(input, layer).sum(), input)[0])
    assert layer.weight.grad is None


def test_one_graph_serves_every_size_in_training() -> None:
    layer, counter = Layer(SPECS["plain"]), torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    run = torch.compile(layer, fullgraph=True, backend=counter)
    inputs = [operands(layer.spec, size, batch=batch).input for batch, size in ((2, (3, 4, 5)), (3, (6, 2, 7)))]
    torch._dynamo.mark_dynamic(inputs[0], [0, 2, 3, 4])
    found = []
    for each in inputs:
        each.requires_grad_()
        found += with_gradients_of_weight(run(each), layer)
    wanted = [t for each in inputs for t in with_gradients_of_weight(right(each, layer), layer)]
    assert_equal(found, wanted)
    assert counter.frame_count == 1


def with_gradients_of_weight(output: torch.Tensor, layer: Layer) -> list[torch.Tensor]:
    return [output.detach(), *torch.autograd.grad(output, [layer.weight], integers(tuple(output.shape), 99))]


@pytest.mark.parametrize("row", [WRONG[0], WRONG[3], WRONG[-1]], ids=str)
def test_torch_s_fault_with_shallow_volumes_is_kept_out(row: tuple[int, int, int, int, int]) -> None:
    layer = Layer(spec_of(*row[:4]))
    input = operands(layer.spec, (row[4], 8, 8), batch=1).input
    run = torch.compile(layer, fullgraph=True, backend="aot_eager")
    assert_equal(with_gradients(run, layer, input), doubled(layer, input))


def test_results_that_are_kept_are_not_written_again() -> None:
    spec = ConvTranspose3dSpec(in_channels=8, out_channels=8, kernel_size=2, stride=2)
    layer = Layer(spec).requires_grad_(False)
    run = torch.compile(layer, fullgraph=True, backend="aot_eager")
    inputs = [operands(spec, (32, 32, 32), batch=1, seed=seed).input for seed in range(4)]
    assert_equal([run(each) for each in inputs], [right(each, layer) for each in inputs])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x[0], id="unbatched"),
        pytest.param(lambda x: x[:0], id="empty-batch"),
        pytest.param(lambda x: x[:1].expand(3, -1, -1, -1, -1), id="expanded"),
    ],
)
def test_volumes_of_any_batch_and_stride(change: Any) -> None:
    layer = Layer(SPECS["plain"])
    input = change(volume(layer.spec))
    run = torch.compile(layer, fullgraph=True, dynamic=True, backend="aot_eager")
    assert torch.equal(run(input), right(input, layer))


@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="inductor needs a C++ compiler")
def test_inductor_trains_on_the_engine() -> None:
    layer = Layer(SPECS["groups-and-dilation"])
    input = volume(layer.spec).contiguous(memory_format=CHANNELS_LAST)

    def network(function: Any) -> Any:
        return lambda x: function(x * 2).relu() + 1

    run = torch.compile(network(layer), fullgraph=True, dynamic=True)
    assert_equal(with_gradients(run, layer, input), with_gradients(network(lambda x: right(x, layer)), layer, input))


# What it is told: at run time, not when it is compiled.


def test_max_workspace_is_kept_in_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, bounds = Layer(SPECS["plain"], max_workspace=4096), list[Any]()

    def watched(function: Any) -> Any:
        def run(*given: Any, slab: int | None = None, **options: Any) -> Any:
            bounds.append(slab)
            return function(*given, slab=slab, **options)

        return run

    monkeypatch.setattr(slabwise, "forward", watched(slabwise.forward))
    monkeypatch.setattr(slabwise, "backward", watched(slabwise.backward))
    input = volume(layer.spec)
    run = torch.compile(layer, fullgraph=True, backend="aot_eager")
    assert_equal(with_gradients(run, layer, input), doubled(layer, input))
    assert bounds == [4096, 4096]


def test_the_fourier_transform_is_taken_while_it_is_allowed() -> None:
    spec = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=8)
    input, weight, bias = (each.double() + 0.1 for each in operands(spec, (8, 8, 8), batch=1))
    run = torch.compile(lambda x: conv_transpose3d(x, weight, bias, spec), fullgraph=True, backend="aot_eager")
    plain = run(input)
    with allow_fft():
        transformed = run(input)
    assert not torch.equal(plain, transformed)
    assert torch.equal(plain, run(input))


def test_tuning_measures_in_compiled_calls(tmp_path: Path) -> None:
    layer = Layer(SPECS["plain"])
    input = volume(layer.spec)
    autotune(path=tmp_path / "tuning.json")
    try:
        run = torch.compile(layer, fullgraph=True, backend="aot_eager")
        results = [with_gradients(run, layer, input) for _ in range(2)]
        tuner = tuning.active()
        assert tuner is not None
        measured = sorted(key.split(" ")[0] for key in tuner._choices)
    finally:
        autotune(False)
    assert measured == ["backward", "forward"]
    assert_equal(results[0] + results[1], doubled(layer, input) * 2)


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_autocast_in_a_graph_gives_torch_s_dtypes(backend: str) -> None:
    layer, dtype = Layer(SPECS["plain"]), torch.bfloat16

    def network(function: Any) -> Any:
        def run(input: torch.Tensor) -> torch.Tensor:
            with torch.autocast("cpu", dtype=dtype):
                return function(input)  # type: ignore[no-any-return]

        return run

    input = integers((1, layer.spec.in_channels, 2, 2, 2), 1)
    run = torch.compile(network(layer), fullgraph=True, backend=backend)
    found = with_gradients(run, layer, input)
    assert [each.dtype for each in found] == [dtype, torch.float32, torch.float32, torch.float32]
    assert torch.equal(found[0], network(layer)(input))


# Where torch's operator stays.


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "not-strict"])
def test_exported_programs_hold_torch_s_operator_alone(strict: bool) -> None:
    layer, input = Layer(SPECS["padding-of-two-sides"]), volume(SPECS["padding-of-two-sides"])
    torch.compile(layer, backend="eager")(input)  # what is compiled before is not exported
    program = torch.export.export(layer, (input,), strict=strict)
    operators = {node.target.namespace for node in program.graph.nodes if hasattr(node.target, "namespace")}
    assert operators == {"aten"}
    assert torch.equal(program.module()(input), right(input, layer))


def test_compiling_after_an_export_takes_the_engine() -> None:
    layer, input, recorder = Layer(SPECS["plain"]), volume(SPECS["plain"]), Recorder()
    torch.export.export(layer, (input,), strict=True)
    torch.compile(layer, fullgraph=True, backend=recorder)(input)
    assert OURS in recorder.dynamo


def test_transforms_in_a_graph_see_torch_s_operator() -> None:
    layer, input, recorder = Layer(SPECS["plain"]).requires_grad_(False), volume(SPECS["plain"]), Recorder()

    def gradient(function: Any) -> Any:
        return torch.func.grad(lambda x: function(x).square().sum())

    run: Any = torch.compile(gradient(layer), fullgraph=True, backend=recorder)
    assert torch.equal(run(input), gradient(lambda x: right(x, layer))(input))
    assert OURS not in recorder.dynamo


def test_a_graph_is_not_used_again_within_a_transform() -> None:
    layer, input = Layer(SPECS["plain"]).requires_grad_(False), volume(SPECS["plain"])
    run = torch.compile(layer, backend="eager")
    run(input)
    found = torch.func.grad(lambda x: run(x).square().sum())(input)
    assert torch.equal(found, torch.func.grad(lambda x: right(x, layer).square().sum())(input))


def test_forward_mode_compiles_anew() -> None:
    layer, input = Layer(SPECS["plain"]).requires_grad_(False), volume(SPECS["plain"])
    run = torch.compile(layer, fullgraph=True, backend="eager")
    run(input)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(input, 2 * input)  # type: ignore[no-untyped-call]
        tangent = forward_ad.unpack_dual(run(dual)).tangent  # type: ignore[no-untyped-call]
    assert torch.equal(tangent, right(2 * input, layer) - layer.bias.reshape(-1, 1, 1, 1))


@pytest.mark.parametrize("dtype", [torch.int64, torch.complex64], ids=str)
def test_other_dtypes_stay_torch_s(dtype: torch.dtype) -> None:
    spec, recorder = SPECS["plain"], Recorder()
    given = operands(spec, SIZE, dtype=dtype)
    run = torch.compile(lambda *each: apply(each, spec), fullgraph=True, backend=recorder)
    assert torch.equal(run(*given), apply(given, spec))
    assert OURS not in recorder.dynamo


def test_nothing_but_dynamo_may_put_the_operator_into_a_graph() -> None:
    assert compiled._transforms_or_exports()
    assert not compiled.applies(*operands(SPECS["plain"], SIZE))


# Who gains.


def test_an_accelerated_model_is_compiled_with_the_engine() -> None:
    model, recorder, input = decoder(), Recorder(), torch.ones(1, 4, 3, 3, 3)
    with fourfold.accelerate(model):
        run = torch.compile(model, fullgraph=True, backend=recorder)
        assert torch.equal(run(input), model(input))
    assert OURS in recorder.dynamo


@pytest.mark.skipif(TORCH < (2, 8), reason="dynamo of torch 2.4 does not notice that a layer changes its class")
def test_acceleration_of_a_compiled_model_compiles_it_again() -> None:
    model, recorder, input = decoder(), Recorder(), torch.ones(1, 4, 3, 3, 3)
    run = torch.compile(model, fullgraph=True, backend=recorder)
    run(input)
    assert OURS not in recorder.dynamo
    with fourfold.accelerate(model):
        run(input)
    assert OURS in recorder.dynamo


def decoder() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.ConvTranspose3d(4, 4, 3, stride=2), torch.nn.ReLU())


FRONT_ENDS: dict[str, Callable[[], Any]] = {
    "paddle": lambda: fourfold.frontends.paddle.nn.Conv3DTranspose(4, 2, 3, stride=2),
    "megengine": lambda: fourfold.frontends.megengine.module.ConvTranspose3d(4, 2, 3, stride=2),
    "oneflow": lambda: fourfold.frontends.oneflow.nn.ConvTranspose3d(4, 2, 3, stride=2),
}


@traces_parameters
@pytest.mark.parametrize("name", FRONT_ENDS)
def test_layers_of_other_frameworks_run_on_the_engine(name: str) -> None:
    layer, recorder, input = FRONT_ENDS[name](), Recorder(), integers((1, 4, 3, 3, 3), 1)
    run: Any = torch.compile(layer, fullgraph=True, backend=recorder)
    assert torch.equal(run(input), layer(input))
    assert OURS in recorder.dynamo


def test_several_operators_given_as_arguments_need_a_graph_each_at_most() -> None:
    given = operands(make(), SIZE)
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    run = torch.compile(lambda *each: apply(each[:3], each[3]), fullgraph=True, backend=counter)
    specs = [make(stride=stride, padding=padding) for stride, padding in ((2, 1), (3, 0), (2, 0))]
    assert_equal([run(*given, spec) for spec in specs], [apply(given, spec) for spec in specs])
    assert counter.frame_count <= len(specs)


def test_importing_the_engine_does_not_import_dynamo() -> None:
    script = "import sys, fourfold.backend; print('torch._dynamo' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
