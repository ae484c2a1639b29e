"""The engine may prepare weights once and keep them; whatever changes a weight, nothing stale is ever used."""

from __future__ import annotations

import copy
import gc
import multiprocessing
import pickle
import weakref
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.ecosystem.cases import CASES, Case, assert_equal, expected, make, parameters, run_with_gradients, volume
from tests.operands import integers
from torch.autograd.grad_mode import _unsafe_preserve_version_counter
from torch.nn.utils import parameters_to_vector, parametrize, prune, vector_to_parameters
from torch.nn.utils.parametrizations import weight_norm

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.usefixtures("one_thread")

# An engine prepares weights differently for these.
WAYS = ["kernel-is-stride", "kernel-3-stride-2", "stride-1", "grouped", "depthwise", "large-kernel"]


def use(layer: nn.ConvTranspose3d, input: torch.Tensor) -> None:
    """Call the layer as inference and as training do, so that whatever is prepared once is prepared."""
    with torch.no_grad():
        layer(input)
        layer(input)
    with torch.inference_mode():
        layer(input)
    run_with_gradients(layer, layer, input)


def assert_current(layer: nn.ConvTranspose3d, input: torch.Tensor) -> None:
    """Assert that the layer computes what torch computes with the parameters as they are now."""
    with torch.no_grad():
        assert torch.equal(layer(input), expected(layer, input))
    with torch.inference_mode():
        assert torch.equal(layer(input), expected(layer, input))
    assert_equal(
        run_with_gradients(layer, layer, input), run_with_gradients(lambda x: expected(layer, x), layer, input)
    )


def other_state(layer: nn.ConvTranspose3d) -> dict[str, torch.Tensor]:
    return {name: integers(tuple(value.shape), 77, value.dtype) for name, value in layer.state_dict().items()}


@torch.no_grad()
def in_place(layer: nn.ConvTranspose3d) -> None:
    layer.weight.mul_(2)


@torch.no_grad()
def in_place_on_a_part(layer: nn.ConvTranspose3d) -> None:
    layer.weight[0, 0, 0, 0, 0] += 3


@torch.no_grad()
def copy_into(layer: nn.ConvTranspose3d) -> None:
    layer.weight.copy_(integers(tuple(layer.weight.shape), 55))


@torch.no_grad()
def moving_average(layer: nn.ConvTranspose3d) -> None:
    torch._foreach_lerp_(list(layer.parameters()), [torch.full_like(p, 8) for p in layer.parameters()], 0.5)


def through_data(layer: nn.ConvTranspose3d) -> None:
    layer.weight.data.mul_(2)  # the version counter does not see it


def through_detach(layer: nn.ConvTranspose3d) -> None:
    layer.weight.detach().mul_(2)


def through_numpy(layer: nn.ConvTranspose3d) -> None:
    layer.weight.detach().numpy()[:, 0] += 1  # nor this


def data_replaced(layer: nn.ConvTranspose3d) -> None:
    layer.weight.data = layer.weight.data * 2  # nor this


def vector(layer: nn.ConvTranspose3d) -> None:
    vector_to_parameters(parameters_to_vector(layer.parameters()).detach() * 2, layer.parameters())


def version_preserved(layer: nn.ConvTranspose3d) -> None:
    # as FSDP2 does when it gathers a weight
    with torch.no_grad(), _unsafe_preserve_version_counter(layer.weight):
        layer.weight.mul_(2)


def gradient_step(layer: nn.ConvTranspose3d) -> None:
    layer.weight.grad = integers(tuple(layer.weight.shape), 31)
    torch.optim.SGD(layer.parameters(), lr=1.0).step()


def foreach_step(layer: nn.ConvTranspose3d) -> None:
    layer.weight.grad = integers(tuple(layer.weight.shape), 31)
    torch.optim.SGD(layer.parameters(), lr=1.0, foreach=True).step()


def fused_step(layer: nn.ConvTranspose3d) -> None:
    layer.weight.grad = integers(tuple(layer.weight.shape), 31)
    torch.optim.SGD(layer.parameters(), lr=1.0, fused=True).step()


def load(layer: nn.ConvTranspose3d) -> None:
    layer.load_state_dict(other_state(layer))


def load_assigning(layer: nn.ConvTranspose3d) -> None:
    layer.load_state_dict(other_state(layer), assign=True)


def replaced(layer: nn.ConvTranspose3d) -> None:
    layer.weight = torch.nn.Parameter(layer.weight.detach() * 2)


def swapped(layer: nn.ConvTranspose3d) -> None:
    twice = torch.nn.Parameter(layer.weight.detach() * 2)
    torch.utils.swap_tensors(layer.weight, twice)  # type: ignore[no-untyped-call]


def storage_replaced(layer: nn.ConvTranspose3d) -> None:
    with torch.no_grad():
        layer.weight.set_((layer.weight * 2).clone())  # type: ignore[call-overload]


def storage_overwritten(layer: nn.ConvTranspose3d) -> None:
    layer.weight.untyped_storage().copy_((layer.weight.detach() * 2).untyped_storage())


def pruned(layer: nn.ConvTranspose3d) -> None:
    prune.l1_unstructured(layer, "weight", amount=0.5)  # type: ignore[no-untyped-call]
    prune.remove(layer, "weight")  # type: ignore[no-untyped-call]


def reinitialised(layer: nn.ConvTranspose3d) -> None:
    torch.nn.init.constant_(layer.weight, 2)


def channels_last(layer: nn.ConvTranspose3d) -> None:
    layer.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    in_place(layer)


def there_and_back(layer: nn.ConvTranspose3d) -> None:
    layer.double()
    in_place(layer)
    layer.float()


def stride_edited(layer: nn.ConvTranspose3d) -> None:
    layer.stride, layer.dilation, layer.output_padding = (2, 3, 3), (1, 1, 1), (1, 0, 0)


UPDATES: dict[str, Callable[[nn.ConvTranspose3d], None]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        in_place,
        in_place_on_a_part,
        copy_into,
        moving_average,
        through_data,
        through_detach,
        through_numpy,
        data_replaced,
        vector,
        version_preserved,
        gradient_step,
        foreach_step,
        fused_step,
        load,
        load_assigning,
        replaced,
        swapped,
        storage_replaced,
        storage_overwritten,
        pruned,
        reinitialised,
        channels_last,
        there_and_back,
        stride_edited,
    )
}


@pytest.mark.parametrize("case", parameters(CASES, WAYS))
@pytest.mark.parametrize("update", [pytest.param(function, id=name) for name, function in UPDATES.items()])
def test_a_changed_layer_computes_with_what_it_has_now(case: Case, update: Callable[[Any], None]) -> None:
    layer, input = make(case), volume(case)
    use(layer, input)
    update(layer)
    assert_current(layer, input)


@pytest.mark.parametrize("case", parameters(CASES))
def test_an_update_between_forward_and_the_next_forward_of_a_training_loop_counts(case: Case) -> None:
    layer, input = make(case), volume(case)
    twin = torch.nn.ConvTranspose3d(**case.options)
    twin.load_state_dict(layer.state_dict())
    optimizers = [torch.optim.SGD(module.parameters(), lr=0.25) for module in (layer, twin)]
    losses: list[list[float]] = [[], []]
    for _ in range(2):
        for module, optimizer, seen in zip((layer, twin), optimizers, losses, strict=True):
            optimizer.zero_grad()
            loss = module(input).relu().sum() / 4
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.clamp_(-4, 4)  # exact: quarters of small integers
            seen.append(loss.item())
    assert losses[0] == losses[1]


@pytest.mark.parametrize("case", parameters(CASES))
def test_a_weight_made_at_the_address_of_a_dropped_one_is_its_own(case: Case) -> None:
    layer, input = make(case), volume(case)
    results, wanted = [], []
    for factor in (1, 2, 3, 4):
        layer.weight = torch.nn.Parameter(layer.weight.detach() * factor)  # freed and allocated again
        with torch.no_grad():
            results.append(layer(input))
            wanted.append(expected(layer, input))
    assert_equal(results, wanted)


@pytest.mark.parametrize("grad", [True, False], ids=["grad", "no-grad"])
def test_a_weight_computed_for_each_call_is_never_mistaken_for_an_earlier_one(grad: bool) -> None:
    spec = ConvTranspose3dSpec(in_channels=4, out_channels=4, kernel_size=2, stride=2)
    input, base = integers((1, 4, 3, 3, 3), 0), integers(spec.weight_shape, 1).requires_grad_(grad)
    results = [conv_transpose3d(input, base * factor, None, spec).detach() for factor in range(1, 6)]
    first = torch.nn.functional.conv_transpose3d(input, base.detach(), stride=2)
    assert_equal(results, [first * factor for factor in range(1, 6)])


@pytest.mark.parametrize("case", parameters(CASES))
def test_a_weight_of_inference_mode_that_is_updated_there(case: Case) -> None:
    input = volume(case)
    with torch.inference_mode():
        layer = make(case)  # its parameters have no version counter
        layer(input)
        layer.weight.mul_(2)
        assert torch.equal(layer(input), expected(layer, input))


@pytest.mark.parametrize("case", parameters(CASES))
def test_a_weight_shared_by_two_layers_is_current_in_both(case: Case) -> None:
    first, second, input = make(case), make(case, seed=3), volume(case)
    second.weight = first.weight
    use(first, input)
    use(second, input)
    in_place(first)
    assert_current(first, input)
    assert_current(second, input)


@pytest.mark.parametrize("case", parameters(CASES, ["kernel-is-stride", "kernel-3-stride-2", "grouped", "stride-1"]))
def test_one_weight_serves_layers_of_other_strides(case: Case) -> None:
    layers = [nn.ConvTranspose3d(**{**case.options, "stride": stride, "output_padding": 0}) for stride in (1, 2, 3)]
    weight = make(case).weight
    input = volume(case)
    for layer in layers:
        layer.weight, layer.bias = weight, None
        use(layer, input)
    assert_equal([layer(input) for layer in layers], [expected(layer, input) for layer in layers])


class Doubled(torch.nn.Module):
    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        return weight * 2


@pytest.mark.parametrize("case", parameters(CASES, ["kernel-is-stride", "kernel-3-stride-2", "grouped", "depthwise"]))
@pytest.mark.parametrize("cached", [True, False], ids=["cached", "each-call"])
def test_a_parametrized_weight_follows_its_original(case: Case, cached: bool) -> None:
    layer: Any = make(case)
    input = volume(case)
    parametrize.register_parametrization(layer, "weight", Doubled())
    with torch.no_grad():
        layer(input)
        layer.parametrizations.weight.original.mul_(2)
        wanted = expected(layer, input)
        if cached:
            with parametrize.cached():
                assert torch.equal(layer(input), wanted)
                assert torch.equal(layer(input), wanted)
        assert torch.equal(layer(input), wanted)


def test_a_weight_norm_is_trained() -> None:
    case = CASES["kernel-is-stride"]
    layer: Any = weight_norm(make(case))
    input = volume(case)
    optimizer = torch.optim.SGD(layer.parameters(), lr=1e-4)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = layer(input).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > losses[1] > losses[2]


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda layer: pickle.loads(pickle.dumps(layer)), id="pickle"),
    ],
)
@pytest.mark.parametrize("case", parameters(CASES, WAYS))
def test_a_copy_of_a_used_layer_goes_its_own_way(case: Case, duplicate: Callable[[Any], Any]) -> None:
    layer, input = make(case), volume(case)
    use(layer, input)
    copied = duplicate(layer)
    in_place(copied)
    assert_current(copied, input)
    assert_current(layer, input)


@pytest.mark.parametrize("case", parameters(CASES))
def test_use_leaves_no_trace_on_the_layer(case: Case) -> None:
    layer, input = make(case), volume(case)
    before = len(pickle.dumps(layer)), list(vars(layer)), list(layer.state_dict())
    use(layer, input)
    assert (len(pickle.dumps(layer)), list(vars(layer)), list(layer.state_dict())) == before


@pytest.mark.parametrize("case", parameters(CASES, WAYS))
def test_a_dropped_layer_lets_its_parameters_go(case: Case) -> None:
    layer, input = make(case), volume(case)
    use(layer, input)
    references = [weakref.ref(parameter) for parameter in layer.parameters()]
    del layer
    gc.collect()
    assert [reference() for reference in references] == [None] * len(references)


def double_in_place(weight: torch.Tensor) -> None:
    weight.data.mul_(2)


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("case", parameters(CASES, ["kernel-is-stride", "kernel-3-stride-2"]))
def test_a_weight_in_shared_memory_that_another_process_updates(case: Case) -> None:
    layer, input = make(case), volume(case)
    layer.share_memory()
    use(layer, input)
    before = layer.weight.detach().clone()
    other = multiprocessing.get_context("fork").Process(target=double_in_place, args=(layer.weight.detach(),))
    other.start()
    other.join(30)
    assert torch.equal(layer.weight, before * 2)
    assert_current(layer, input)
