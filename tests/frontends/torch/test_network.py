"""A whole network: convolutions and norms around the transposed ones, and its memory format."""

from __future__ import annotations

import copy
import io
import pickle
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.operands import integers

import fourfold
from fourfold.frontends.torch import nn, trial

if TYPE_CHECKING:
    from collections.abc import Callable

LAST = torch.channels_last_3d


class Network(torch.nn.Module):
    """A U-Net of two levels whose sums are exact on small integers."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = torch.nn.Conv3d(1, 16, 3, padding=1)
        self.down = torch.nn.Conv3d(16, 32, 3, stride=2, padding=1)
        self.up = torch.nn.ConvTranspose3d(32, 16, 2, stride=2)
        self.merge = torch.nn.Conv3d(32, 8, 3, padding=1)
        self.head = torch.nn.Conv3d(8, 2, 1)
        self.act = torch.nn.ReLU(inplace=True)

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        skip = self.act(self.stem(volume))
        deep = self.act(self.down(skip))
        size = skip.shape[2:]
        up = self.up(deep)[:, :, : size[0], : size[1], : size[2]]
        result: torch.Tensor = self.head(self.act(self.merge(torch.cat([up, skip], dim=1))))
        return result


def network() -> Network:
    model = Network()
    with torch.no_grad():
        for seed, parameter in enumerate(model.parameters()):
            parameter.copy_(integers(tuple(parameter.shape), seed).sign())
    return model


VOLUME = integers((1, 1, 9, 10, 11), 7)  # odd: the transposed convolution's output is cropped


def results(model: Any, volume: torch.Tensor = VOLUME) -> list[torch.Tensor]:
    """Return output and gradients, of a loss whose sums are exact."""
    output = model(volume)
    return [output, *torch.autograd.grad(output.sum(), list(model.parameters()))]


def same(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def given(fastest: str) -> Callable[..., dict[str, float]]:
    """Return a measurement that runs the task once in each state and finds one the fastest."""

    def seconds(states: Any, task: Any, clock: Any) -> dict[str, float]:
        for enter in states.values():
            enter()
            task()
        return {name: 1.0 if name == fastest else 2.0 for name in states}

    return seconds


@pytest.fixture(params=["torch", "ours", "channels last"])
def fastest(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setattr(trial, "seconds", given(name))
    return name


@pytest.fixture
def channels_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "seconds", given("channels last"))


def test_convolutions_and_norms_are_swapped_and_restored() -> None:
    model = torch.nn.Sequential(torch.nn.Conv3d(1, 2, 3), torch.nn.InstanceNorm3d(2), torch.nn.ConvTranspose3d(2, 1, 2))
    acceleration = fourfold.accelerate(model)
    assert [type(layer) for layer in model] == [nn.Conv3d, nn.InstanceNorm3d, nn.ConvTranspose3d]
    assert (acceleration.swapped, acceleration.around) == (("2",), ("0", "1"))
    assert str(acceleration).splitlines()[-1] == "  around them: 1 Conv3d, 1 InstanceNorm3d"
    acceleration.restore()
    assert [type(layer) for layer in model] == [torch.nn.Conv3d, torch.nn.InstanceNorm3d, torch.nn.ConvTranspose3d]


def test_a_network_without_transposed_convolutions_is_accelerated_too() -> None:
    assert fourfold.accelerate(torch.nn.Conv3d(1, 2, 3)).around == ("",)  # a warning would be an error here


class Standardised(torch.nn.Conv3d):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv3d(input, self.weight - self.weight.mean(), self.bias)


class Noted(torch.nn.Conv3d):
    note = "kept"


def prepared() -> torch.nn.Module:
    layer: Any = torch.nn.Conv3d(1, 2, 3)
    layer.qconfig = object()
    return layer  # type: ignore[no-any-return]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Standardised(1, 2, 3), id="forward-of-its-own"),
        pytest.param(lambda: torch.nn.LazyConv3d(2, 3), id="lazy"),
        pytest.param(prepared, id="being-quantised"),
        pytest.param(lambda: torch.nn.Conv2d(1, 2, 3), id="two-axes"),
    ],
)
def test_other_convolutions_are_left_alone(make: Any) -> None:
    model = torch.nn.Sequential(make(), torch.nn.ConvTranspose3d(2, 1, 2))
    kind = type(model[0])
    assert fourfold.accelerate(model).around == ()
    assert type(model[0]) is kind


def test_a_subclass_keeps_everything_else_and_is_copied() -> None:
    model = Noted(1, 2, 3)
    acceleration = fourfold.accelerate(model)
    for duplicate in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert isinstance(duplicate, Noted)
        assert isinstance(duplicate, nn.Conv3d)
    acceleration.restore()
    assert type(model) is Noted


def test_the_network_computes_the_same_bits() -> None:
    model = network()
    wanted = results(model)
    fourfold.accelerate(model)
    assert same(results(model), wanted)


def test_an_example_chooses_a_state_and_every_state_computes_the_same_bits(fastest: str) -> None:
    model = network()
    wanted = results(model)
    acceleration = fourfold.accelerate(model, VOLUME)
    assert same(results(model), wanted)
    assert model(VOLUME).is_contiguous()
    assert acceleration.memory_format is (LAST if fastest == "channels last" else torch.contiguous_format)
    assert isinstance(model.up, nn.ConvTranspose3d) is (fastest != "torch")
    assert dict(acceleration.left) == (
        {"up": "torch's own layers are as fast on the example"} if fastest == "torch" else {}
    )
    assert str(acceleration).splitlines()[-1].startswith("  a pass: torch ")


def test_restoring_gives_classes_hooks_and_strides_back(fastest: str) -> None:
    model = network()
    before = [(type(layer), dict(layer._forward_hooks)) for layer in model.modules()]
    strides = [parameter.stride() for parameter in model.parameters()]
    identities = [id(parameter) for parameter in model.parameters()]
    acceleration = fourfold.accelerate(model, (VOLUME,))
    assert [id(parameter) for parameter in model.parameters()] == identities
    for _ in range(2):
        acceleration.restore()
        assert [(type(layer), dict(layer._forward_hooks)) for layer in model.modules()] == before
        assert [parameter.stride() for parameter in model.parameters()] == strides


def test_a_kind_of_layer_with_which_an_example_is_slower_is_left_to_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network()
    found = iter([{"torch": 3.0, "ours": 2.0}, {"ours": 2.0, "ours without ConvTranspose3d": 1.0}])
    monkeypatch.setattr(trial, "seconds", lambda *_: next(found))
    acceleration = fourfold.accelerate(model, VOLUME)
    assert type(model.up) is torch.nn.ConvTranspose3d
    assert type(model.stem) is nn.Conv3d
    assert acceleration.swapped == ()
    assert dict(acceleration.left) == {"up": "torch's own layers are as fast on the example"}
    assert acceleration.seconds == {"torch": 3.0, "ours": 2.0, "ours without ConvTranspose3d": 1.0}


@pytest.mark.usefixtures("channels_last")
def test_inside_the_model_volumes_are_channels_last_from_the_first_convolution() -> None:
    model = torch.nn.Sequential(
        torch.nn.Conv3d(1, 16, 3), torch.nn.InstanceNorm3d(16), torch.nn.ConvTranspose3d(16, 8, 2)
    )
    formats: list[bool] = []
    for layer in model:
        layer.register_forward_hook(lambda _, __, output: formats.append(output.is_contiguous(memory_format=LAST)))
    fourfold.accelerate(model, torch.zeros(1, 1, 24, 24, 24))
    formats.clear()
    assert model(torch.zeros(1, 1, 24, 24, 24)).is_contiguous()
    assert formats == [True, True, True]


@pytest.mark.usefixtures("channels_last")
def test_weights_with_groups_and_dilation_are_not_converted() -> None:  # a fault of torch's gradients
    model: Any = torch.nn.Sequential(torch.nn.Conv3d(4, 4, 3, groups=2, dilation=2), torch.nn.Conv3d(4, 4, 3))
    fourfold.accelerate(model, torch.zeros(1, 4, 8, 8, 8))
    assert [layer.weight.is_contiguous() for layer in model] == [True, False]


@pytest.mark.usefixtures("channels_last")
def test_a_state_dict_and_a_copy_are_the_same() -> None:
    model = network()
    state, wanted = copy.deepcopy(model.state_dict()), results(model)
    fourfold.accelerate(model, VOLUME)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert same(results(copy.deepcopy(model)), wanted)
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    buffer.seek(0)
    network().load_state_dict(torch.load(buffer))


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # dynamo looks at what the hook gets
@pytest.mark.usefixtures("channels_last")
def test_a_compiled_model_is_the_same() -> None:
    model = network()
    wanted = results(model)
    fourfold.accelerate(model, VOLUME)
    torch._dynamo.reset()
    compiled: Any = torch.compile(model, backend="aot_eager", fullgraph=True)
    assert same(results(compiled), wanted)


@pytest.mark.usefixtures("channels_last")
def test_a_weight_under_two_names_stays_one() -> None:
    model: Any = torch.nn.Sequential(torch.nn.Conv3d(2, 2, 3), torch.nn.Conv3d(2, 2, 3))
    model[1].weight = model[0].weight
    acceleration = fourfold.accelerate(model, torch.zeros(1, 2, 8, 8, 8))
    assert model[1].weight is model[0].weight
    acceleration.restore()
    assert model[0].weight.is_contiguous()


@pytest.mark.usefixtures("fastest")
def test_an_example_that_does_not_fit_leaves_torch_s_layers() -> None:
    model = network()
    with pytest.raises(RuntimeError, match="to have 1 channels"):
        fourfold.accelerate(model, torch.zeros(1, 3, 8, 8, 8))
    assert type(model.up) is torch.nn.ConvTranspose3d
    assert all(not layer._forward_hooks for layer in model.modules())


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda model: torch.compile(model, backend="eager"), id="compiled"),
    ],
)
def test_an_example_with_a_wrapped_model_is_refused(wrap: Any) -> None:
    with pytest.raises(ValueError, match=r"Call accelerate\(model, example\) first"):
        fourfold.accelerate(wrap(network()), VOLUME)


def test_hooks_on_layers_around_are_called() -> None:
    model = network()
    seen: list[str] = []
    model.merge.register_forward_hook(lambda *_: seen.append("merge"))
    model.head.register_full_backward_hook(lambda *_: seen.append("head"))
    fourfold.accelerate(model)
    model(VOLUME).sum().backward()
    assert seen == ["merge", "head"]


@pytest.mark.parametrize("layout", [torch.contiguous_format, LAST])
def test_under_autocast_results_are_torch_s(layout: torch.memory_format) -> None:
    model = torch.nn.Sequential(torch.nn.Conv3d(32, 32, 3), torch.nn.InstanceNorm3d(32, affine=True))
    volume = integers((1, 32, 8, 8, 8), 0).to(memory_format=layout)
    with torch.autocast("cpu"):
        wanted = model[0](volume)
        normed = model[1](wanted.contiguous())
        fourfold.accelerate(model)
        assert torch.equal(model[0](volume), wanted)
        assert model[1](wanted).dtype is normed.dtype


@pytest.mark.parametrize("momentum", [0.25, None])
@pytest.mark.parametrize("batch", [1, 2])
def test_a_norm_keeps_the_same_statistics_and_uses_them(batch: int, momentum: Any) -> None:
    norms = [torch.nn.InstanceNorm3d(4, track_running_stats=True, momentum=momentum) for _ in range(2)]
    fourfold.accelerate(norms[0])
    volume = integers((batch, 4, 4, 4, 4), 0)
    assert torch.equal(norms[0](volume), norms[1](volume))
    for name, value in norms[1].state_dict().items():
        assert torch.equal(norms[0].state_dict()[name], value)
    assert torch.equal(norms[0].eval()(volume), norms[1].eval()(volume))


class Halved(torch.nn.InstanceNorm3d):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(input) / 2


@pytest.mark.usefixtures("channels_last")
def test_with_a_norm_of_torch_s_channels_last_is_not_tried() -> None:  # its gradients would be wrong
    model = torch.nn.Sequential(torch.nn.Conv3d(2, 4, 3), Halved(4))
    acceleration = fourfold.accelerate(model, torch.zeros(1, 2, 8, 8, 8))
    assert list(acceleration.seconds) == ["torch", "ours"]


@pytest.mark.parametrize("shape", [(1, 3, 1, 1, 1), (1, 3, 4, 4)], ids=["one-voxel", "four-axes-of-other-channels"])
def test_a_norm_refuses_what_torch_s_refuses(shape: tuple[int, ...]) -> None:
    layer = torch.nn.InstanceNorm3d(3, affine=True)
    with pytest.raises(ValueError) as theirs:  # noqa: PT011
        layer(torch.zeros(shape))
    fourfold.accelerate(layer)
    with pytest.raises(ValueError) as ours:  # noqa: PT011
        layer(torch.zeros(shape))
    assert str(ours.value) == str(theirs.value)


def test_a_network_is_traced() -> None:
    model: Any = torch.nn.Sequential(
        torch.nn.Conv3d(32, 32, 3, bias=False), torch.nn.InstanceNorm3d(32), torch.nn.ReLU()
    )
    with torch.no_grad():
        model[0].weight.copy_(integers((32, 32, 3, 3, 3), 1))
    fourfold.accelerate(model)
    volume = integers((1, 32, 8, 8, 8), 0)
    assert torch.equal(torch.fx.symbolic_trace(model)(volume), model(volume))
