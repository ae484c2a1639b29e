"""The planner: the same choice for the same case, refusals told, torch's own operator wherever ours may not run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.backend.forced import SIZE, make
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import forward_ad
from torch.utils._python_dispatch import TorchDispatchMode

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d, plan
from fourfold.backend.algorithms import ALGORITHMS, GRADIENTS
from fourfold.backend.execution import eager
from fourfold.backend.planning import choice, costs, planner
from fourfold.backend.planning.case import Case, case_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SPEC = make(stride=2)


@dataclass(frozen=True)
class Fake:
    """An algorithm for cubes that is never run."""

    name: str
    seconds: float

    def refusal(self, case: Case) -> str | None:
        return None if len(set(case.size)) == 1 else f"{case.size} is not a cube"

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def volume(*size: int, device: str = "meta", dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.empty(1, SPEC.in_channels, *size, device=device, dtype=dtype)


def forget() -> None:
    planner._chosen.cache_clear()
    planner._predicted.cache_clear()


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(planner, "ALGORITHMS", (Fake("never", math.inf), Fake("fast", 1e-9), Fake("faster", 1e-10)))
    monkeypatch.setattr(costs, "seconds", lambda algorithm, case: algorithm.seconds)
    forget()
    yield
    forget()


@pytest.mark.usefixtures("fakes")
def test_the_least_predicted_time_wins() -> None:
    assert plan(SPEC, volume(64, 64, 64)).algorithm == "faster"


@pytest.mark.usefixtures("fakes")
def test_torch_s_own_is_kept_for_a_few_microseconds() -> None:
    assert plan(SPEC, volume(2, 2, 2)).algorithm == "native"


@pytest.mark.usefixtures("fakes")
def test_an_algorithm_that_refuses_is_not_taken_and_its_reason_is_told() -> None:
    made = plan(SPEC, volume(2, 2, 3))
    assert made.algorithm == "native"
    assert made.refused == tuple((name, "(2, 2, 3) is not a cube") for name in ("never", "fast", "faster"))


@pytest.mark.parametrize("size", [(1, 1, 1), (4, 5, 6), (64, 64, 64)], ids=str)
def test_every_candidate_is_in_the_plan_once_with_a_time_or_a_reason(size: tuple[int, int, int]) -> None:
    made = plan(SPEC, volume(*size))
    assert [each.name for each in made.candidates] == ["native", *(algorithm.name for algorithm in ALGORITHMS)]
    assert [(each.seconds is None) == (each.refusal is not None) for each in made.candidates] == [True] * len(
        made.candidates
    )
    times = {each.name: each.seconds for each in made.candidates if each.seconds is not None}
    assert times[made.algorithm] == min(times.values())
    assert min(times.values()) > 0


def test_the_table_names_every_candidate_and_marks_the_choice() -> None:
    made = plan(SPEC, volume(8, 8, 8, dtype=torch.float64))
    lines = str(made).splitlines()
    assert [line[2:].split()[0] for line in lines] == [each.name for each in made.candidates]
    assert [line[2:].split()[0] for line in lines if line.startswith("*")] == [made.algorithm]
    assert [reason in str(made) for _, reason in made.refused] == [True] * len(made.refused)


def test_equal_cases_get_equal_plans_whatever_was_planned_between() -> None:
    first = plan(SPEC, volume(9, 9, 9))
    for depth in range(1, 9):
        plan(SPEC, volume(depth, 9, 9))
    forget()
    assert plan(make(stride=2), volume(9, 9, 9)) == first


def test_a_meta_tensor_plans_what_a_tensor_on_the_cpu_gets() -> None:
    assert plan(SPEC, volume(6, 7, 8)) == plan(SPEC, volume(6, 7, 8, device="cpu"))


def test_an_unbatched_input_plans_as_a_batch_of_one() -> None:
    input = volume(6, 7, 8)
    assert plan(SPEC, input[0]) == plan(SPEC, input)


@pytest.mark.parametrize("device", ["mps", "xpu", "hip"])
def test_other_devices_take_torch_s_operator(device: str) -> None:
    case = case_of(SPEC, volume(8, 8, 8))._replace(device=device)
    assert planner.choose(case) is None
    reasons = [planner.refusal(algorithm, case) for algorithm in ALGORITHMS]
    assert [reason is not None and device in reason for reason in reasons] == [True] * len(ALGORITHMS)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
def test_some_gradient_applies_to_every_dtype(dtype: torch.dtype) -> None:
    case = case_of(SPEC, volume(4, 4, 4, dtype=dtype))
    assert planner.choose_gradient(case) in GRADIENTS
    assert planner.choose_gradient(case).refusal(case) is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_gradients_of_single_voxels_are_those_of_one_matrix_product(dtype: torch.dtype) -> None:
    """3D-GAN's first layer: torch's backward operator takes 5 (float32) and 20 (float64) times as long."""
    spec = ConvTranspose3dSpec(in_channels=200, out_channels=512, kernel_size=4, stride=2)
    input = torch.empty(100, 200, 1, 1, 1, dtype=dtype)
    assert planner.choose_gradient(case_of(spec, input)).name == "voxel"


@pytest.mark.parametrize(
    ("input", "expected"),
    [
        pytest.param(volume(3, 4, 5), (60, 616, 60 * 4 * 2 * 18, torch.float32, False), id="float32"),
        pytest.param(volume(3, 4, 5, dtype=torch.bfloat16), (60, 616, 60 * 144, torch.float32, False), id="bfloat16"),
        pytest.param(
            torch.empty(2, 4, 3, 4, 5, dtype=torch.float64, memory_format=torch.channels_last_3d),
            (120, 1232, 120 * 144, torch.float64, True),
            id="float64-channels-last",
        ),
    ],
)
def test_what_a_case_says(input: torch.Tensor, expected: tuple[Any, ...]) -> None:
    # SPEC: 4 to 2 channels, kernel (3, 2, 3), stride 2, so (3, 4, 5) becomes (7, 8, 11)
    case = case_of(SPEC, input)
    voxels, outputs, products, sums_in, channels_last = expected
    assert (case.input_voxels, case.products, case.sums_in, case.channels_last) == (
        voxels,
        products,
        sums_in,
        channels_last,
    )
    assert case.output_voxels == outputs


class Subclass(torch.Tensor):
    """A tensor whose operators somebody may have overridden."""


class Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A mode that sees every operator."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return func(*args, **(kwargs or {}))


def asked(input: torch.Tensor, weight: torch.Tensor | None = None) -> bool:
    return eager.applies(input, torch.zeros(SPEC.weight_shape) if weight is None else weight, None)


def under_vmap(input: torch.Tensor) -> bool:
    answers: list[bool] = []

    def mapped(one: torch.Tensor) -> torch.Tensor:
        answers.append(asked(one))
        return one

    torch.vmap(mapped)(input.unsqueeze(0))
    return answers[0]


def under_grad(input: torch.Tensor) -> bool:
    answers: list[bool] = []

    def loss(one: torch.Tensor) -> torch.Tensor:
        answers.append(asked(one))
        return one.sum()

    torch.func.grad(loss)(input)
    return answers[0]


def under_forward_ad(input: torch.Tensor) -> bool:
    with forward_ad.dual_level():
        return asked(forward_ad.make_dual(input, input))  # type: ignore[no-untyped-call]


def under_jit_tracing(input: torch.Tensor) -> bool:
    answers: list[bool] = []

    def traced(one: torch.Tensor) -> torch.Tensor:
        answers.append(asked(one))
        return one + 1

    torch.jit.trace(traced, input, check_trace=False)  # type: ignore[no-untyped-call]
    return answers[0]


def under_fake_mode(input: torch.Tensor) -> bool:
    with FakeTensorMode() as mode:
        return asked(mode.from_tensor(input))


def under_a_dispatch_mode(input: torch.Tensor) -> bool:
    with Watching():  # type: ignore[no-untyped-call]
        return asked(input)


def under_make_fx(input: torch.Tensor) -> bool:
    answers: list[bool] = []

    def traced(one: torch.Tensor) -> torch.Tensor:
        answers.append(asked(one))
        return one + 1

    torch.fx.experimental.proxy_tensor.make_fx(traced)(input)
    return answers[0]


def under_compile(input: torch.Tensor) -> bool:
    def compiled(one: torch.Tensor) -> torch.Tensor:
        return one + (1 if asked(one) else 0)

    return bool(torch.compile(compiled, fullgraph=True, backend="eager")(input).any())


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize(
    "answer",
    [
        under_vmap,
        under_grad,
        under_forward_ad,
        under_jit_tracing,
        under_fake_mode,
        under_a_dispatch_mode,
        under_make_fx,
        under_compile,
        pytest.param(lambda x: asked(x.to("meta")), id="meta"),
        pytest.param(lambda x: asked(x.as_subclass(Subclass)), id="subclass-input"),
        pytest.param(lambda x: asked(x, torch.zeros(1).as_subclass(Subclass)), id="subclass-weight"),
        pytest.param(lambda x: asked(x.to_mkldnn()), id="opaque-layout"),
        pytest.param(lambda x: asked(x.int()), id="integers"),
        pytest.param(lambda x: asked(x.to(torch.complex64)), id="complex"),
    ],
)
def test_nothing_of_ours_runs_where_torch_s_operators_are_watched(answer: Callable[[torch.Tensor], bool]) -> None:
    input = torch.zeros(1, SPEC.in_channels, *SIZE)
    assert asked(input)
    assert not answer(input)
    assert asked(input)


def test_a_module_s_parameters_are_plain_tensors() -> None:
    layer = torch.nn.ConvTranspose3d(4, 2, (3, 2, 3), 2)
    assert eager.applies(torch.zeros(1, 4, *SIZE), layer.weight, layer.bias)


@pytest.mark.parametrize(
    "algorithm", [each for each in ALGORITHMS if each.refusal(case_of(SPEC, volume(*SIZE))) is None]
)
def test_the_operator_runs_what_was_chosen(algorithm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(choice, "choose", lambda case: algorithm)
    compute = type(algorithm).compute

    def watched(self: Any, *given: Any) -> None:
        ran.append(self.name)
        compute(self, *given)

    monkeypatch.setattr(type(algorithm), "compute", watched)
    conv_transpose3d(torch.ones(1, 4, *SIZE), torch.ones(SPEC.weight_shape), None, SPEC)
    assert ran == [algorithm.name]


def test_the_spec_is_hashable_and_part_of_the_case() -> None:
    one, other = (
        case_of(ConvTranspose3dSpec(in_channels=4, out_channels=2, kernel_size=k), volume(2, 2, 2)) for k in (1, 2)
    )
    assert one != other
    assert len({one, other, one._replace()}) == 2
