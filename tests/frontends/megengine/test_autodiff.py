"""`megengine.autodiff.GradManager`: what it records, accumulates and refuses."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest

import fourfold.frontends.megengine as mge
from fourfold.frontends.megengine.autodiff import GradManager
from fourfold.frontends.megengine.module import ConvTranspose3d

if TYPE_CHECKING:
    import torch


def values(tensor: torch.Tensor) -> Any:
    assert tensor.grad is not None
    return tensor.grad.tolist()


def test_gradients_of_ones_accumulate() -> None:
    # measured in MegEngine 1.13.0: [4. 6.], then [12. 18.]
    weight = mge.Parameter([2.0, 3.0])
    manager = GradManager().attach([weight])
    with manager:
        manager.backward(weight * weight)
    assert values(weight) == [4.0, 6.0]
    with manager:
        manager.backward((weight * weight).sum(), mge.tensor(2.0))
    assert values(weight) == [12.0, 18.0]
    assert type(weight.grad) is mge.Tensor


def test_layer_trains_with_it() -> None:
    layer = ConvTranspose3d(1, 1, 1)
    manager = GradManager()
    manager.attach(layer.parameters())
    with manager:
        manager.backward(layer(mge.tensor([[[[[3.0]]]]])))
    assert (values(layer.weight), values(layer.bias)) == ([[[[[3.0]]]]], [[[[[1.0]]]]])  # type: ignore[arg-type]


def test_callbacks_change_the_gradient_in_turn() -> None:
    # measured with the first callback alone: [20. 40.]
    weight = mge.Parameter([1.0, 2.0])
    manager = GradManager().attach(weight, callbacks=lambda _, grad: grad * 10)
    manager.attach([weight], callbacks=[lambda tensor, grad: grad + tensor])
    with manager:
        manager.backward((weight * weight).sum())
    assert values(weight) == [21.0, 42.0]


def test_several_outputs_add_up_with_their_weights() -> None:
    # measured: 1 * 1 + 2 * 3 = 7 before the callback
    weight = mge.Parameter([1.0, 2.0])
    with GradManager().attach(weight) as manager:
        manager.backward([weight.sum(), (2 * weight).sum()], [mge.tensor(1.0), mge.tensor(3.0)])
    assert values(weight) == [7.0, 7.0]


def test_input_records_inside_only() -> None:
    input = mge.tensor([1.0, 2.0])
    with GradManager().attach(input) as manager:
        assert input.requires_grad
        manager.backward((input * input).sum())
    assert values(input) == [2.0, 4.0]
    assert not input.requires_grad


def test_intermediate_result_gets_its_gradient_too() -> None:
    # measured: z.grad [4. 8.]
    weight = mge.Parameter([1.0, 2.0])
    with GradManager().attach(weight) as manager:
        product = weight * 2
        manager.attach(product)
        manager.backward((product * product).sum())
    assert (values(product), values(weight)) == ([4.0, 8.0], [8.0, 16.0])


def test_tensor_that_took_no_part_has_no_gradient() -> None:
    weight, other = mge.Parameter([1.0]), mge.Parameter([1.0])
    with GradManager().attach([weight, other]) as manager:
        manager.backward(weight.sum())
    assert other.grad is None


@pytest.mark.parametrize("output", [None, []], ids=["none", "empty"])
def test_nothing_to_derive_gives_nothing(output: Any) -> None:
    weight = mge.Parameter([1.0])
    with GradManager().attach(weight) as manager:
        manager.backward(output)
    assert weight.grad is None


def test_output_without_gradients_gives_nothing() -> None:
    weight = mge.Parameter([1.0])
    with GradManager().attach(weight) as manager:
        manager.backward(mge.tensor([1.0]))
    assert weight.grad is None


def test_record_and_release_work_without_with() -> None:
    weight = mge.Parameter([1.0])
    manager = GradManager().attach(weight)
    manager.record()
    with pytest.raises(RuntimeError, match="already recording"):
        manager.record()
    manager.release()
    with pytest.raises(RuntimeError, match="no computation history"):
        manager.backward(weight.sum())


def test_backward_ends_the_recording() -> None:
    weight = mge.Parameter([1.0])
    with GradManager().attach(weight) as manager:
        manager.backward(weight.sum())
        with pytest.raises(RuntimeError, match="did you forget record"):
            manager.backward(weight.sum())


@pytest.mark.parametrize(
    ("tensors", "match"),
    [
        # words measured in MegEngine 1.13.0
        pytest.param(mge.tensor([1]), "Only tensors of floating point dtype can be attached", id="integers"),
        pytest.param([1.0], "Object to be attached should be Tensor", id="float"),
    ],
)
def test_what_has_no_gradient_is_not_attached(tensors: Any, match: str) -> None:
    manager = GradManager()
    with pytest.raises(AssertionError, match=match):
        manager.attach(tensors)
    assert manager.attached_tensors() == []


def test_weights_must_match_the_outputs_in_number() -> None:
    weight = mge.Parameter([1.0])
    with GradManager().attach(weight) as manager, pytest.raises(AssertionError, match="dy has 2 tensors and y has 1"):
        manager.backward(weight.sum(), [mge.tensor(1.0), mge.tensor(1.0)])


def test_attached_tensors_are_not_kept_alive() -> None:
    weight = mge.Parameter([1.0])
    manager = GradManager().attach(weight)
    assert [tensor is weight for tensor in manager.attached_tensors()] == [True]
    del weight
    gc.collect()
    assert manager.attached_tensors() == []
