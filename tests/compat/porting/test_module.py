from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F
from tests.compat.porting.allocations import Allocations
from tests.compat.porting.refused import assert_refused, refusals
from tests.compat.porting.samples import set_integers
from torch import nn

import fourfold
from fourfold.compat.porting import TARGETS, PortingError, plan_module
from fourfold.frontends.megengine import module as megengine
from fourfold.frontends.oneflow import nn as oneflow
from fourfold.frontends.paddle import nn as paddle
from fourfold.frontends.paddle import unique_name
from fourfold.frontends.paddle.fluid import dygraph as fluid
from fourfold.frontends.paddle.fluid_1_8 import dygraph as fluid_1_8
from fourfold.frontends.torch import nn as torch_front

if TYPE_CHECKING:
    from fourfold.compat.literals import Target

CLASSES: dict[str, type[nn.Module]] = {
    "torch": torch_front.ConvTranspose3d,
    "torch.nn": nn.ConvTranspose3d,
    "paddle": paddle.Conv3DTranspose,
    "fluid": fluid.Conv3DTranspose,
    "fluid_1_8": fluid_1_8.Conv3DTranspose,
    "megengine": megengine.ConvTranspose3d,
    "oneflow": oneflow.ConvTranspose3d,
}
PAIRS = [pytest.param(a, b, id=f"{a}-to-{b}") for a in TARGETS for b in TARGETS]


def layer_in(api: str, *, stride: Any = 2, padding: Any = 1, dilation: Any = 1, groups: int = 2) -> Any:
    """A layer of 4 to 6 channels with a kernel of (3, 2, 3)."""
    kernel = (3, 2, 3)
    sizes = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    extra = {"bias_attr": True} if api == "fluid_1_8" else {}
    return CLASSES[api](4, 6, kernel, **sizes, **extra)


def volume(*shape: int) -> torch.Tensor:
    return torch.randint(-4, 5, shape, generator=torch.Generator().manual_seed(1)).float()


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_ordered_pair_gives_bitwise_the_same_output(source: str, target: Target) -> None:
    layer = layer_in(source)
    set_integers(layer)
    ported = fourfold.port_module(layer, target=target)
    x = volume(2, 4, 3, 4, 5)
    assert type(ported) is CLASSES[target]
    assert torch.equal(ported(x), layer(x))
    weight, bias = layer.weight.detach().as_subclass(torch.Tensor), layer.bias.detach().as_subclass(torch.Tensor)
    weight = weight.reshape(4, 3, 3, 2, 3)
    assert torch.equal(ported(x), F.conv_transpose3d(x, weight, bias.flatten(), 2, 1, 0, 2))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_there_and_back_is_the_same_state(source: Target, target: Target) -> None:
    layer = layer_in(source, dilation=(1, 2, 1), groups=1)
    back = fourfold.port_module(fourfold.port_module(layer, target=target), target=source)
    there, here = dict(nn.Module.named_parameters(layer)), dict(nn.Module.named_parameters(back))
    assert list(there) == list(here)
    assert [there[name].numpy(force=True).tobytes() for name in there] == [
        here[name].numpy(force=True).tobytes() for name in here
    ]
    x = volume(1, 4, 2, 3, 2)
    assert torch.equal(back(x), layer(x))


@pytest.mark.parametrize("target", ["torch", "torch.nn", "paddle", "megengine", "oneflow"])
@pytest.mark.parametrize("source", ["torch", "torch.nn", "paddle", "megengine", "oneflow"])
def test_output_padding_and_no_bias(source: str, target: Target) -> None:
    no_bias: dict[str, Any] = {"bias_attr": False} if source == "paddle" else {"bias": False}
    layer = CLASSES[source](2, 2, 3, stride=(2, 3, 1), padding=(0, 1, 1), output_padding=(1, 2, 0), **no_bias)
    set_integers(layer)
    ported: Any = fourfold.port_module(layer, target=target)
    x = volume(1, 2, 3, 2, 2)
    assert ported.bias is None
    assert torch.equal(ported(x), layer(x))


# What paddle says with 'VALID', pairs and 'SAME', where pads do not depend on the input.
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("padding", "stride"),
    [
        pytest.param("VALID", 2, id="valid"),
        pytest.param([[0, 0], [0, 0], [1, 1], [0, 0], [2, 2]], 2, id="pairs"),
        pytest.param([1, 1, 0, 0, 1, 1], 2, id="six"),
        pytest.param("SAME", 1, id="same"),
    ],
)
def test_padding_forms_that_are_symmetric_go_everywhere(padding: Any, stride: int, target: Target) -> None:
    layer = paddle.Conv3DTranspose(2, 2, 3, stride=stride, padding=padding, dilation=2)
    set_integers(layer)
    ported = fourfold.port_module(layer, target=target)
    x = volume(1, 2, 3, 3, 4)
    assert torch.equal(ported(x), layer(x))


@pytest.mark.parametrize("target", ["torch", "megengine", "oneflow"])
def test_a_larger_low_pad_is_said_as_output_padding(target: Target) -> None:
    layer = paddle.Conv3DTranspose(2, 2, 3, stride=2, padding=[1, 0, 0, 0, 1, 1])
    set_integers(layer)
    ported: Any = fourfold.port_module(layer, target=target)
    x = volume(1, 2, 3, 3, 4)
    assert (tuple(ported.padding), tuple(ported.output_padding)) == ((1, 0, 1), (1, 0, 0))
    assert torch.equal(ported(x), layer(x))


def test_oneflow_crops_as_paddle_pads() -> None:
    layer = oneflow.ConvTranspose3d(2, 2, 3, padding=0, output_padding=(-1, 0, -2))
    set_integers(layer)
    ported: Any = fourfold.port_module(layer, target="paddle")
    x = volume(1, 2, 3, 3, 4)
    assert ported._padding == [0, 1, 0, 0, 0, 2]
    assert torch.equal(ported(x), layer(x))


def test_fluid_keeps_its_activation_between_its_classes() -> None:
    layer = fluid.Conv3DTranspose(2, 2, 3, act="leaky_relu", use_cudnn=False)
    ported: Any = fourfold.port_module(layer, target="fluid_1_8")
    x = volume(1, 2, 3, 3, 4)
    assert (ported._act, ported._use_cudnn) == ("leaky_relu", False)
    assert torch.equal(ported(x), layer(x))


def test_a_bias_that_fluid_1_8_never_adds_is_left_out() -> None:
    layer = fluid_1_8.Conv3DTranspose(2, 2, 3)
    layer.bias.set_value(torch.ones(2).numpy())
    ported: Any = fourfold.port_module(layer, target="torch")
    x = volume(1, 2, 3, 3, 4)
    assert ported.bias is None
    assert torch.equal(ported(x), layer(x))
    assert plan_module(layer, target="torch").layers[0].note == "bias left out: nothing reads it"


def paddle_layer(**arguments: Any) -> nn.Module:
    return paddle.Conv3DTranspose(2, 2, 3, **arguments)


def fluid_layer(**arguments: Any) -> nn.Module:
    return fluid.Conv3DTranspose(2, 2, 3, **arguments)


INEXPRESSIBLE = [
    (
        paddle_layer(stride=2, padding="SAME"),
        "megengine",
        r"'SAME' .* size of each input.* \[0, 1, 0, 1, 0, 1\]",
    ),
    (paddle_layer(padding=[0, 1, 0, 0, 0, 0]), "torch", r"cutting 0 and 1, 0 and 0, 0 and 0 .* legal output paddings"),
    (paddle_layer(padding=[1, 0, 0, 0, 0, 0]), "megengine", r"padding=\(1, 0, 0\) with output_padding=\(1, 0, 0\)"),
    (paddle_layer(padding=[1, 0, 0, 0, 0, 0], stride=2), "fluid", "legal output paddings are 0, 0, 0"),
    (paddle_layer(data_format="NDHWC"), "oneflow", "data_format='NDHWC' cannot be said there; permute"),
    (paddle_layer(dilation=2, output_padding=1), "megengine", r"output_padding=\(1, 1, 1\).* paddings are 0, 0, 0"),
    (nn.ConvTranspose3d(2, 2, 3, 2, output_padding=1), "fluid_1_8", r"need padding=\(0, 0, 0\) with output_padding"),
    (fluid_layer(output_size=9, stride=2), "torch", r"output_size=\[9, 9, 9\] cannot be said there"),
    (fluid_layer(output_size=9, stride=2), "fluid_1_8", r"output_size=\[9, 9, 9\] cannot be said there"),
    (fluid_layer(act="relu"), "paddle", "act='relu' cannot be said there; apply the activation in your forward"),
    (fluid_layer(use_cudnn=False), "torch.nn", "use_cudnn=False cannot be said there"),
    (fluid_layer(padding=-1), "torch", r"padding=\(-1, -1, -1\) is negative, which adds zeros"),
    (fluid_layer(padding=-1), "paddle", r"padding=\[-1, -1, -1\]: .* is negative, which adds zeros"),
    (fluid_layer(padding=-1), "megengine", r"padding=\(-1, -1, -1\) is negative, which adds zeros"),
    (oneflow.ConvTranspose3d(2, 2, 3, output_padding=7), "torch", r"output_padding=\(7, 7, 7\); there, pads are equal"),
    (nn.utils.parametrizations.weight_norm(nn.ConvTranspose3d(2, 2, 1)), "paddle", "Remove its parametrizations first"),
    (type("Mine", (nn.ConvTranspose3d,), {})(2, 2, 1), "paddle", "subclass of ConvTranspose3d, whose own"),
    (fluid.Conv3DTranspose("scope", 2, filter_size=1), "torch", "it has no parameters yet. Call it once"),
]


@refusals(INEXPRESSIBLE)
def test_what_the_target_cannot_say_is_refused_by_name(layer: nn.Module, target: Target, message: str) -> None:
    assert_refused(layer, target, message)


def test_all_layers_that_cannot_be_ported_are_named_at_once() -> None:
    model = nn.Sequential(paddle_layer(padding="SAME", stride=2), paddle_layer(), paddle_layer(data_format="NDHWC"))
    with pytest.raises(PortingError, match=r"^0 \(.*; 2 \("):
        fourfold.port_module(model, target="torch")


class UNet(nn.Module):
    """Layers of torch's around transposed convolutions: one shared, two with one weight, one frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv3d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm3d(4, momentum=0.3, eps=1e-4)
        self.up = nn.ConvTranspose3d(4, 4, 2, stride=2, groups=2)
        self.again = self.up
        self.tied = nn.ConvTranspose3d(4, 4, 2, stride=2, groups=2, bias=False)
        self.tied.weight = self.up.weight
        self.head = nn.ModuleDict({"out": nn.ConvTranspose3d(4, 2, 1)})
        self.head["out"].requires_grad_(False)
        self.order = [self.up, self.tied]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.again(self.up(torch.relu(self.norm(self.stem(x)))))
        for layer in self.order:
            x = layer(x[..., :2, :2, :2])
        found: torch.Tensor = self.head["out"](x)
        return found


@pytest.mark.parametrize("target", TARGETS)
def test_a_tree_is_rebuilt_with_all_that_is_shared(target: Target) -> None:
    model = UNet().eval()
    model.head.train()
    for one in (model.stem, model.up, model.tied, model.head["out"]):
        set_integers(one)
    before = copy.deepcopy(model.state_dict())
    ported: Any = fourfold.port_module(model, target=target)
    x = volume(1, 1, 2, 2, 2)
    # the norm's divisor is no integer: both run the same torch layers before, and add integers times equal values
    assert torch.allclose(ported(x), model(x), rtol=1e-5, atol=1e-5)
    assert type(ported) is UNet
    assert [type(one) for one in (ported.up, ported.tied, ported.head["out"])] == [CLASSES[target]] * 3
    assert ported.up is ported.again is ported.order[0]
    assert ported.tied is ported.order[1]
    assert ported.tied.weight is ported.up.weight
    assert (ported.training, ported.up.training, ported.head["out"].training) == (False, False, True)
    assert [p.requires_grad for p in ported.head.parameters()] == [False, False]
    assert all(p.requires_grad for p in ported.up.parameters())
    assert all(torch.equal(before[name], one) for name, one in model.state_dict().items())


def test_the_copy_shares_no_memory_with_the_module() -> None:
    model = UNet()
    pointers = {p.data_ptr() for p in model.parameters()}
    ported = fourfold.port_module(model, target="paddle")
    assert pointers.isdisjoint(p.data_ptr() for p in ported.parameters())


@pytest.mark.parametrize("target", TARGETS)
def test_a_ported_model_trains(target: Target) -> None:
    ported: Any = fourfold.port_module(UNet(), target=target)
    optimizer = torch.optim.SGD(ported.parameters(), lr=0.1)
    ported(volume(2, 1, 2, 2, 2)).square().mean().backward()
    before = torch.clone(ported.up.weight.detach())
    optimizer.step()
    assert not torch.equal(before, ported.up.weight)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_dtypes_are_kept(dtype: torch.dtype) -> None:
    layer = nn.ConvTranspose3d(2, 2, 2, dtype=dtype)
    ported: Any = fourfold.port_module(layer, target="megengine")
    assert (ported.weight.dtype, ported.bias.dtype) == (dtype, dtype)
    assert torch.equal(ported.weight.as_subclass(torch.Tensor), layer.weight)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_porting_takes_the_memory_of_the_new_tensors(source: str, target: Target) -> None:
    layer = layer_in(source)
    with Allocations() as taken:
        ported = fourfold.port_module(layer, target=target)
    assert taken.bytes == sum(one.as_subclass(torch.Tensor).nbytes for one in nn.Module.parameters(ported))


def test_tensors_that_cannot_stay_shared_are_refused_before_any_is_copied() -> None:
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5))
    model[1].weight = model[0].weight
    with Allocations() as taken, pytest.raises(PortingError, match="are one parameter"):
        fourfold.port_module(model, target="paddle")
    assert taken.bytes == 0


def test_a_front_ends_parameter_keeps_what_the_framework_hangs_on_it() -> None:
    ported: Any = fourfold.port_module(nn.ConvTranspose3d(2, 2, 1), target="paddle")
    assert ported.weight.name.endswith(".w_0")
    assert ported.weight.optimize_attr == {"learning_rate": 1.0}


def test_a_weight_shared_with_another_layer_keeps_being_one() -> None:
    model = nn.Sequential(nn.Conv3d(2, 2, 1), nn.ConvTranspose3d(2, 2, 1))
    model[1].weight = model[0].weight
    ported: Any = fourfold.port_module(model, target="oneflow")
    assert ported[0].weight is ported[1].weight


def test_a_weight_that_would_need_two_shapes_is_refused() -> None:
    model = nn.Sequential(nn.Conv3d(2, 4, 1, groups=2), nn.ConvTranspose3d(4, 2, 1, groups=2))
    model[1].weight = model[0].weight
    ported: Any = fourfold.port_module(model, target="megengine")
    assert ported[0].weight is ported[1].weight
    with pytest.raises(PortingError, match=r"'0\.weight' and '1\.weight' are one parameter, .* Untie them"):
        fourfold.port_module(model, target="megengine", keep=["0"])


@pytest.mark.parametrize(("words", "turned"), [(5, ""), (3, r" \(one of them transposed\)")])
def test_a_table_that_is_also_a_linear_weight_cannot_be_so_in_paddle(words: int, turned: str) -> None:
    model = nn.Sequential(nn.Embedding(words, 3), nn.Linear(3, words))
    model[1].weight = model[0].weight
    tied: Any = fourfold.port_module(model, target="megengine")
    assert tied[0].weight is tied[1].weight
    with pytest.raises(PortingError, match=rf"'1\.weight' and '0\.weight' are one .* shapes \(3, .*\){turned} in the"):
        fourfold.port_module(model, target="paddle")


def test_hooks_are_not_copied_and_it_says_so() -> None:
    model = UNet()
    calls: list[str] = []
    model.up.register_forward_hook(lambda *_: calls.append("up"))
    model.stem.register_forward_pre_hook(lambda *_: calls.append("stem"))
    with pytest.warns(UserWarning, match=r"copies no hooks; register them anew: stem, up"):
        ported = fourfold.port_module(model, target="torch")
    ported(volume(1, 1, 2, 2, 2))
    assert calls == []


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
def test_torchs_own_hooks_on_layers_that_stay_go_along() -> None:
    model = nn.Sequential(nn.utils.weight_norm(nn.Conv3d(1, 2, 1)), nn.ConvTranspose3d(2, 1, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ported: Any = fourfold.port_module(model, target="paddle", keep=["0"])
    with torch.no_grad():
        ported[0].weight_g.fill_(0)
    bias = ported[0].bias
    assert torch.equal(ported[0](volume(1, 1, 1, 1, 1)).flatten(), bias)


def test_layers_can_be_kept() -> None:
    class Mine(nn.ConvTranspose3d):
        pass

    model = nn.Sequential(Mine(2, 2, 1), nn.ConvTranspose3d(2, 2, 1))
    ported: Any = fourfold.port_module(model, target="megengine", keep=["0"])
    assert [type(one) for one in ported] == [Mine, megengine.ConvTranspose3d]
    with pytest.raises(PortingError, match=r"keep=\['up'\] fits no layer"):
        fourfold.port_module(model[1], target="megengine", keep=["up"])


def test_what_is_kept_is_a_list() -> None:
    with pytest.raises(PortingError, match=r"keep='\*' is one string; give a list of patterns, such as \['\*'\]"):
        fourfold.port_module(nn.Linear(1, 1), target="paddle", keep="*")


def test_a_plan_leaves_paddles_numbers_of_layers_where_they_are() -> None:
    with unique_name.guard():
        plan_module(nn.Linear(1, 1), target="paddle")
        assert paddle.Linear(1, 1).full_name() == "linear_0"


def test_the_plan_prints_as_a_table() -> None:
    model = nn.Sequential(nn.BatchNorm3d(2), nn.ReLU(), nn.ConvTranspose3d(2, 2, 1))
    header, norm, act, up = str(plan_module(model, target="fluid")).splitlines()
    assert header.split() == ["layer", "class", "becomes", "note"]
    assert norm.split(maxsplit=4)[:4] == ["0", "BatchNorm3d", "fluid", "BatchNorm"]
    assert act.split(maxsplit=3) == ["1", "ReLU", "stays", "fluid has no counterpart"]
    assert up.split() == ["2", "ConvTranspose3d", "fluid", "Conv3DTranspose"]


@pytest.mark.parametrize(
    ("module", "target", "error", "message"),
    [
        pytest.param(nn.ReLU(), "keras", PortingError, "'keras' is not an API with .*; there are torch", id="target"),
        pytest.param(
            torch.optim.SGD([torch.zeros(1, requires_grad=True)]),
            "torch",
            TypeError,
            "module is a SGD; it must be .* Porting optimizers is out of scope",
            id="optimizer",
        ),
        pytest.param({}, "torch", TypeError, "module is a dict; it must be a torch", id="dict"),
    ],
)
def test_what_is_no_module_or_target_is_refused(
    module: Any, target: Target, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        fourfold.port_module(module, target=target)


@pytest.mark.parametrize(
    "layer",
    [nn.LazyConvTranspose3d(2, 1), nn.LazyConv2d(2, 1), nn.LazyBatchNorm3d(affine=False)],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.parametrize("keep", [[], ["0"]], ids=["exchanged", "kept"])
def test_a_lazy_layer_must_have_been_called(layer: nn.Module, keep: list[str]) -> None:
    with pytest.raises(PortingError, match=rf"^0 \({type(layer).__name__}\) has no parameters yet\. Call it once"):
        fourfold.port_module(nn.Sequential(layer), target="paddle", keep=keep)


def test_a_lazy_layer_ports_after_its_first_call() -> None:
    layer = torch_front.LazyConvTranspose3d(2, 1)
    layer(volume(1, 3, 2, 2, 2))
    ported: Any = fourfold.port_module(layer, target="paddle")
    assert tuple(ported.weight.shape) == (3, 2, 1, 1, 1)
