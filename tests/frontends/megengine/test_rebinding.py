"""Changes of tensors: who sees them, what stays of a parameter, and what gradients go through.

Most of it is recorded: `compat/agreement/names/calls/megengine/memory.txt` and `modules.txt`.
"""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
import torch
import torch._dynamo

import fourfold.frontends.megengine as mge
import fourfold.frontends.megengine.functional as F
import fourfold.frontends.megengine.module as M


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(lambda p: p.reshape(-1), id="reshape"),
        pytest.param(lambda p: p.T, id="T"),
        pytest.param(lambda p: p.detach(), id="detach"),
        pytest.param(lambda p: p[:], id="slice"),
        pytest.param(lambda p: p.flatten(), id="flatten"),
        pytest.param(lambda p: p.to("cpu0"), id="to"),
        pytest.param(lambda p: F.expand_dims(p, 0), id="expand_dims"),
        pytest.param(lambda p: F.broadcast_to(p, (2, 2, 2)), id="broadcast_to"),
        pytest.param(lambda p: F.split(p, 2)[0], id="split"),
        pytest.param(lambda p: next(iter(p)), id="iteration"),
        pytest.param(lambda p: mge.tensor(p.numpy()), id="numpy"),
    ],
)
@pytest.mark.parametrize("optimizer", [mge.optimizer.SGD, torch.optim.Adam])
def test_a_step_does_not_show_in_what_was_cut_from_a_parameter(view: Any, optimizer: Any) -> None:
    parameter = mge.Parameter([[1.0, 1.0], [1.0, 1.0]])
    before = view(parameter)
    parameter.grad = mge.tensor([[1.0, 1.0], [1.0, 1.0]])
    optimizer([parameter], lr=0.5).step()
    assert parameter.numpy().max() < 0.75
    assert np.all(before.numpy() == 1)


def test_a_parameter_that_is_changed_stays_the_object_that_its_optimizer_has() -> None:
    weight: Any = mge.Parameter([1.0, 2.0])
    descent = mge.optimizer.SGD([weight], lr=1.0)
    weight *= 2
    assert (weight.is_leaf, weight.requires_grad, descent.param_groups[0]["params"][0] is weight) == (True, True, True)
    weight.grad = mge.tensor([1.0, 1.0])
    descent.step()
    assert weight.tolist() == [1.0, 3.0]


def test_a_buffer_that_a_layer_updates_stays_its_buffer() -> None:
    norm = M.BatchNorm2d(2)
    mean = norm.running_mean
    norm(mge.tensor(np.ones((2, 2, 2, 2))))
    assert norm.running_mean is mean is dict(norm.named_buffers())["running_mean"]
    assert mean.reshape(-1).tolist() == pytest.approx([0.1, 0.1])


def test_gradients_are_those_of_the_values_that_were_used() -> None:
    # exp keeps its result for the gradient: torch's own `+=` would spoil it
    x: Any = mge.Parameter([0.0, 1.0])
    y = F.exp(x)
    y += 1
    y[0] = 5
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == pytest.approx([0.0, np.e])


def test_a_parameter_changed_while_a_manager_records_is_a_leaf_again_afterwards() -> None:
    weight: Any = mge.Parameter([3.0])
    with mge.autodiff.GradManager().attach(weight) as manager:
        weight *= 2
        assert not weight.is_leaf
        manager.backward((weight * weight).sum())
    assert (weight.is_leaf, weight.requires_grad, weight.tolist()) == (True, True, [6.0])
    assert weight.grad is not None
    assert weight.grad.tolist() == [24.0]


def test_a_manager_that_nobody_holds_has_stopped_recording() -> None:
    weight: Any = mge.Parameter([1.0])
    mge.autodiff.GradManager().attach(weight).record()
    gc.collect()
    weight *= 2
    assert (weight.is_leaf, weight.tolist()) == (True, [2.0])


def test_a_gradient_outlives_changes_of_its_parameter() -> None:
    weight: Any = mge.Parameter([3.0])
    manager = mge.autodiff.GradManager().attach(weight)
    for _ in range(2):
        with manager:
            weight *= 1
            weight += 0
            manager.backward(weight.sum())
    weight += 1
    assert weight.grad is not None
    assert (weight.grad.tolist(), weight.tolist()) == ([2.0], [4.0])


def test_a_tensor_that_torch_watches_says_so() -> None:
    x: Any = mge.Parameter([1.0]) * 2
    x.retain_grad()
    with pytest.raises(RuntimeError, match=r"cannot change in place .* Write x = x \+ y"):
        x += 1


def test_what_torch_writes_in_place_is_written_in_place() -> None:
    x = mge.tensor([1.0, 2.0])
    address = x.data_ptr()
    x.add_(1)
    assert (x.tolist(), x.data_ptr()) == ([2.0, 3.0], address)


CHAINS = [
    pytest.param(lambda x: F.softmax(F.relu(x) * 2 + 1, axis=1).reshape(2, -1)[:, ::-1], id="negative step"),
    pytest.param(lambda x: F.max(F.concat([F.clip(F.exp(x), 0, 3), F.abs(x)], axis=1), axis=1) % 2, id="joined"),
    pytest.param(lambda x: (1 - F.expand_dims(x, 0).mean(axis=(0, 1), keepdims=True)) ** 2 // 0.5, id="operators"),
    pytest.param(lambda x: x % 2 - (-7) % x, id="remainder"),
]


@pytest.mark.parametrize("chain", CHAINS)
def test_chains_compile_whole_and_give_the_same(chain: Any) -> None:
    torch._dynamo.reset()
    x = mge.tensor(np.random.default_rng(1).normal(size=(2, 3, 4)))
    found = torch.compile(chain, backend="aot_eager", fullgraph=True)(x)  # type: ignore[no-untyped-call]
    assert type(found) is mge.Tensor
    assert found.numpy() == pytest.approx(chain(x).numpy(), rel=1e-6, abs=1e-6)
