"""What runs on CUDA and why, without a GPU: the engine takes CPU tensors for a GPU's."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import known
from tests.backend.simulated import GPU, OVERLAPPING, SIZE, SPEC, on_gpu, volume
from tests.operands import apply, operands

from fourfold.backend import OperatorError, autotune, conv_transpose3d, plan
from fourfold.backend.execution import eager, shortcut
from fourfold.backend.planning import choice, cuda, planner, tuning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fourfold.backend.planning.cuda import Gpu

NAMES = ["other_layout", "tiles", "subpixel", "subpixel_channels_last", "taps", "fold", "voxel"]


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


# The engine: CPU tensors that it takes for a GPU's.


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(shortcut, "remembered", {})
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
    picked: list[tuple[str, ...]], ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    autotune()
    given_ = operands(OVERLAPPING, SIZE)
    monkeypatch.setattr(cuda, "capturing", lambda: True)
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
    assert choice._tuned(tuning._chosen[0], on_gpu(OVERLAPPING, given_.input), *given_)[0] is None


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
        {"deterministic": True},
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
