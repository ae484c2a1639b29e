"""What runs on CUDA and why, without a GPU: cases that say they are on one, clocks that say how long calls take."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import CONFIGURATIONS, known, make
from tests.backend.simulated import GPU, backward, forward, on_gpu
from tests.backend.test_algorithms import LAYOUTS
from tests.operands import apply, operands

from fourfold.backend import OperatorError, autotune, conv_transpose3d, cuda, eager, plan, planner, tuning
from fourfold.backend.algorithms import gpu
from fourfold.backend.algorithms.tiles import Tiles
from fourfold.backend.case import case_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fourfold.backend import ConvTranspose3dSpec
    from fourfold.backend.algorithms import Algorithm, Gradient
    from fourfold.backend.cuda import Gpu

NAMES = ["other_layout", "tiles", "subpixel", "subpixel_channels_last", "taps", "fold", "voxel"]
SPEC = make(kernel_size=2, stride=2)
OVERLAPPING = make(stride=2, padding=1)
SIZE = (2, 3, 2)


def volume(spec: ConvTranspose3dSpec = SPEC, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(1, spec.in_channels, *SIZE, dtype=dtype)


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


# The algorithms themselves: what is made of torch's operators runs on CPU tensors as on a GPU's.


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


# The plan.


def test_nothing_is_predicted_on_cuda_and_torch_s_operator_is_taken() -> None:
    case = on_gpu(SPEC, volume())
    assert planner.choose(case) is None
    assert planner.choose_gradient(case).name == "native"
    assert [each.name for each in planner.possible_gradients(case)] == ["native", "other_layout"]


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> Gpu:
    """Let the engine and the planner take CPU tensors for a GPU's."""
    for module in (eager, planner):
        monkeypatch.setattr(module, "case_of", on_gpu)
    return GPU


@pytest.mark.usefixtures("pretended")
def test_the_plan_says_that_nothing_is_predicted_and_why_others_do_not_apply() -> None:
    made = plan(SPEC, volume())
    assert made.algorithm == "native"
    assert [each.name for each in made.candidates] == ["native", *NAMES]
    assert [each.seconds for each in made.candidates] == [None] * 8
    assert made.refused == (("voxel", "the input is (2, 3, 2), not one voxel"),)
    lines = str(made).splitlines()
    assert [line.partition("not")[1:] for line in lines[:-1]] == [
        ("not", " predicted on cuda: autotune() measures it")
    ] * 7
    assert lines[0].startswith("* native")


# Measuring: a clock that candidates move.


class Clock:
    """Candidates that take the time they are said to, and count their calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.calls: list[str] = []
        monkeypatch.setattr(cuda, "time", SimpleNamespace(perf_counter=lambda: self.now))

    def candidate(self, name: str, seconds: float, value: float = 1.0) -> Callable[[], torch.Tensor]:
        def call() -> torch.Tensor:
            self.calls.append(name)
            self.now += seconds
            return torch.full((3,), value)

        return call


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def fastest(candidates: dict[str, Callable[[], torch.Tensor]], dtype: torch.dtype = torch.float64) -> str:
    return cuda.fastest(candidates, magnitude=lambda: (torch.ones(3),), dtype=dtype, device=torch.device("cpu"))


@pytest.mark.parametrize(
    ("native", "other", "expected"),
    [
        pytest.param(0.010, 0.009, "other", id="a-tenth-less"),
        pytest.param(0.010, 0.0096, "native", id="less-by-noise"),
        pytest.param(0.010, 0.011, "native", id="more"),
        pytest.param(0.0001, 0.00006, "native", id="what-python-adds-would-be-more"),
        pytest.param(0.0001, 0.00004, "other", id="more-than-python-adds"),
    ],
)
def test_torch_s_operator_is_kept_unless_another_saves_a_margin(
    clock: Clock, native: float, other: float, expected: str
) -> None:
    found = fastest({"native": clock.candidate("native", native), "other": clock.candidate("other", other)})
    assert found == expected


def test_candidates_take_turns(clock: Clock) -> None:
    fastest({name: clock.candidate(name, 0.01) for name in ("native", "one", "two")})
    assert clock.calls[-15:] == ["native", "one", "two"] * 5


def test_short_calls_are_repeated_within_a_timing(clock: Clock) -> None:
    fastest({"native": clock.candidate("native", 0.0005)})
    assert len(clock.calls) == 1 + 1 + 5 * 4  # for its result, to count, five slices of 2 ms


def test_a_candidate_that_fails_is_left_out_with_a_warning(clock: Clock) -> None:
    def broken() -> torch.Tensor:
        msg = "out of resources"
        raise RuntimeError(msg)

    with pytest.warns(UserWarning, match="broken is left out: RuntimeError: out of resources"):
        assert fastest({"native": clock.candidate("native", 0.01), "broken": broken}) == "native"


def test_a_failure_of_torch_s_operator_is_passed_on() -> None:
    def broken() -> torch.Tensor:
        msg = "out of memory"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="out of memory"):
        fastest({"native": broken})


def test_a_candidate_that_computes_something_else_is_left_out_with_a_warning(clock: Clock) -> None:
    wrong = clock.candidate("wrong", 0.001, 1.001)
    with pytest.warns(UserWarning, match="wrong is left out: it does not agree with torch's operator"):
        assert fastest({"native": clock.candidate("native", 0.01), "wrong": wrong}) == "native"


def test_rounding_is_no_disagreement(clock: Clock) -> None:
    near = clock.candidate("near", 0.001, 1 + 2.0**-23)
    assert fastest({"native": clock.candidate("native", 0.01), "near": near}, torch.float32) == "near"


@pytest.mark.parametrize(
    ("actual", "expected", "same"),
    [
        ((float("inf"),), (float("inf"),), True),
        ((float("nan"),), (float("nan"),), True),
        ((float("nan"),), (1.0,), False),
        ((float("inf"),), (-float("inf"),), False),
        ((1.5,), (1.0,), False),
    ],
)
def test_what_agrees(actual: tuple[float], expected: tuple[float], same: bool) -> None:
    one = torch.ones(1)
    assert cuda.agree((torch.tensor(actual), None), (torch.tensor(expected), None), (one, None), 1e-7) == same


def test_the_second_of_two_results_is_compared_too() -> None:
    one = torch.ones(1)
    assert not cuda.agree((one, one), (one, 2 * one), (one, one), 1e-7)


# torch's flags.

_FRESH = """
import json, sys, tempfile, torch
from pathlib import Path
theirs = "triton" in sys.modules
from fourfold.backend import ConvTranspose3dSpec, autotune, conv_transpose3d, cuda
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
    done = subprocess.run([sys.executable, "-c", _FRESH], capture_output=True, text=True, check=True)
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


# The engine: CPU tensors that it takes for a GPU's.


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(eager, "_known", {})
    autotune(False)
    yield
    autotune(False)


@pytest.fixture
def picked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Pick the last candidate but the kernel; return the candidates of each measurement."""
    measured: list[tuple[str, ...]] = []

    def pick(candidates: dict[str, Callable[[], Any]], **_: Any) -> str:
        measured.append(tuple(candidates))
        return [name for name in candidates if name != "tiles"][-1]

    monkeypatch.setattr(cuda, "fastest", pick)
    return measured


@pytest.mark.usefixtures("pretended")
def test_what_was_picked_runs_and_equals_the_definition(picked: list[tuple[str, ...]]) -> None:
    autotune()
    case = known(OVERLAPPING)
    input, weight, bias = case.given
    input, weight = input.clone().requires_grad_(), weight.clone().requires_grad_()
    output = conv_transpose3d(input, weight, bias, OVERLAPPING)
    of_input, of_weight = torch.autograd.grad(output, [input, weight], case.gradient)
    assert torch.equal(output, case.output)
    assert torch.equal(of_input, case.of_input)
    assert torch.equal(of_weight, case.of_weight)
    assert picked == [
        ("native", "other_layout"),
        ("native", "other_layout", "subpixel", "subpixel_channels_last", "taps", "fold"),
    ]


@pytest.mark.usefixtures("pretended")
def test_gradients_are_measured_where_they_are_wanted_only(picked: list[tuple[str, ...]]) -> None:
    autotune()
    given_ = operands(OVERLAPPING, SIZE)
    apply(given_, OVERLAPPING)
    assert [len(names) for names in picked] == [6]
    given_.weight.requires_grad_()
    with torch.no_grad():
        apply(given_, OVERLAPPING)
    assert [len(names) for names in picked] == [6]
    apply(given_, OVERLAPPING)
    assert [len(names) for names in picked] == [6, 2]


@pytest.mark.usefixtures("pretended")
def test_the_plan_names_what_was_measured(picked: list[tuple[str, ...]]) -> None:
    autotune()
    given_ = operands(OVERLAPPING, SIZE)
    assert plan(OVERLAPPING, given_.input).algorithm == "native"
    apply(given_, OVERLAPPING)
    assert plan(OVERLAPPING, given_.input).algorithm == "fold"
    assert len(picked) == 1


@pytest.mark.usefixtures("pretended")
def test_nothing_is_measured_while_a_graph_is_captured(
    picked: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    autotune()
    given_ = operands(OVERLAPPING, SIZE)
    monkeypatch.setattr(cuda, "capturing", lambda: True)
    ran: list[str] = []
    compute = eager._compute

    def watched(algorithm: Algorithm | None, *args: Any) -> torch.Tensor:
        ran.append(algorithm.name if algorithm else "native")
        return compute(algorithm, *args)

    monkeypatch.setattr(eager, "_compute", watched)
    apply(given_, OVERLAPPING)
    assert (picked, ran) == ([], ["native"])
    monkeypatch.setattr(cuda, "capturing", lambda: False)
    apply(given_, OVERLAPPING)  # the warm-up that graphs need anyway
    monkeypatch.setattr(cuda, "capturing", lambda: True)
    apply(given_, OVERLAPPING)
    assert (len(picked), ran) == (1, ["native", "fold", "fold"])


@pytest.mark.usefixtures("pretended", "picked")
def test_a_choice_from_the_disk_is_not_new_in_a_capture_of_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tuning.json"
    autotune(path=path)
    given_ = operands(OVERLAPPING, SIZE)
    apply(given_, OVERLAPPING)
    autotune(path=path)  # as a new process reads it: nothing is compiled or warm there
    monkeypatch.setattr(cuda, "capturing", lambda: True)
    assert eager._tuned(tuning._chosen[0], on_gpu(OVERLAPPING, given_.input), *given_)[0] is None


@pytest.mark.usefixtures("pretended")
def test_deterministic_mode_takes_torch_s_operator(picked: list[tuple[str, ...]]) -> None:
    autotune()
    before = torch.are_deterministic_algorithms_enabled()
    try:
        torch.use_deterministic_algorithms(True)
        apply(operands(OVERLAPPING, SIZE), OVERLAPPING)
    finally:
        torch.use_deterministic_algorithms(before)
    assert picked == []


@pytest.mark.usefixtures("pretended")
def test_torch_s_operator_is_called_at_once_where_it_was_the_fastest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "fastest", lambda candidates, **_: "native")
    autotune()
    given_ = operands(OVERLAPPING, SIZE)
    expected = apply(given_, OVERLAPPING)
    monkeypatch.setattr(eager, "run", None)  # would raise
    assert torch.equal(apply(given_, OVERLAPPING), expected)
    given_.weight.requires_grad_()
    with pytest.raises(TypeError):  # gradients were not measured yet
        apply(given_, OVERLAPPING)


def key(**changes: Any) -> str:
    return f"forward {on_gpu(SPEC, volume(), GPU._replace(**changes))}"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "another GPU"},
        {"cudnn": 92000},
        {"triton": None},
        {"benchmark": True},
        {"conv_tf32": True},
        {"matmul_tf32": True},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_choices_depend_on_the_gpu_the_libraries_and_torch_s_flags(changes: dict[str, Any]) -> None:
    assert key(**changes) != key()
    assert set(changes) <= set(GPU._fields)


def test_choices_on_a_gpu_do_not_depend_on_the_cpu_s_threads() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(before + 1)
        assert key() == f"forward {on_gpu(SPEC, volume())}"
    finally:
        torch.set_num_threads(before)


# The gate.


@pytest.mark.parametrize(("name", "expected"), [("cuda", True), ("cuda:1", True), ("cpu", False), ("mps", False)])
def test_which_devices_are_nvidia_s(name: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "hip", None)
    assert cuda.is_cuda(torch.device(name)) == expected
    monkeypatch.setattr(torch.version, "hip", "6.0")
    assert not cuda.is_cuda(torch.device(name))


@dataclasses.dataclass(frozen=True)
class Elsewhere:
    """As much of a tensor on a GPU as the gate looks at first."""

    device: torch.device
    dtype: None = None


@pytest.mark.parametrize("tuned", [True, False])
def test_ours_is_asked_on_cuda_after_autotune_only(tuned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[torch.device] = []
    monkeypatch.setattr(cuda, "is_cuda", lambda device: not asked.append(device))  # type: ignore[func-returns-value]
    autotune(tuned)
    elsewhere: Any = Elsewhere(torch.device("cuda"))
    assert not eager.applies(elsewhere, torch.zeros(1), None)
    assert asked == ([torch.device("cuda")] if tuned else [])


def test_cpu_tensors_never_reach_what_is_for_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gpu", "capturing", "fastest", "conv_tf32"):
        monkeypatch.setattr(cuda, name, None)  # would raise
    autotune()
    input, weight, bias = (tensor.requires_grad_() for tensor in operands(OVERLAPPING, SIZE))
    output = conv_transpose3d(input, weight, bias, OVERLAPPING)
    assert torch.equal(output, torch.nn.functional.conv_transpose3d(input, weight, bias, stride=2, padding=1))
    torch.autograd.backward(output.sum())


def test_max_workspace_cannot_be_kept_off_the_cpu() -> None:
    autotune()
    input = torch.empty(1, 4, *SIZE, device="meta")
    with pytest.raises(OperatorError, match="max_workspace=1000 can be kept for plain CPU tensors only"):
        conv_transpose3d(input, torch.empty(SPEC.weight_shape, device="meta"), None, SPEC, max_workspace=1000)


def test_triton_is_not_imported_for_the_cpu(fresh: dict[str, bool]) -> None:
    assert not fresh["triton"]
