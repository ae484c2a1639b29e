"""`fourfold.accelerate`: what is swapped, what stays, and that it can be undone."""

from __future__ import annotations

import copy
import io
import pickle
import types
from typing import Any

import pytest
import torch
from tests.operands import integers
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

import fourfold
from fourfold.frontends.torch import nn

Theirs = torch.nn.ConvTranspose3d
Ours = nn.ConvTranspose3d


class Decoder(torch.nn.Module):
    """Two scales of a segmentation network, as nnU-Net builds them."""

    def __init__(self) -> None:
        super().__init__()
        self.ups = torch.nn.ModuleList([Theirs(8, 4, 2, stride=2), Theirs(4, 2, (1, 2, 2), stride=(1, 2, 2))])
        self.convolutions = torch.nn.ModuleList([torch.nn.Conv3d(8, 4, 3, padding=1), torch.nn.Conv3d(4, 2, 1)])

    def forward(self, deepest: torch.Tensor, *skips: torch.Tensor) -> torch.Tensor:
        for up, skip, convolution in zip(self.ups, skips, self.convolutions, strict=True):
            deepest = convolution(torch.cat([up(deepest), skip], dim=1)).relu()
        return deepest


INPUTS = [integers(shape, seed) for seed, shape in enumerate([(1, 8, 3, 3, 3), (1, 4, 6, 6, 6), (1, 2, 6, 12, 12)])]


def integer_valued(model: Any) -> Any:
    with torch.no_grad():
        for seed, parameter in enumerate(model.parameters()):
            parameter.copy_(integers(tuple(parameter.shape), seed, parameter.dtype))
    return model


@pytest.fixture
def model() -> Decoder:
    return integer_valued(Decoder())  # type: ignore[no-any-return]


def test_on_another_device_than_the_cpu_it_says_what_computes() -> None:
    model = torch.nn.Sequential(torch.nn.ConvTranspose3d(1, 1, 2, device="meta"))
    said = "on meta: torch's own operator as before, unless fourfold.autotune() finds a faster one"
    assert said in str(fourfold.accelerate(model))
    assert "on cpu" not in str(fourfold.accelerate(torch.nn.Sequential(torch.nn.ConvTranspose3d(1, 1, 2))))


def test_a_layer_whose_stride_is_a_tuple_of_one_runs() -> None:
    arguments: Any = {"stride": (2,), "padding": (1,)}
    layer = integer_valued(Theirs(8, 4, 2, **arguments))
    wanted = layer(INPUTS[0])
    with fourfold.accelerate(layer):
        assert torch.equal(layer(INPUTS[0]), wanted)


def test_every_transposed_convolution_becomes_ours_and_the_result_is_the_same(model: Decoder) -> None:
    wanted = model(*INPUTS)
    acceleration = fourfold.accelerate(model)
    assert [type(up) for up in model.ups] == [Ours, Ours]
    assert acceleration.swapped == ("ups.0", "ups.1")
    assert acceleration.left == {}
    assert acceleration.model is model
    assert torch.equal(model(*INPUTS), wanted)


def test_modules_parameters_names_and_state_are_the_very_same_objects(model: Decoder) -> None:
    before = (dict(model.named_modules()), dict(model.named_parameters()), repr(model), list(model.state_dict()))
    state = [dict(vars(module)) for module in model.modules()]
    fourfold.accelerate(model)
    assert (
        dict(model.named_modules()),
        dict(model.named_parameters()),
        repr(model),
        list(model.state_dict()),
    ) == before
    assert [dict(vars(module)) for module in model.modules()] == state


def test_restore_gives_the_classes_back(model: Decoder) -> None:
    acceleration = fourfold.accelerate(model)
    acceleration.restore()
    assert [type(up) for up in model.ups] == [Theirs, Theirs]
    acceleration.restore()
    assert [type(up) for up in model.ups] == [Theirs, Theirs]


def test_a_with_block_restores_even_after_an_error(model: Decoder) -> None:
    with pytest.raises(RuntimeError, match="5 channels"), fourfold.accelerate(model):
        model.ups[0](torch.zeros(1, 5, 3, 3, 3))
    assert type(model.ups[0]) is Theirs


def test_a_second_time_changes_nothing_and_undoes_nothing(model: Decoder) -> None:
    first = fourfold.accelerate(model)
    with fourfold.accelerate(model) as second:
        assert second.swapped == ()
        assert second.left == dict.fromkeys(("ups.0", "ups.1"), "it runs on fourfold already")
    assert type(model.ups[0]) is Ours
    first.restore()
    assert type(model.ups[0]) is Theirs


def test_a_layer_that_was_ours_before_stays_ours(model: Decoder) -> None:
    model.ups[0] = Ours(8, 4, 2, stride=2)
    fourfold.accelerate(model).restore()
    assert [type(up) for up in model.ups] == [Ours, Theirs]


def test_a_bare_layer_is_a_model() -> None:
    layer = Theirs(4, 2, 2)
    acceleration = fourfold.accelerate(layer)
    assert type(layer) is Ours
    assert acceleration.swapped == ("",)
    assert str(acceleration).endswith("swapped\n  ConvTranspose3d(4, 2, kernel_size=(2, 2, 2), stride=(1, 1, 1))")


def test_a_layer_registered_twice_stays_one_layer_with_two_names() -> None:
    layer = Theirs(4, 4, 1)
    model = torch.nn.ModuleDict({"a": layer, "b": torch.nn.Sequential(layer)})
    assert fourfold.accelerate(model).swapped == ("a = b.0",)
    assert model["a"] is layer
    assert type(layer) is Ours


def test_other_layers_are_not_touched() -> None:
    model = torch.nn.Sequential(torch.nn.ConvTranspose2d(2, 2, 2), torch.nn.Conv2d(2, 2, 2), torch.nn.BatchNorm3d(2))
    with pytest.warns(UserWarning, match=r"accelerate\(\) swaps nothing in this Sequential: of its 4 modules none is"):
        acceleration = fourfold.accelerate(model)
    assert (acceleration.swapped, acceleration.left) == ((), {})
    assert [type(layer) for layer in model] == [torch.nn.ConvTranspose2d, torch.nn.Conv2d, torch.nn.BatchNorm3d]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        pytest.param(torch.nn.ReLU(), "of its 1 module none is a torch.nn.ConvTranspose3d", id="one"),
        pytest.param(
            torch.nn.ConvTranspose2d(2, 2, 2),
            r"are left as they are: the model itself \(ConvTranspose2d\)\.",
            id="bare",
        ),
        pytest.param(
            torch.nn.Sequential(*(torch.nn.ConvTranspose1d(2, 2, 2) for _ in range(5))),
            r"as they are: 0 \(ConvTranspose1d\), 1 \(ConvTranspose1d\), 2 \(ConvTranspose1d\), \.\.\.\. Upsampling",
            id="many",
        ),
    ],
)
def test_a_model_without_the_layer_is_warned_about_where_the_caller_is(model: torch.nn.Module, said: str) -> None:
    with pytest.warns(UserWarning, match=said) as caught:
        fourfold.accelerate(model)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_the_warning_names_layers_that_were_scripted() -> None:
    scripted = torch.jit.script(torch.nn.Sequential(torch.nn.ReLU(), Theirs(2, 2, 2)))
    with pytest.warns(UserWarning, match=r"left as they are: 1 \(a scripted ConvTranspose3d\)\."):
        fourfold.accelerate(scripted)


def test_a_model_whose_layers_are_all_left_alone_is_not_warned_about() -> None:
    model = torch.nn.Sequential(Ours(2, 2, 2))
    assert list(fourfold.accelerate(model).left) == ["0"]  # a warning would be an error here


@pytest.mark.parametrize("value", [None, torch.zeros(1), Theirs], ids=["none", "tensor", "class"])
def test_what_is_not_a_module_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"it must be a torch\.nn\.Module"):
        fourfold.accelerate(value)


class Named(Theirs):
    """A subclass that keeps the forward."""

    def __init__(self, channels: int, note: str = "") -> None:
        super().__init__(channels, channels, 2, stride=2)
        self.note = note

    def describe(self) -> str:
        return f"{type(self).__name__} {self.note}"


class Rounding(Theirs):
    def forward(self, input: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        return super().forward(input, output_size).round()


class FixedPadding(Theirs):
    def _output_padding(self, *args: Any, **kwargs: Any) -> list[int]:
        return [0, 0, 0]


class Scripted(torch.nn.LazyConvTranspose3d):
    cls_to_become = Rounding


def replaced_on_the_object() -> Any:
    layer: Any = Theirs(4, 4, 2)
    layer.forward = types.MethodType(Rounding.forward, layer)
    return layer


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
@pytest.mark.parametrize(
    ("build", "reason"),
    [
        pytest.param(lambda: Rounding(4, 4, 2), "its class Rounding overrides forward", id="forward"),
        pytest.param(lambda: FixedPadding(4, 4, 2), "its class FixedPadding overrides _output_padding", id="padding"),
        pytest.param(replaced_on_the_object, "its forward was replaced on the object", id="on-the-object"),
        pytest.param(lambda: Scripted(4, 2), "its first input makes it a Rounding, which overrides forward", id="lazy"),
    ],
)
def test_a_layer_with_a_forward_of_its_own_is_left_alone_and_named(build: Any, reason: str) -> None:
    model = torch.nn.Sequential(build())
    before = type(model[0])
    acceleration = fourfold.accelerate(model)
    assert type(model[0]) is before
    assert (acceleration.swapped, acceleration.left) == ((), {"0": reason})
    assert str(acceleration) == f"0 of 1 transposed convolutions swapped\n  0: left alone; {reason}"


def test_a_subclass_that_keeps_the_forward_keeps_everything_else() -> None:
    model: Any = torch.nn.Sequential(integer_valued(Named(4, "first")), Named(4))
    input = integers((1, 4, 3, 3, 3), 0)
    wanted = model(input)
    acceleration = fourfold.accelerate(model)
    assert [type(layer).forward is Ours.forward for layer in model] == [True, True]
    assert [isinstance(layer, Named) and isinstance(layer, Ours) for layer in model] == [True, True]
    assert type(model[0]) is type(model[1])
    assert model[0].describe() == "Named first"
    assert torch.equal(model(input), wanted)
    acceleration.restore()
    assert [type(layer) for layer in model] == [Named, Named]


@pytest.mark.parametrize("layer", [Theirs(4, 4, 2), Named(4, "kept")], ids=["torch", "subclass"])
@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda model: pickle.loads(pickle.dumps(model)), id="pickle"),
    ],
)
def test_an_accelerated_model_is_copied_accelerated(layer: Any, duplicate: Any) -> None:
    model = torch.nn.Sequential(integer_valued(copy.deepcopy(layer)))
    acceleration = fourfold.accelerate(model)
    copied = duplicate(model)
    acceleration.restore()
    input = integers((1, 4, 3, 3, 3), 0)
    assert isinstance(copied[0], Ours)
    assert isinstance(copied[0], type(layer))
    assert copied[0].weight is not model[0].weight
    assert torch.equal(copied(input), model(input))


def test_an_accelerated_model_is_saved_whole() -> None:
    model = torch.nn.Sequential(integer_valued(Named(4, "kept")))
    fourfold.accelerate(model)
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    loaded = torch.load(buffer, weights_only=False)
    assert (loaded[0].describe(), isinstance(loaded[0], Ours)) == ("Named kept", True)


@pytest.mark.parametrize("kind", [Theirs, Named], ids=["torch", "subclass"])
@pytest.mark.parametrize("normalise", [spectral_norm, weight_norm])
def test_parametrizations_stay_and_can_be_removed(kind: Any, normalise: Any) -> None:
    torch.manual_seed(0)
    layer: Any = normalise(kind(4) if kind is Named else kind(4, 4, 2, stride=2)).eval()
    input = integers((1, 4, 3, 3, 3), 0)
    wanted, original = layer(input), list(layer.parameters())
    acceleration = fourfold.accelerate(layer)
    assert isinstance(layer, Ours)
    assert all(now is then for now, then in zip(layer.parameters(), original, strict=True))
    torch.testing.assert_close(layer(input), wanted)
    torch.testing.assert_close(copy.deepcopy(layer)(input), wanted)
    parametrize.remove_parametrizations(layer, "weight")
    assert isinstance(layer, Ours)
    torch.testing.assert_close(layer(input), wanted)
    acceleration.restore()
    assert type(layer) is kind


@pytest.mark.parametrize("kind", [Theirs, Named], ids=["torch", "subclass"])
@pytest.mark.parametrize("first", ["parametrized", "accelerated"])
def test_a_parametrized_layer_is_restored_parametrized(kind: Any, first: str) -> None:
    layer: Any = kind(4) if kind is Named else kind(4, 4, 2)
    if first == "parametrized":
        spectral_norm(layer)
        acceleration = fourfold.accelerate(layer)
    else:
        acceleration = fourfold.accelerate(layer)
        spectral_norm(layer)
    acceleration.restore()
    assert not isinstance(layer, Ours)
    assert parametrize.is_parametrized(layer, "weight")
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is kind


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
@pytest.mark.parametrize("restored", [None, "before", "after"])
def test_a_lazy_layer_becomes_ours_with_its_first_input(restored: str | None) -> None:
    layer = torch.nn.LazyConvTranspose3d(4, 2, stride=2)
    acceleration = fourfold.accelerate(layer)
    assert isinstance(layer, nn.LazyConvTranspose3d)
    if restored == "before":
        acceleration.restore()
        assert type(layer) is torch.nn.LazyConvTranspose3d
    layer(torch.zeros(1, 3, 2, 2, 2))
    assert type(layer) is (Theirs if restored == "before" else Ours)
    if restored == "after":
        acceleration.restore()
        assert type(layer) is Theirs


class LazyNamed(torch.nn.LazyConvTranspose3d):
    cls_to_become = Named  # type: ignore[assignment]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
def test_a_lazy_subclass_becomes_what_it_should_and_ours() -> None:
    layer = LazyNamed(4, 2)
    acceleration = fourfold.accelerate(layer)
    layer(torch.zeros(1, 3, 2, 2, 2))
    assert isinstance(layer, Named)
    assert isinstance(layer, Ours)
    acceleration.restore()
    assert type(layer) is Named


def test_a_class_changed_since_is_named_and_the_others_are_restored(model: Decoder) -> None:
    acceleration = fourfold.accelerate(model)
    model.ups[0].__class__ = type("Wrapped", (Ours,), {})
    with pytest.raises(RuntimeError, match=r"ups\.0 is a Wrapped now\. Undo that change first"):
        acceleration.restore()
    assert type(model.ups[1]) is Theirs


def test_hooks_flags_and_dtype_stay(model: Decoder) -> None:
    model.double().eval()
    seen: list[str] = []
    model.ups[0].register_forward_pre_hook(lambda module, inputs: seen.append("before"))
    model.ups[0].register_forward_hook(lambda module, inputs, output: seen.append("after"))
    model.ups[0].register_full_backward_hook(lambda module, *gradients: seen.append("backward"))
    model.ups[1].requires_grad_(False)
    fourfold.accelerate(model)
    model(*(input.double().requires_grad_() for input in INPUTS)).sum().backward()
    assert seen == ["before", "after", "backward"]
    assert [up.training for up in model.ups] == [False, False]
    assert [up.weight.requires_grad for up in model.ups] == [True, False]
    assert model.ups[1].weight.dtype == torch.float64


def test_an_optimizer_made_before_goes_on_training(model: Decoder) -> None:
    twin = copy.deepcopy(model)
    optimizers = [torch.optim.SGD(each.parameters(), lr=2**-10, momentum=0.5) for each in (model, twin)]
    for step in range(3):
        if step == 1:
            fourfold.accelerate(model)
        for each, optimizer in zip((model, twin), optimizers, strict=True):
            optimizer.zero_grad()
            each(*INPUTS).mean().backward()
            optimizer.step()
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_tied_weights_stay_tied() -> None:
    model = torch.nn.ModuleList([Theirs(4, 4, 2), Theirs(4, 4, 2, stride=2)])
    model[1].weight = model[0].weight
    fourfold.accelerate(model)
    assert model[1].weight is model[0].weight


def test_a_compiled_model_notices(model: Decoder) -> None:
    compiled: Any = torch.compile(model, backend="aot_eager")
    wanted = compiled(*INPUTS)
    with fourfold.accelerate(compiled) as acceleration:
        assert acceleration.swapped == ("_orig_mod.ups.0", "_orig_mod.ups.1")
        assert torch.equal(compiled(*INPUTS), wanted)
    assert torch.equal(compiled(*INPUTS), wanted)


def test_the_accelerated_forward_is_the_engine_s(model: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []
    monkeypatch.setattr(
        "fourfold.frontends.torch.nn.functional.conv_transpose3d", lambda *args: shapes.append(args[0].shape)
    )
    with fourfold.accelerate(model):
        model.ups[0](INPUTS[0])
    model.ups[0](INPUTS[0])
    assert shapes == [(1, 8, 3, 3, 3)]
