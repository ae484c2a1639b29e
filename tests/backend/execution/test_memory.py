"""Recycled memory: never lent while anything refers to it, given back, limited."""

from __future__ import annotations

import copy
import ctypes
import gc
import io
import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from fourfold.backend.execution import memory
from fourfold.backend.execution.memory import SMALLEST, Recycler, Scratch, own

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = (1, 2, 8, 256, SMALLEST // (4 * 2 * 8 * 256))
LIMIT = 8 * SMALLEST


@pytest.fixture
def recycler() -> Recycler:
    return Recycler(LIMIT)


def values(tensor: torch.Tensor) -> list[float]:
    """Return the different values that a tensor holds."""
    return np.unique(tensor.numpy()).tolist()  # type: ignore[no-any-return]


def lend(recycler: Recycler, shape: tuple[int, ...] = SHAPE) -> torch.Tensor:
    return recycler.empty(shape, torch.float32)


class _Twice(torch.autograd.Function):
    """A node that saves its input."""

    @staticmethod
    def forward(ctx: Any, input: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(input)
        return input[:, :, 0, 0, 0] * 2

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (input,) = ctx.saved_tensors
        return input * gradient.sum()


def _graph(tensor: torch.Tensor) -> object:
    return _Twice.apply(tensor.requires_grad_())  # type: ignore[no-untyped-call]


def _saved(tensor: torch.Tensor) -> bytes:
    file = io.BytesIO()
    torch.save(tensor, file)
    return file.getvalue()


def _stored(tensor: torch.Tensor) -> bytes:
    storage = tensor.untyped_storage()
    return ctypes.string_at(storage.data_ptr(), storage.nbytes())  # bytes(storage) takes a microsecond for each


LEAVING: dict[str, Callable[[torch.Tensor], bytes]] = {
    "torch.save": _saved,
    "pickle": pickle.dumps,
    "deepcopy": lambda tensor: _stored(copy.deepcopy(tensor)),
    "storage": _stored,
}
HOLDERS: list[Any] = [
    pytest.param(lambda tensor: tensor, id="tensor"),
    pytest.param(lambda tensor: tensor[0, 1, 2:, ::2], id="view"),
    pytest.param(lambda tensor: tensor.detach().view(torch.int32), id="view-as-integers"),
    pytest.param(lambda tensor: tensor.numpy(), id="numpy-array"),
    pytest.param(lambda tensor: tensor.numpy()[0, 1].reshape(-1)[5:9], id="numpy-view"),
    pytest.param(np.from_dlpack, id="dlpack"),
    pytest.param(lambda tensor: memoryview(tensor.numpy()), id="memoryview"),
    pytest.param(lambda tensor: tensor.untyped_storage(), id="storage"),
    pytest.param(torch.nn.Parameter, id="parameter"),
    pytest.param(
        lambda tensor: torch.empty(0).set_(tensor.untyped_storage(), 0, (4,), (1,)), id="tensor-on-the-storage"
    ),
    pytest.param(_graph, id="saved-for-backward"),
    pytest.param(lambda tensor: own(tensor[0]), id="owned-view"),
]


@pytest.mark.parametrize("hold", HOLDERS)
def test_memory_in_use_is_not_lent_and_comes_back_after_its_last_use(
    recycler: Recycler, hold: Callable[[torch.Tensor], object]
) -> None:
    first = lend(recycler)
    address = first.data_ptr()
    holder = hold(first)
    del first
    assert lend(recycler).data_ptr() != address
    del holder
    gc.collect()
    again = [lend(recycler) for _ in range(2)]
    assert address in {tensor.data_ptr() for tensor in again}


def test_what_is_lent_at_once_does_not_overlap(recycler: Recycler) -> None:
    lent = [lend(recycler).fill_(index) for index in range(10)]
    assert [values(tensor) for tensor in lent] == [[index] for index in range(10)]


@pytest.mark.parametrize("before", [(1, 2, 9, 256), (1, 2, 7, 256), (2, 2, 8, 256), (3, 2, 8, 256)], ids=str)
def test_memory_of_another_size_is_not_lent(before: tuple[int, ...], recycler: Recycler) -> None:
    lend(recycler, (*before, SHAPE[-1])).fill_(7)
    assert lend(recycler).untyped_storage().nbytes() == 4 * math.prod(SHAPE)


@pytest.mark.parametrize("leaves", LEAVING.values(), ids=LEAVING)
def test_no_value_of_an_earlier_result_leaves_with_a_later_one(
    leaves: Callable[[torch.Tensor], bytes], recycler: Recycler
) -> None:
    lend(recycler, (1, 2, 9, 256, SHAPE[-1])).fill_(7)
    tensor = lend(recycler).fill_(1)
    written = leaves(tensor)
    assert len(written) < 4 * math.prod(SHAPE) + 4096
    assert np.float32(7).tobytes() * 4 not in written


@pytest.mark.parametrize("count", [1, 7, 8, 9, 30])
def test_no_more_is_kept_than_the_limit(recycler: Recycler, count: int) -> None:
    lent = [lend(recycler, (1 + index % 3, *SHAPE[1:])) for index in range(count)]
    while lent:
        lent.pop()
        assert recycler.bytes <= LIMIT
    lend(recycler)
    assert 0 < recycler.bytes <= LIMIT


def test_a_tensor_above_the_limit_is_not_kept() -> None:
    recycler = Recycler(SMALLEST)
    assert lend(recycler, (2, *SHAPE[1:])).shape == (2, *SHAPE[1:])
    assert recycler.bytes == 0


def test_clear_forgets_everything_and_leaves_the_lent_tensors_alone(recycler: Recycler) -> None:
    lent = lend(recycler).fill_(3)
    recycler.clear()
    assert recycler.bytes == 0
    others = [lend(recycler).fill_(4) for _ in range(3)]
    assert values(lent) == [3]
    assert lent.data_ptr() not in {other.data_ptr() for other in others}


@pytest.mark.parametrize("shape", [(1, 1, 2, 3, 4), (0, 2, 3, 4, 5), (2, 0, 600, 600, 600)], ids=str)
def test_small_tensors_are_torch_s_own(recycler: Recycler, shape: tuple[int, ...]) -> None:
    tensor = recycler.empty(shape, torch.float32)
    assert tensor.shape == shape
    assert recycler.bytes == 0


def test_a_torch_that_counts_no_references_recycles_nothing(
    recycler: Recycler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_count", None)
    assert lend(recycler).is_contiguous()
    assert recycler.bytes == 0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("channels_last", [False, True], ids=["contiguous", "channels-last"])
def test_shape_dtype_layout_and_alignment(recycler: Recycler, dtype: torch.dtype, channels_last: bool) -> None:
    shape = (2, 3, 5, 200, 401)
    tensor = recycler.empty(shape, dtype, channels_last=channels_last)
    assert recycler.bytes >= tensor.numel() * dtype.itemsize
    assert (tensor.shape, tensor.dtype, tensor.device.type) == (shape, dtype, "cpu")
    layout = torch.channels_last_3d if channels_last else torch.contiguous_format
    assert tensor.stride() == torch.empty(shape, device="meta", memory_format=layout).stride()
    assert tensor.data_ptr() % 64 == 0


def test_a_lent_tensor_can_be_changed_in_place_wherever_it_was_made(recycler: Recycler) -> None:
    with torch.no_grad():
        tensor = lend(recycler).fill_(1)
    factor = torch.full((), 3.0, requires_grad=True)
    assert not tensor._is_view()
    tensor *= factor
    assert tensor.requires_grad
    (gradient,) = torch.autograd.grad(tensor.sum(), factor)
    assert gradient.item() == tensor.numel()


def test_a_tensor_lent_in_inference_mode_is_followed_by_normal_ones(recycler: Recycler) -> None:
    with torch.inference_mode():
        address = lend(recycler).fill_(1).data_ptr()
    again = lend(recycler)
    assert again.data_ptr() == address
    assert not again.is_inference()
    assert again.fill_(2).requires_grad_().sum().item() == 2 * again.numel()


def test_resizing_a_lent_tensor_takes_it_out_of_the_loan(recycler: Recycler) -> None:
    tensor = lend(recycler).fill_(5)
    tensor.resize_(4, *SHAPE[1:])
    others = [lend(recycler).fill_(6) for _ in range(3)]
    assert values(tensor[0]) == [5]
    assert not {other.data_ptr() for other in others} & {tensor.data_ptr()}
    tensor.fill_(7)
    assert [values(other) for other in others] == [[6]] * 3


def test_a_storage_resized_to_nothing_and_back_is_not_lent_too_small(recycler: Recycler) -> None:
    storage = lend(recycler).untyped_storage()
    storage.resize_(0)
    assert lend(recycler).fill_(1).sum().item() == SMALLEST // 4
    assert storage.nbytes() == 0


def test_sharing_a_lent_tensor_takes_it_out_of_the_loan(recycler: Recycler) -> None:
    tensor = lend(recycler).fill_(5).share_memory_()  # type: ignore[no-untyped-call]
    others = [lend(recycler).fill_(6) for _ in range(3)]
    assert tensor.untyped_storage().is_shared()
    assert values(tensor) == [5]
    assert not any(other.untyped_storage().is_shared() for other in others)


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda tensor: pickle.loads(pickle.dumps(tensor)), id="pickle"),
    ],
)
def test_copies_of_a_lent_tensor_have_memory_of_their_own(
    recycler: Recycler, duplicate: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    duplicated = duplicate(lend(recycler).fill_(5))
    lend(recycler).fill_(6)
    assert values(duplicated) == [5]


def test_threads_that_lend_at_once_never_share_memory(recycler: Recycler) -> None:
    start = threading.Barrier(8)

    def work(number: int) -> list[list[float]]:
        start.wait()
        found = []
        for turn in range(20):
            tensor = lend(recycler).fill_(100 * number + turn)
            found.append(values(tensor[..., :4]))
        return found

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(8)))
    assert results == [[[100 * number + turn] for turn in range(20)] for number in range(8)]
    assert recycler.bytes <= LIMIT


def test_a_tensor_made_in_one_thread_and_dropped_in_another_comes_back(recycler: Recycler) -> None:
    with ThreadPoolExecutor(1) as pool:
        address = pool.submit(lambda: lend(recycler).data_ptr()).result()
    assert lend(recycler).data_ptr() == address


LIKE = torch.zeros(())


def test_scratch_does_not_mix_dtypes() -> None:
    scratch = Scratch()
    scratch.empty("sums", (4,), LIKE)
    assert scratch.empty("sums", (4,), LIKE.double()).dtype == torch.float64


@pytest.mark.parametrize("shape", [(4, 6), (2, 3, 4), (24,), (1, 2, 1, 3), (), (0, 5)], ids=str)
def test_scratch_gives_the_same_memory_for_what_fits(shape: tuple[int, ...]) -> None:
    scratch = Scratch()
    first = scratch.empty("sums", (2, 12), LIKE)
    again = scratch.empty("sums", shape, LIKE)
    assert (again.shape, again.dtype, again.device) == (shape, LIKE.dtype, LIKE.device)
    assert again.is_contiguous()
    assert again.untyped_storage().data_ptr() == first.untyped_storage().data_ptr()
    assert again.storage_offset() == 0


def test_scratch_grows_and_then_keeps_the_larger_memory() -> None:
    scratch = Scratch()
    small = scratch.empty("sums", (2, 3), LIKE).fill_(1)
    large = scratch.empty("sums", (5, 7), LIKE).fill_(2)
    assert large.shape == (5, 7)
    assert values(small) == [1]
    assert scratch.empty("sums", (2, 3), LIKE).data_ptr() == large.data_ptr()


def test_scratch_of_other_names_and_of_other_scratches_is_apart() -> None:
    scratch = Scratch()
    lent = [scratch.empty("sums 0", (3, 5), LIKE), scratch.empty("sums 1", (3, 5), LIKE)]
    lent.append(Scratch().empty("sums 0", (3, 5), LIKE))
    for value, tensor in enumerate(lent):
        tensor.fill_(value)
    assert [values(tensor) for tensor in lent] == [[0], [1], [2]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_scratch_has_the_dtype_it_is_asked_for(dtype: torch.dtype) -> None:
    assert Scratch().empty("sums", (3, 5), torch.zeros((), dtype=dtype)).dtype == dtype


def test_own_copies_nothing() -> None:
    base = torch.arange(12.0).reshape(3, 4)
    owned = own(base.t())
    assert not owned._is_view()
    assert owned.data_ptr() == base.data_ptr()
    assert torch.equal(owned, base.t())
    assert own(base.clone())._base is None


def test_own_copies_a_part_of_a_larger_storage() -> None:
    base = torch.arange(24.0).reshape(2, 3, 4)
    owned = own(base[1].t())
    assert owned.untyped_storage().nbytes() == 4 * 12
    assert torch.equal(owned, base[1].t())


def test_own_returns_what_is_no_view_itself() -> None:
    tensor = torch.zeros(2)
    assert own(tensor) is tensor
