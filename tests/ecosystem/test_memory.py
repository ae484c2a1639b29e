"""The engine may use memory again, but never memory that somebody can still see, nor what was left in it."""

from __future__ import annotations

import gc
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.ecosystem.cases import (
    CASES,
    LARGE,
    Case,
    assert_equal,
    expected,
    make,
    parameters,
    run_with_gradients,
    volume,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = {**CASES, **LARGE}
SOME = {name: ALL[name] for name in ("kernel-is-stride", "large-kernel-is-stride", "large-kernel-3-stride-2")}

# Ways to keep the memory of an output without keeping the output.
ALIASES: dict[str, Callable[[torch.Tensor], Any]] = {
    "the-output": lambda output: output,
    "a-view": lambda output: output.view(-1),
    "a-part": lambda output: output[:, :1, 1:],
    "a-detached-tensor": torch.Tensor.detach,
    "its-data": lambda output: output.data,
    "a-numpy-array": lambda output: output.detach().numpy(),
    "a-part-of-a-numpy-array": lambda output: output.detach().numpy()[:, :, ::2],
    "a-tensor-of-a-numpy-array": lambda output: torch.from_numpy(output.detach().numpy()),
    "a-memoryview": lambda output: output.detach().numpy().data,
    "dlpack": lambda output: np.from_dlpack(output.detach()),
    "the-storage": torch.Tensor.untyped_storage,
    "a-tensor-on-the-storage": lambda output: torch.empty(0).set_(output.untyped_storage()),
    "another-dtype": lambda output: output.detach().view(torch.int32),
}


def read(alias: Any) -> Any:
    """Return the memory that an alias sees, as an array."""
    if isinstance(alias, torch.UntypedStorage):
        alias = torch.empty(0).set_(alias)
    return alias.detach().numpy() if isinstance(alias, torch.Tensor) else np.asarray(alias)


@pytest.mark.parametrize("make_alias", [pytest.param(function, id=name) for name, function in ALIASES.items()])
@pytest.mark.parametrize(
    ("case", "grad"),
    [
        pytest.param(CASES["kernel-is-stride"], False, id="small"),
        pytest.param(LARGE["large-kernel-3-stride-2"], True, id="large-grad"),
    ],
)
def test_what_still_sees_an_output_keeps_its_values(case: Case, grad: bool, make_alias: Callable[..., Any]) -> None:
    layer = make(case).requires_grad_(grad)
    output = layer(volume(case))
    alias = make_alias(output)
    before = np.array(read(alias))
    del output
    later = layer(volume(case, seed=20)).detach().fill_(7)
    assert np.array_equal(read(alias), before)
    del later
    layer(volume(case, seed=21)).detach().fill_(7)
    assert np.array_equal(read(alias), before)


@pytest.mark.parametrize("case", parameters(SOME))
@pytest.mark.parametrize(
    "keep",
    [
        pytest.param(torch.Tensor.exp, id="output-of-the-function"),  # saves what it returns
        pytest.param(torch.Tensor.square, id="input-of-the-function"),
        pytest.param(lambda output: output.relu_(), id="in-place"),
        pytest.param(lambda output: output.view(-1).square(), id="view"),
    ],
)
def test_what_autograd_saved_of_an_output_keeps_its_values(case: Case, keep: Callable[[torch.Tensor], Any]) -> None:
    layer = make(case)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.div_(512)
    input = volume(case).requires_grad_()
    (wanted,) = torch.autograd.grad(keep(layer(input)).sum(), input)
    loss = keep(layer(input)).sum()  # the output itself is gone; only the graph sees it
    for seed in (20, 21):
        layer(volume(case, seed=seed)).detach().fill_(float("nan"))
    assert_equal([*torch.autograd.grad(loss, input)], [wanted])


@pytest.mark.parametrize("case", parameters(SOME))
def test_gradients_that_are_kept_keep_their_values(case: Case) -> None:
    layer, input = make(case), volume(case)
    kept = run_with_gradients(layer, layer, input)
    copies = [tensor.clone() for tensor in kept]
    for seed in (20, 21):
        run_with_gradients(layer, layer, volume(case, seed=seed))
    assert_equal(kept, copies)


@pytest.mark.parametrize("case", parameters(SOME))
def test_outputs_that_live_at_once_lie_apart(case: Case) -> None:
    layer = make(case)
    storages = [layer(volume(case, seed=seed)).detach().untyped_storage() for seed in range(20, 24)]
    spans = sorted((storage.data_ptr(), storage.data_ptr() + storage.nbytes()) for storage in storages)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


@pytest.mark.parametrize("case", parameters(SOME))
def test_an_output_is_no_larger_than_it_says(case: Case) -> None:
    output = make(case)(volume(case))
    assert output.untyped_storage().nbytes() == output.numel() * output.element_size()  # pickled and shared whole


@pytest.mark.parametrize("case", parameters(ALL))
def test_what_was_left_in_memory_never_shows(case: Case) -> None:
    layer, input = make(case), volume(case)
    wanted = run_with_gradients(lambda x: expected(layer, x), layer, input)
    for _ in range(2):
        for tensor in run_with_gradients(layer, layer, input):
            tensor.fill_(float("nan"))
    assert_equal(run_with_gradients(layer, layer, input), wanted)


@pytest.mark.parametrize("case", parameters(ALL))
def test_a_volume_of_nan_leaves_nothing_behind(case: Case) -> None:
    layer, input = make(case), volume(case)
    run_with_gradients(layer, layer, torch.full_like(input, float("nan")))
    assert_equal(
        run_with_gradients(layer, layer, input), run_with_gradients(lambda x: expected(layer, x), layer, input)
    )


@pytest.mark.parametrize("case", parameters(SOME))
def test_other_dtypes_and_sizes_in_between_leave_nothing_behind(case: Case) -> None:
    layer, wide, input = make(case), make(case, dtype=torch.float64), volume(case)
    wanted = expected(layer, input)
    for _ in range(2):
        with torch.no_grad():
            wide(input.double()).fill_(float("nan"))
            layer(input[..., :-1]).fill_(float("nan"))
            assert_equal([layer(input)], [wanted])


@pytest.mark.parametrize("case", parameters(SOME))
@pytest.mark.parametrize("size", [0, 1 << 20], ids=["emptied", "grown"])
def test_an_output_whose_storage_was_resized_harms_nobody(case: Case, size: int) -> None:
    layer, input = make(case), volume(case)
    wanted = expected(layer, input)
    for _ in range(2):
        with torch.no_grad():
            output = layer(input)
            output.untyped_storage().resize_(size * 4)
            del output
            assert_equal([layer(input)], [wanted])


@pytest.mark.parametrize("case", parameters(SOME))
def test_an_output_moved_to_shared_memory_stays_there(case: Case) -> None:
    layer = make(case)
    with torch.no_grad():
        shared = layer(volume(case)).share_memory_()
        before = shared.clone()
        layer(volume(case, seed=20)).fill_(7)
    assert shared.is_shared()
    assert torch.equal(shared, before)


@pytest.mark.parametrize("case", parameters(SOME))
def test_an_output_may_be_the_next_input(case: Case) -> None:
    channels = case.options["in_channels"]
    layer = make(Case({**case.options, "out_channels": channels}, case.shape))
    crop = tuple(slice(0, length) for length in case.shape)
    wanted = result = volume(case)
    with torch.no_grad():
        for _ in range(3):
            result = layer(result[crop]).remainder_(5)
            wanted = expected(layer, wanted[crop]).remainder_(5)
    assert torch.equal(result, wanted)


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/statm")
HUGE = LARGE["large-kernel-is-stride"]._replace(shape=(3, 2, 64, 64, 64))  # 48 MiB: no allocator keeps that by itself


@linux
@pytest.mark.parametrize("grad", [True, False], ids=["grad", "no-grad"])
def test_memory_goes_back_when_everything_is_dropped(grad: bool) -> None:
    layer, input = make(HUGE), volume(HUGE).requires_grad_(grad)
    size = layer(input).nbytes
    gc.collect()
    before = resident()
    kept = [layer(input) for _ in range(6)]
    if grad:
        torch.autograd.backward([output.sum() for output in kept])
    del kept
    gc.collect()
    assert resident() - before < 3 * size  # two outputs may be kept for later


@linux
def test_many_calls_take_no_more_memory_than_a_few() -> None:
    layer, input = make(HUGE), volume(HUGE)
    for _ in range(2):
        size = run_with_gradients(layer, layer, input)[0].nbytes
    before = resident()
    for _ in range(3):
        run_with_gradients(layer, layer, input)
    assert resident() - before < 2 * size


@linux
def test_sizes_that_never_come_back_are_not_kept() -> None:
    layer = make(HUGE)
    with torch.no_grad():
        before = resident()
        sizes = [layer(torch.ones(3, 2, 64, 64, width)).nbytes for width in range(64, 72)]
    assert resident() - before < 3 * max(sizes)
