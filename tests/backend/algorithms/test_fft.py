"""The Fourier transform: within its own bound of the definition, which is not the bound of the other algorithms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import reference
from tests.backend.forced import CONFIGURATIONS, WHOLE, defined, definition, forward, known, make
from tests.operands import apply, operands
from tests.strategies import Case, cases, effort

from fourfold.backend import ConvTranspose3dSpec, allow_fft, plan
from fourfold.backend.algorithms.optional import fft
from fourfold.backend.algorithms.optional.fft import Fft
from fourfold.backend.algorithms.taps import Taps
from fourfold.backend.planning.case import case_of
from fourfold.backend.planning.planner import choose
from fourfold.compat.agreement.catalogue.workloads import layer
from fourfold.compat.agreement.comparison import compare
from fourfold.compat.agreement.formats import FORMATS
from fourfold.compat.agreement.rounding import Sums, limit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHANNELS_LAST = torch.channels_last_3d
DENSE = make(in_channels=3, out_channels=2, kernel_size=(5, 4, 3), stride=(2, 1, 1), padding=((1, 2), (0, 1), (1, 1)))
LONG = (9, 12, 26)  # several blocks per axis
SMALL_EFFORT = settings(effort, max_examples=max(effort.max_examples // 4, 1))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make blocks as small as they can be, so that small volumes have many."""
    monkeypatch.setattr(fft, "_work", lambda *given: math.prod(block.points for block in given[2]))
    monkeypatch.setattr(fft, "_length", lambda work, _: work)
    monkeypatch.setattr(fft, "_blocks", fft._blocks.__wrapped__)  # type: ignore[attr-defined]  # remembers nothing


def bounds(spec: ConvTranspose3dSpec, input: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Return the bound per sample and output channel (N, C_out), with the whole volume as the block.

    It is the documented one without its constants, which are for the worst case: eps * log2(n) * ||x|| * ||w||.
    """
    depth, width = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    size = (input.size(2), input.size(3), input.size(4))
    points = math.prod(block.points for block in fft._blocks(spec, 1, size, input.element_size()))
    of_input = input.double().reshape(-1, spec.groups, 1, depth * math.prod(size)).norm(dim=3)
    of_weight = weight.double().view(spec.groups, depth, width, -1).transpose(1, 2).flatten(2).norm(dim=2)
    factor = torch.finfo(input.dtype).eps * math.log2(max(points, 2))
    bound: torch.Tensor = factor * of_input * of_weight
    return bound.view(-1, spec.groups * width)


def used(output: torch.Tensor, expected: Any, spec: ConvTranspose3dSpec, given: Sequence[torch.Tensor | None]) -> float:
    """Return the largest error as a share of the bound; the bias, added last, rounds once more."""
    input, weight, bias = given
    assert input is not None
    assert weight is not None
    allowed = bounds(spec, input, weight)[..., None, None, None] + torch.finfo(input.dtype).tiny
    if bias is not None:
        allowed = allowed + torch.finfo(input.dtype).eps * (bias.double().abs().view(1, -1, 1, 1, 1) + allowed)
    error = np.abs(output.numpy().astype(np.longdouble) - np.asarray(expected).astype(np.longdouble))
    return float((error / allowed.numpy()).max(initial=0))


def spread(shape: Sequence[int], decades: int, dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    """Return numbers of both signs whose magnitudes are spread evenly over so many powers of ten."""
    generator = torch.Generator().manual_seed(seed)
    powers = decades * (torch.rand(*shape, generator=generator, dtype=torch.float64) - 0.5)
    return (torch.randn(*shape, generator=generator, dtype=torch.float64).sign() * 10**powers).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("options", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_output_is_the_definition_s_within_the_bound(options: dict[str, Any], dtype: torch.dtype) -> None:
    spec = make(**options)
    case = known(spec, dtype)
    output = forward(Fft(), spec, case.given)
    assert (output.dtype, output.shape) == (dtype, case.output.shape)
    assert output.is_contiguous()
    assert used(output, case.output, spec, case.given) <= 1


@pytest.mark.parametrize("slab", [1500, 1])
@pytest.mark.parametrize("name", ["stride-2", "groups-asymmetric", "negative", "asymmetric-far-out", "one-voxel-cut"])
def test_slabs_are_within_the_bound_too(name: str, slab: int) -> None:
    spec = make(**CONFIGURATIONS[name])
    case = known(spec, torch.float64)
    assert used(forward(Fft(), spec, case.given, slab), case.output, spec, case.given) <= 1


@pytest.mark.parametrize("layout", [torch.contiguous_format, CHANNELS_LAST], ids=str)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"groups": 2},
        {"dilation": (1, 2, 3), "out_channels": 4},
        {"stride": 3, "kernel_size": 7},
        {"padding": ((-5, 3), (2, -9), (6, 6))},
    ],
    ids=str,
)
@pytest.mark.usefixtures("small_blocks")
def test_a_volume_of_many_blocks_is_the_definition_s(options: dict[str, Any], layout: torch.memory_format) -> None:
    spec = make(**{"in_channels": 2, "kernel_size": (5, 4, 3), "stride": (2, 1, 1), **options})
    assert [block.number > 1 for block in fft._blocks(spec, 1, LONG, 8)] == [True] * 3
    given = operands(spec, LONG, batch=2, dtype=torch.float64)
    expected = torch.nn.functional.conv_transpose3d(
        given.input, given.weight, None, spec.stride, 0, 0, spec.groups, spec.dilation
    )
    pads = [-amount for axis in reversed(spec.padding) for amount in axis]
    expected = torch.nn.functional.pad(expected, pads) + given.bias.view(-1, 1, 1, 1)
    output = forward(Fft(), spec, (given.input.to(memory_format=layout), given.weight, given.bias))
    assert output.is_contiguous(memory_format=layout)
    assert used(output, expected, spec, given) <= 1


@given(case=cases(), slab=st.sampled_from([WHOLE, 3000, 1]), with_bias=st.booleans(), seed=st.integers(0, 2**16))
@SMALL_EFFORT
def test_any_legal_operator_is_within_the_bound(case: Case, slab: int, with_bias: bool, seed: int) -> None:
    spec, size = case
    input, weight, bias = operands(spec, size, batch=1, dtype=torch.float64, seed=seed)
    given = (input, weight, bias if with_bias else None)
    assert used(forward(Fft(), spec, given, slab), defined(given, spec), spec, given) <= 1


# Values from 1e-8 to 1e8 side by side: the bound is by the norm, which the large ones make.
@pytest.mark.parametrize("decades", [0, 4, 16])
def test_float64_is_within_the_bound_of_sums_in_long_double(decades: int) -> None:
    assert np.finfo(np.longdouble).nmant > np.finfo(np.float64).nmant, "needs a platform whose long double is longer"
    input, weight = spread((1, 3, 3, 4, 3), decades, torch.float64), spread(DENSE.weight_shape, decades, torch.float64)
    exact = reference.conv_transpose3d(
        *(each.numpy().astype(np.longdouble) for each in (input, weight)), **definition(DENSE)
    )
    output = forward(Fft(), DENSE, (input, weight, None))
    assert 0 < used(output, exact, DENSE, (input, weight, None)) <= 1


@pytest.mark.parametrize("decades", [0, 4, 16])
@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(make(in_channels=3, out_channels=4, kernel_size=5), id="one-block"),
        pytest.param(make(in_channels=16, kernel_size=4, stride=2), id="phases"),
        pytest.param(make(in_channels=4, out_channels=4, groups=4, kernel_size=7, stride=2), id="depthwise"),
    ],
)
def test_float32_is_within_the_bound_of_float64(spec: ConvTranspose3dSpec, decades: int) -> None:
    input, weight = (
        spread((2, spec.in_channels, 5, 8, 7), decades, torch.float32),
        spread(spec.weight_shape, decades, torch.float32),
    )
    exact = forward(Taps(), spec, (input.double(), weight.double(), None))
    output = forward(Fft(), spec, (input, weight, None))
    assert 0 < used(output, exact, spec, (input, weight, None)) <= 1


def elementwise(output: torch.Tensor, given: Sequence[torch.Tensor], spec: ConvTranspose3dSpec) -> float:
    """Return the largest error as a share of the bound of sums, which the other algorithms keep: docs/bounds.md."""

    def by_taps(change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
        input, weight = (change(each.double()) for each in given)
        return forward(Taps(), spec, (input, weight, None)).numpy()

    exact, sums = by_taps(torch.clone), Sums(by_taps(torch.ones_like), by_taps(torch.abs), by_taps(torch.square))
    name = str(output.dtype).removeprefix("torch.")
    found = compare(output.numpy(), exact, name, limit=limit(sums, exact, FORMATS[name], sides=1))
    return found.of_bound or 0.0


# Why it is asked for: beside a voxel of 1e6, those around 1 lose their digits, which sums voxel by voxel keep.
def test_beside_a_large_voxel_small_ones_are_lost_and_only_here() -> None:
    spec = make(in_channels=2, out_channels=2, kernel_size=4)
    generator = torch.Generator().manual_seed(0)
    input, weight = (
        torch.randn(1, 2, 16, 16, 16, generator=generator),
        torch.randn(spec.weight_shape, generator=generator),
    )
    input[0, 0, 8, 8, 8] = 1e6
    outputs = [forward(algorithm, spec, (input, weight, None)) for algorithm in (Fft(), Taps())]
    by_transform, by_sums = (elementwise(output, (input, weight), spec) for output in outputs)
    assert by_sums <= 1
    assert by_transform > 100


@pytest.mark.parametrize("value", [math.inf, math.nan], ids=str)
@pytest.mark.usefixtures("small_blocks")
def test_a_special_voxel_spoils_the_blocks_that_hold_it_and_nothing_else(value: float) -> None:
    spec = make(in_channels=1, out_channels=1, kernel_size=3)
    given = operands(spec, LONG, batch=2, dtype=torch.float64)
    given.input[1, 0, 0, 0, 25] = value
    output = forward(Fft(), spec, given)
    expected = defined(given, spec)
    blocks = fft._blocks(spec, 2, LONG, 8)
    assert not output[torch.from_numpy(~np.isfinite(expected))].isfinite().any()
    assert output[0].isfinite().all()
    assert output[1, ..., : blocks[2].step].isfinite().all()
    assert (~output[1].isfinite()).sum() <= 2**3 * math.prod(block.step for block in blocks)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precisions_are_transformed_in_float32_and_rounded_once(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    halves = [
        torch.randn(shape, generator=generator).to(dtype) for shape in ((1, 3, 4, 5, 6), DENSE.weight_shape, (2,))
    ]
    sums = forward(Fft(), DENSE, [half.float() for half in halves])
    assert torch.equal(forward(Fft(), DENSE, halves), sums.to(dtype))


@pytest.mark.parametrize("batch", [0, 3])
def test_each_sample_of_a_batch_is_computed_alone(batch: int) -> None:
    given = operands(DENSE, (4, 3, 5), batch=batch, dtype=torch.float64)
    before = [each.clone() for each in given]
    output = forward(Fft(), DENSE, given)
    assert output.shape == (batch, 2, *DENSE.output_size((4, 3, 5)))
    assert used(output, defined(given, DENSE), DENSE, given) <= 1
    assert [torch.equal(*pair) for pair in zip(given, before, strict=True)] == [True] * 3


@pytest.mark.parametrize("bytes_", [10**4, 10**6])
def test_the_weight_s_spectra_are_made_a_few_channels_at_a_time(bytes_: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given = operands(DENSE, (4, 3, 5), dtype=torch.float64)
    at_once = forward(Fft(), DENSE, given)
    made: list[int] = []
    spectra = fft._spectra

    def watched(kernel: torch.Tensor, *rest: Any) -> torch.Tensor:
        made.append(kernel.size(4))
        return spectra(kernel, *rest)

    monkeypatch.setattr(fft, "_spectra", watched)
    monkeypatch.setattr(fft, "_SPECTRA", bytes_)
    output = forward(Fft(), DENSE, given)
    assert set(made) == {1 if bytes_ < 10**5 else 2}
    torch.testing.assert_close(output, at_once, rtol=0, atol=float(bounds(DENSE, *given[:2]).max()))


R10 = (layer(3, 12, 12, 1), (12, 32, 32))
DEPTHWISE = ({**layer(32, 32, 7, 1), "padding": 3, "groups": 32}, (32, 32, 32))


@pytest.mark.parametrize(
    ("workload", "dtype", "taken"),
    [
        pytest.param(R10, torch.float64, True, id="R10-float64"),
        pytest.param(R10, torch.float32, True, id="R10-float32"),
        pytest.param(DEPTHWISE, torch.float64, True, id="depthwise-k7-float64"),
        pytest.param((layer(64, 64, 7, 1), (24, 24, 24)), torch.float64, True, id="k7-float64"),
        pytest.param((layer(64, 64, 6, 4), (16, 16, 16)), torch.float64, False, id="W9/k6-float64"),
        pytest.param((layer(64, 64, 10, 8), (8, 8, 8)), torch.float64, False, id="W9/k10-float64"),
        pytest.param((layer(32, 16, 3, 2), (16, 64, 64)), torch.float64, False, id="W14-float64"),
        pytest.param(({**layer(64, 64, 3, 1), "padding": 1}, (32, 32, 32)), torch.float64, False, id="R11-float64"),
        pytest.param((layer(128, 64, 2, 2), (32, 32, 32)), torch.float32, False, id="k2s2-float32"),
        pytest.param((layer(1, 1, 3, 1), (4, 4, 4)), torch.float64, False, id="small-float64"),
    ],
)
def test_it_is_taken_where_many_taps_meet_a_voxel(workload: Any, dtype: torch.dtype, taken: bool) -> None:
    arguments, size = workload
    spec = ConvTranspose3dSpec(**arguments)
    with allow_fft():
        made = plan(spec, torch.empty(1, spec.in_channels, *size, dtype=dtype, device="meta"))
    assert (made.algorithm == "fft") == taken


def test_a_bounded_workspace_leaves_it_out() -> None:
    with allow_fft():
        case = case_of(ConvTranspose3dSpec(**R10[0]), torch.empty(1, 3, *R10[1], dtype=torch.float64))
    chosen = choose(case, bounded=True)
    assert getattr(choose(case), "name", None) == "fft"
    assert getattr(chosen, "name", "native") not in ("fft", "native")


def test_other_dtypes_are_refused() -> None:
    with allow_fft():
        case = case_of(DENSE, torch.empty(1, 3, 4, 4, 4, dtype=torch.int32))
    assert Fft().refusal(case) == "torch transforms no torch.int32"


@pytest.mark.parametrize("deterministic", [False, True])
def test_the_operator_takes_it_with_permission_and_gradients_are_torch_s(
    deterministic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = make(in_channels=1, out_channels=1, kernel_size=9)
    given = operands(spec, (9, 10, 11), dtype=torch.float64)
    leaves, copies = ([each.clone().requires_grad_() for each in given] for _ in range(2))
    ran: list[str] = []
    compute = Fft.compute

    def watched(self: Fft, *args: Any) -> None:
        ran.append(self.name)
        compute(self, *args)

    monkeypatch.setattr(Fft, "compute", watched)
    torch.use_deterministic_algorithms(deterministic)
    try:
        with allow_fft():
            output, again = apply(leaves, spec), apply(leaves, spec)
    finally:
        torch.use_deterministic_algorithms(False)
    expected = torch.nn.functional.conv_transpose3d(copies[0], copies[1], copies[2])
    assert ran == ["fft", "fft"]
    assert torch.equal(output, again)
    assert used(output.detach(), expected.detach(), spec, given) <= 1
    found = torch.autograd.grad(output.sum(), leaves)
    assert [torch.equal(*pair) for pair in zip(found, torch.autograd.grad(expected.sum(), copies), strict=True)] == [
        True
    ] * 3


@pytest.mark.parametrize("least", [1, 2, 11, 13, 43, 127, 257, 1009])
def test_a_good_length_is_the_next_product_of_small_primes(least: int) -> None:
    smooth = sorted(2**a * 3**b * 5**c * 7**d for a in range(12) for b in range(8) for c in range(6) for d in range(5))
    assert fft.good_length(least) == next(length for length in smooth if length >= least)
