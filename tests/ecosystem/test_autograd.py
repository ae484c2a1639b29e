"""What training code does with a layer: gradients that add up, graphs kept or freed, hooks, changes in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from tests.ecosystem.cases import CASES, Case, assert_equal, expected, make, parameters, run_with_gradients, volume
from tests.operands import integers
from torch.utils.checkpoint import checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.frontends.torch import nn

pytestmark = pytest.mark.usefixtures("one_thread")
SOME = [
    "kernel-is-stride",
    "kernel-is-stride-past-the-end",
    "pointwise-with-holes",
    "kernel-3-stride-2",
    "stride-1",
    "grouped",
]


def pair(case: Case) -> tuple[nn.ConvTranspose3d, torch.nn.ConvTranspose3d]:
    """Return our layer and torch's with the same integer-valued parameters."""
    ours = make(case)
    theirs = torch.nn.ConvTranspose3d(**case.options)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def gradients(layer: torch.nn.Module) -> list[torch.Tensor]:
    return [parameter.grad.clone() for parameter in layer.parameters() if parameter.grad is not None]


@pytest.mark.parametrize("case", parameters(CASES))
def test_gradients_accumulate(case: Case) -> None:
    found = []
    for layer in pair(case):
        for seed in (1, 2, 3):
            layer(volume(case, seed=seed)).sum().backward()
        found.append(gradients(layer))
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES))
def test_a_kept_graph_is_used_twice_and_a_freed_one_refuses(case: Case) -> None:
    layer, theirs = pair(case)
    total = layer(volume(case)).sum()
    total.backward(retain_graph=True)
    total.backward()
    for _ in range(2):
        theirs(volume(case)).sum().backward()
    assert_equal(gradients(layer), gradients(theirs))
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        total.backward()


WANTED = {
    "input": (True, False, False),
    "weight": (False, True, False),
    "bias": (False, False, True),
    "input-and-bias": (True, False, True),
    "weight-and-bias": (False, True, True),
}


@pytest.mark.parametrize("case", parameters(CASES, SOME))
@pytest.mark.parametrize("wanted", [pytest.param(flags, id=name) for name, flags in WANTED.items()])
def test_only_the_gradients_asked_for_come(case: Case, wanted: tuple[bool, bool, bool]) -> None:
    found = []
    for layer in pair(case):
        operands: list[Any] = [volume(case), layer.weight, layer.bias]
        for operand, flag in zip(operands, wanted, strict=True):
            operand.requires_grad_(flag)
        output = layer(operands[0])
        output.backward(integers(tuple(output.shape), 9))
        found.append([operand.grad for operand in operands])
    assert [gradient is not None for gradient in found[0]] == list(wanted)
    assert_equal(*([gradient for gradient in each if gradient is not None] for each in found))


@pytest.mark.parametrize("case", parameters(CASES))
@pytest.mark.parametrize(
    "follow",
    [
        pytest.param(lambda output: output.relu_(), id="relu"),
        pytest.param(lambda output: output.mul_(3).add_(1), id="arithmetic"),
        pytest.param(lambda output: torch.nn.functional.dropout(output, 0.0, inplace=True), id="dropout"),
        pytest.param(lambda output: output[:, :1].zero_().sum() + output, id="a-part"),
        pytest.param(lambda output: output.view(-1).clamp_(-9, 9), id="a-view"),
    ],
)
def test_an_output_may_be_changed_in_place(case: Case, follow: Callable[[torch.Tensor], torch.Tensor]) -> None:
    layer, theirs = pair(case)
    input = volume(case)
    assert_equal(
        run_with_gradients(lambda x: follow(layer(x)), layer, input),
        run_with_gradients(lambda x: follow(theirs(x)), theirs, input),
    )


@pytest.mark.parametrize("case", parameters(CASES))
@pytest.mark.parametrize("operand", ["input", "weight"])
def test_an_operand_changed_in_place_before_backward_is_noticed(case: Case, operand: str) -> None:
    for layer in pair(case):
        input = volume(case).requires_grad_()
        output = layer(input)
        with torch.no_grad():
            (input if operand == "input" else layer.weight).add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            output.sum().backward()


@pytest.mark.parametrize("case", parameters(CASES))
def test_a_bias_changed_in_place_before_backward_does_no_harm(case: Case) -> None:
    found = []
    for layer in pair(case):
        output = layer(volume(case))
        if layer.bias is not None:
            with torch.no_grad():
                layer.bias.add_(1)
        output.sum().backward()
        found.append(gradients(layer))
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES))
@pytest.mark.parametrize("use_reentrant", [True, False], ids=["reentrant", "not-reentrant"])
def test_activation_checkpointing_gives_the_same_gradients(case: Case, use_reentrant: bool) -> None:
    layer, theirs = pair(case)
    model = torch.nn.Sequential(layer, torch.nn.ReLU(inplace=True))
    inputs = [volume(case).requires_grad_() for _ in range(2)]
    checkpoint(model, inputs[0], use_reentrant=use_reentrant).sum().backward()
    theirs(inputs[1]).relu().sum().backward()
    assert_equal([*gradients(layer), inputs[0].grad], [*gradients(theirs), inputs[1].grad])  # type: ignore[list-item]


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_saved_tensors_may_be_packed_elsewhere(case: Case) -> None:
    layer, theirs = pair(case)

    def run(input: torch.Tensor) -> Any:
        with torch.autograd.graph.saved_tensors_hooks(
            lambda tensor: tensor.detach().clone(), lambda packed: packed.clone()
        ):
            return layer(input)

    assert_equal(run_with_gradients(run, layer, volume(case)), run_with_gradients(theirs, theirs, volume(case)))


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_no_more_is_saved_for_backward_than_the_operands(case: Case) -> None:
    layer, input = make(case), volume(case).requires_grad_()
    saved: list[int] = []

    def note(tensor: torch.Tensor) -> torch.Tensor:
        saved.append(tensor.untyped_storage().data_ptr())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        layer(input)
    operands = {tensor.untyped_storage().data_ptr() for tensor in (input, *layer.parameters())}
    assert set(saved) <= operands


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_hooks_on_tensors_see_their_gradients(case: Case) -> None:
    seen: list[list[torch.Tensor]] = [[], []]
    for layer, found in zip(pair(case), seen, strict=True):
        input = volume(case).requires_grad_()
        output = layer(input)
        output.retain_grad()
        for tensor in (input, output, layer.weight):
            tensor.register_hook(found.append)
        layer.weight.register_post_accumulate_grad_hook(  # type: ignore[no-untyped-call]
            lambda weight, found=found: found.append(weight.grad.clone())
        )
        output.backward(integers(tuple(output.shape), 9))
        found.append(output.grad)
    assert_equal(seen[0], seen[1])


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_full_backward_hooks_may_change_the_gradient(case: Case) -> None:
    found = []
    for layer in pair(case):
        layer.register_full_backward_hook(lambda module, grads, outputs: (cast("Any", grads)[0] * 2,))
        layer.register_full_backward_pre_hook(lambda module, grads: (cast("Any", grads)[0] + 1,))
        found.append(run_with_gradients(layer, layer, volume(case)))
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES))
@pytest.mark.parametrize(
    ("mode", "requires_grad", "inference"),
    [
        pytest.param(torch.no_grad, False, False, id="no_grad"),
        pytest.param(torch.inference_mode, False, True, id="inference_mode"),
        pytest.param(torch.enable_grad, True, False, id="enable_grad"),
    ],
)
def test_gradient_modes_are_kept(case: Case, mode: Any, requires_grad: bool, inference: bool) -> None:
    layer, input = make(case), volume(case)
    with mode():
        output = layer(input)
    assert (output.requires_grad, output.is_inference()) == (requires_grad, inference)
    assert torch.equal(output, expected(layer, input))
    assert layer(input).requires_grad  # nothing of the mode is left


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_an_input_made_in_inference_mode_is_read_outside(case: Case) -> None:
    layer = make(case).requires_grad_(False)
    with torch.inference_mode():
        input = volume(case)
    assert torch.equal(layer(input), expected(layer, input))


@pytest.mark.parametrize("case", parameters(CASES))
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_autocast_gives_torch_s_dtypes_and_gradients(case: Case, dtype: torch.dtype) -> None:
    layer, theirs = pair(case)
    with torch.no_grad():
        for parameter in (*layer.parameters(), *theirs.parameters()):
            parameter.sign_()  # sums stay exact in 8 bits
    input = volume(case).sign_()
    grad_output = torch.ones(theirs(input).shape, dtype=dtype)
    found = []
    for module in (layer, theirs):
        volume_ = input.clone().requires_grad_()
        with torch.autocast("cpu", dtype=dtype):
            output = module(volume_)
            assert output.dtype == dtype
        found.append([output, *torch.autograd.grad(output, [volume_, *module.parameters()], grad_output)])
    # the bias gradient sums more terms than 8 bits count exactly
    assert_equal([found[0][0], found[0][1]], [found[1][0], found[1][1]])
    assert [gradient.dtype for gradient in found[0][1:]] == [torch.float32] * len(found[0][1:])


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_autocast_sees_a_weight_updated_within_it(case: Case) -> None:
    layer, input = make(case).requires_grad_(False), volume(case).sign_()
    layer.weight.sign_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        layer(input)
        layer.weight.neg_()
        assert torch.equal(layer(input), expected(layer, input))
    assert layer(input).dtype == torch.float32


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_a_gradient_of_a_gradient_is_torch_s(case: Case) -> None:
    found = []
    for layer in pair(case):
        input = volume(case).requires_grad_()
        output = layer(input)
        first = torch.autograd.grad(output, [input, layer.weight], integers(tuple(output.shape), 9), create_graph=True)
        penalty = first[0].sum() + (first[1] * integers(tuple(first[1].shape), 5)).sum()
        found.append([penalty.detach(), *torch.autograd.grad(penalty, [input, layer.weight])])
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_a_channels_last_gradient_is_read_right(case: Case) -> None:
    layer, theirs = pair(case)
    shape = theirs(volume(case)).shape
    grad_output = integers(tuple(shape), 9).to(memory_format=torch.channels_last_3d)
    found = []
    for module in (layer, theirs):
        input = volume(case).to(memory_format=torch.channels_last_3d).requires_grad_()
        output = module(input)
        found.append([output, *torch.autograd.grad(output, [input, *module.parameters()], grad_output)])
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_an_expanded_gradient_is_read_right(case: Case) -> None:
    layer, theirs = pair(case)
    found = []
    for module in (layer, theirs):
        input = volume(case).requires_grad_()
        output = module(input)
        grad_output = torch.ones(1).expand(output.shape)  # what sum() sends back: stride 0
        found.append(list(torch.autograd.grad(output, [input, *module.parameters()], grad_output)))
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_functional_transforms_give_torch_s_results(case: Case) -> None:
    found = []
    for layer in pair(case):
        values = {name: parameter.detach() for name, parameter in layer.named_parameters()}
        input, tangent = volume(case), volume(case, seed=20)

        def loss(values: dict[str, torch.Tensor], volume_: torch.Tensor, layer: Any = layer) -> torch.Tensor:
            output: torch.Tensor = torch.func.functional_call(layer, values, (volume_,))
            return output.sum()

        each = torch.vmap(torch.func.grad(loss), in_dims=(None, 0))(values, input)
        value, along = torch.func.jvp(  # type: ignore[misc]
            lambda x, v=values, f=loss: f(v, x), (input,), (tangent,)
        )
        found.append([*each.values(), value, along])
    assert_equal(found[0], found[1])


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_vmap_over_stacked_weights_is_one_layer_each(case: Case) -> None:
    layers = [make(case, seed=seed) for seed in (0, 5)]
    values, _ = torch.func.stack_module_state(layers)
    input = volume(case)
    mapped = torch.vmap(lambda v: torch.func.functional_call(layers[0], v, (input,)))(values)
    assert_equal(list(mapped.detach()), [expected(layer, input).detach() for layer in layers])
