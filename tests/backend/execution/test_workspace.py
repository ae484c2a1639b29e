"""`max_workspace`: the same bits in thinner slabs, refused where it cannot be kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backend.forced import CONFIGURATIONS, SIZE, defined, known, make
from tests.operands import apply, integers, operands

from fourfold.backend import OperatorError, OperatorTypeError, conv_transpose3d
from fourfold.backend.execution import slabwise
from fourfold.backend.execution.geometry import slabs, slabs_of_input
from fourfold.backend.planning.case import case_of
from fourfold.backend.planning.planner import choose, choose_gradient

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.backend import ConvTranspose3dSpec
    from fourfold.backend.execution.geometry import Slab

LIMITS = [1, 10_000, 2**30]
SPEC = make(stride=2, padding=((1, 0), (0, 1), (1, 1)))
CHANNELS_LAST = torch.channels_last_3d


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_outputs_and_gradients_equal_the_definition_s(options: dict[str, Any], limit: int) -> None:
    case = known(make(**options))
    input, weight, bias = case.given
    leaves = [input.clone().requires_grad_(), weight.clone().requires_grad_()]
    output = conv_transpose3d(leaves[0], leaves[1], bias, make(**options), max_workspace=limit)
    found = torch.autograd.grad(output, leaves, case.gradient)
    assert torch.equal(output, case.output)
    assert torch.equal(found[0], case.of_input)
    assert torch.equal(found[1], case.of_weight)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", ["plain", "asymmetric", "groups", "dilation-per-axis"])
def test_other_dtypes_equal_the_definition_rounded_once(name: str, dtype: torch.dtype, limit: int) -> None:
    spec = make(**CONFIGURATIONS[name])
    given = operands(spec, SIZE, dtype=dtype)
    expected = torch.from_numpy(defined(given, spec)).to(dtype)
    assert torch.equal(apply(given, spec, max_workspace=limit), expected)


def trained(given: list[torch.Tensor], **options: Any) -> list[torch.Tensor]:
    """Return the output, and the gradients of all operands."""
    leaves = [tensor.detach().clone(memory_format=torch.preserve_format).requires_grad_() for tensor in given]
    output = apply(leaves, SPEC, **options)
    seed = integers(tuple(output.shape), 5, output.dtype)
    return [output, *torch.autograd.grad(output, leaves, seed)]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=str)
@pytest.mark.parametrize("batch", [2, 0, None], ids=["batched", "empty-batch", "unbatched"])
def test_nothing_changes_but_the_memory(batch: int | None, dtype: torch.dtype, limit: int) -> None:
    given = [*operands(SPEC, SIZE, batch=batch, dtype=dtype)]
    found, expected = trained(given, max_workspace=limit), trained(given)
    assert [torch.equal(*pair) for pair in zip(found, expected, strict=True)] == [True] * 4
    assert [each.dtype for each in found] == [dtype] * 4


@pytest.mark.parametrize("limit", LIMITS)
def test_channels_last_stays_channels_last(limit: int) -> None:
    input, weight, bias = operands(SPEC, SIZE)
    given = [input.contiguous(memory_format=CHANNELS_LAST), weight, bias]
    found, expected = trained(given, max_workspace=limit), trained([input, weight, bias])
    assert [torch.equal(*pair) for pair in zip(found, expected, strict=True)] == [True] * 4
    assert [each.is_contiguous(memory_format=CHANNELS_LAST) for each in found[:2]] == [True] * 2


@pytest.mark.parametrize("limit", LIMITS)
def test_autocast_equals_casting_by_hand(limit: int) -> None:
    given = [*operands(SPEC, SIZE)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = apply(given, SPEC, max_workspace=limit)
    assert output.dtype == torch.bfloat16
    assert torch.equal(output, apply([tensor.bfloat16() for tensor in given], SPEC))


def test_second_derivatives_equal_those_without_a_limit() -> None:
    def second(**options: Any) -> list[torch.Tensor]:
        leaves = [tensor.requires_grad_() for tensor in operands(SPEC, SIZE)]
        output = apply(leaves, SPEC, **options)
        (first,) = torch.autograd.grad(output.square().sum(), leaves[0], create_graph=True)
        return list(torch.autograd.grad(first.sum(), leaves[:2]))

    assert [torch.equal(*pair) for pair in zip(second(max_workspace=1), second(), strict=True)] == [True] * 2


def test_output_size_goes_with_it() -> None:
    spec = make(stride=2)
    given = operands(spec, SIZE)
    _, greatest = spec.output_size_range(SIZE)
    output = apply(given, spec, output_size=greatest, max_workspace=1)
    assert torch.equal(output, apply(given, spec, output_size=greatest))


@pytest.mark.parametrize("value", [0, -1], ids=str)
def test_less_than_a_byte_is_refused(value: int) -> None:
    with pytest.raises(OperatorError, match=f"max_workspace={value} is not legal; it must be 1 and above"):
        apply(operands(SPEC, SIZE), SPEC, max_workspace=value)


@pytest.mark.parametrize("value", [1.5, True, "1", [1]], ids=repr)
def test_what_is_no_integer_is_refused(value: Any) -> None:
    with pytest.raises(OperatorTypeError) as raised:
        apply(operands(SPEC, SIZE), SPEC, max_workspace=value)
    assert str(raised.value).startswith(f"max_workspace={value!r} is a {type(value).__name__}; it must be an integer")


@pytest.mark.parametrize("value", [2**31, 2**40], ids=["2-GiB", "1-TiB"])
def test_more_bytes_than_an_argument_of_torch_s_kernels_holds_are_legal(value: int) -> None:
    given = operands(SPEC, SIZE)
    assert torch.equal(apply(given, SPEC, max_workspace=value), apply(given, SPEC))


REFUSED = r"max_workspace=10 can be kept for plain CPU tensors only, outside transforms and exporters; leave it out\."


class Subclass(torch.Tensor):
    """A tensor that could intercept operators."""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tensor: tensor.to("meta"), id="meta"),
        pytest.param(lambda tensor: tensor.as_subclass(Subclass), id="subclass"),
        pytest.param(lambda tensor: tensor.to(torch.int64), id="int64"),
        pytest.param(lambda tensor: tensor.to(torch.complex64), id="complex64"),
    ],
)
def test_operands_that_are_torch_s_own_are_refused(change: Any) -> None:
    given = [change(tensor) for tensor in operands(SPEC, SIZE)]
    with pytest.raises(OperatorError, match=REFUSED):
        apply(given, SPEC, max_workspace=10)


def test_vmap_is_refused() -> None:
    input, weight, bias = operands(SPEC, SIZE)
    with pytest.raises(OperatorError, match=REFUSED):
        torch.vmap(lambda volume: apply([volume, weight, bias], SPEC, max_workspace=10))(input)


def test_an_exporter_is_refused() -> None:
    class Model(torch.nn.Module):
        def forward(self, *given: torch.Tensor) -> torch.Tensor:
            return apply(given, SPEC, max_workspace=10)

    with pytest.raises(OperatorError, match=REFUSED):
        torch.export.export(Model(), tuple(operands(SPEC, SIZE)), strict=False)


class Seen:
    """Records what `slabwise` is asked for: the bound of each pass, and the slabs it makes of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parts: list[tuple[Slab, ...]] = []

        def recording(split: Callable[..., tuple[Slab, ...]]) -> Callable[..., tuple[Slab, ...]]:
            def record(*args: Any) -> tuple[Slab, ...]:
                self.parts.append(split(*args))
                return self.parts[-1]

            return record

        monkeypatch.setattr(slabwise, "slabs", recording(slabs))
        monkeypatch.setattr(slabwise, "slabs_of_input", recording(slabs_of_input))


@pytest.mark.parametrize("limit", [1, 500, 10_000, 100_000])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_slabs_of_both_passes_keep_to_the_limit_as_their_algorithms_count(
    stride: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, size = make(stride=stride), (5, 6, 4)
    seen = Seen(monkeypatch)
    leaves = [tensor.requires_grad_() for tensor in operands(spec, size)]
    apply(leaves, spec, max_workspace=limit).sum().backward()  # type: ignore[no-untyped-call]
    case = case_of(spec, leaves[0])
    per_voxel = [choose(case, bounded=True).workspace(case), choose_gradient(case, bounded=True).workspace(case)]  # type: ignore[union-attr]
    width = spec.output_size(size)[2]
    too_large = [
        slab
        for parts, each in zip(seen.parts, per_voxel, strict=True)
        for slab in parts
        if bytes_of(slab, width, each) > limit and not thinnest(slab, stride)
    ]
    assert too_large == []


def bytes_of(slab: Slab, width: int, per_voxel: float) -> float:
    return math.prod(stop - start for start, stop in slab.output) * width * per_voxel


def thinnest(slab: Slab, stride: int) -> bool:
    """Whether a slab is one sample, and one stride or what one voxel reaches along depth and height."""
    lot, *extents = ((stop - start) for start, stop in slab.output)
    voxels = [stop - start for start, stop in slab.input[1:]]
    return lot == 1 and (max(extents) <= stride or max(voxels) == 1)


@settings(max_examples=150, deadline=None)
@given(
    stride=st.tuples(*[st.integers(1, 4)] * 3),
    kernel=st.tuples(*[st.integers(1, 4)] * 3),
    size=st.tuples(*[st.integers(1, 9)] * 3),
    batch=st.integers(1, 4),
    limit=st.integers(1, 3000),
)
def test_slabs_hold_at_most_the_voxels_asked_for_and_cover_the_output_once(
    stride: tuple[int, int, int],
    kernel: tuple[int, int, int],
    size: tuple[int, int, int],
    batch: int,
    limit: int,
) -> None:
    spec = make(stride=stride, kernel_size=kernel)
    depth, height, width = spec.output_size(size)
    covered = torch.zeros(batch, depth, height, dtype=torch.int64)
    sizes = []
    for (_, _, _), (lot, d_out, h_out), _ in slabs(spec, batch, size, limit):
        box = covered[slice(*lot), slice(*d_out), slice(*h_out)]
        box += 1
        fits = box.numel() * width <= limit
        thin = lot[1] - lot[0] == 1 and d_out[1] - d_out[0] <= stride[0] and h_out[1] - h_out[0] <= stride[1]
        sizes.append(fits or thin)
    assert all(sizes)
    assert torch.equal(covered, torch.ones_like(covered))


def test_a_smaller_limit_makes_more_slabs(monkeypatch: pytest.MonkeyPatch) -> None:
    spec, counts = make(stride=2), []
    given_ = operands(spec, (6, 6, 6))
    for limit in (1, 10_000, 2**30):
        seen = Seen(monkeypatch)
        apply(given_, spec, max_workspace=limit)
        counts.append(len(seen.parts[0]))
    assert counts[0] > counts[1] > counts[2]
    assert counts[2] == 1


def _bounded_are_never_native(spec: ConvTranspose3dSpec) -> tuple[str, str]:
    case = case_of(spec, torch.empty(1, 4, 2, 3, 2))
    algorithm = choose(case, bounded=True)
    return algorithm.name if algorithm else "native", choose_gradient(case, bounded=True).name


@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_torch_s_own_operator_is_never_what_keeps_a_limit(options: dict[str, Any]) -> None:
    assert "native" not in _bounded_are_never_native(make(**options))
