"""The torch front end beside torch itself, of which it is a subclass."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
import re
from typing import Any, cast

import numpy as np
import pytest
import torch
from tests.operands import integers
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.memory_format import convert_conv3d_weight_memory_format
from torch.nn.utils.parametrizations import spectral_norm

from fourfold.frontends.torch import nn

Theirs = torch.nn.ConvTranspose3d
Ours = nn.ConvTranspose3d

LAYERS = [
    pytest.param((4, 6, 3), {}, id="plain"),
    pytest.param((4, 6, (3, 5, 2)), {"stride": (2, 1, 1), "padding": (0, 4, 2)}, id="documented"),
    pytest.param((4, 6, 3, 2, 1, 1), {}, id="positional"),
    pytest.param((4, 6, 3, 2, 1, 1, 2, False, 2), {}, id="all-positional"),
    pytest.param((4, 6, 2), {"groups": 2, "dilation": 3, "output_padding": 2, "bias": False}, id="groups-dilation"),
    pytest.param((4, 4, 4), {"stride": 2, "padding": 1, "groups": 4, "dtype": torch.float64}, id="depthwise-double"),
]


def pair(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[torch.nn.ConvTranspose3d, torch.nn.ConvTranspose3d]:
    """Return our layer and theirs, made under the same seed."""
    made = []
    for kind in (Ours, Theirs):
        torch.manual_seed(7)
        made.append(kind(*args, **kwargs))
    return made[0], made[1]


def test_signatures_are_torch_s() -> None:
    ours, theirs = (list(inspect.signature(kind.__init__).parameters.values())[1:] for kind in (Ours, Theirs))
    assert [(p.name, p.default, p.kind) for p in ours] == [(p.name, p.default, p.kind) for p in theirs]
    forward, documented = (list(inspect.signature(kind.forward).parameters) for kind in (Ours, Theirs))
    assert forward == documented


def test_the_lazy_signature_is_torch_s() -> None:
    ours, theirs = (inspect.signature(k) for k in (nn.LazyConvTranspose3d, torch.nn.LazyConvTranspose3d))
    assert list(ours.parameters) == list(theirs.parameters)


def test_the_functional_signature_is_the_documented_one() -> None:
    # torch's function is a builtin; its documentation gives the order
    signature = re.search(r"conv_transpose3d\((.*)\) ->", torch.nn.functional.conv_transpose3d.__doc__ or "")
    assert signature is not None
    ours = inspect.signature(nn.functional.conv_transpose3d).parameters.values()
    assert ", ".join(
        p.name if p.default is inspect.Parameter.empty else f"{p.name}={p.default}" for p in ours
    ) == signature.group(1)


@pytest.mark.parametrize(("args", "kwargs"), LAYERS)
def test_parameters_are_torch_s_bit_for_bit_under_a_seed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    ours, theirs = pair(args, kwargs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert [p.tolist() for p in ours.parameters()] == [p.tolist() for p in theirs.parameters()]
    assert [p.dtype for p in ours.parameters()] == [p.dtype for p in theirs.parameters()]


@pytest.mark.parametrize(("args", "kwargs"), LAYERS)
def test_attributes_and_repr_are_torch_s(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    ours, theirs = pair(args, kwargs)
    assert repr(ours) == repr(theirs)
    private = {"_parameters", "_backward_hooks", "_forward_hooks"}
    assert {k: v for k, v in vars(ours).items() if k not in private} == {
        k: v for k, v in vars(theirs).items() if k not in private
    }


@pytest.mark.parametrize(("args", "kwargs"), LAYERS)
def test_output_and_gradients_of_integers_are_torch_s_bit_for_bit(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    layers = pair(args, kwargs)
    results = []
    for layer in layers:
        with torch.no_grad():  # sums of small integers are exact in any order
            for parameter in layer.parameters():
                parameter.copy_((parameter * 8).round())
        input = integers((2, 4, 4, 5, 6), seed=1, dtype=layer.weight.dtype).requires_grad_()
        output = layer(input)
        gradients = torch.autograd.grad(output.square().sum(), [input, *layer.parameters()])
        results.append([output.tolist(), *(gradient.tolist() for gradient in gradients)])
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "size", [(9, 11, 13), (10, 12, 14), [10, 11, 14], torch.Size([9, 12, 13]), (2, 6, 10, 11, 13)], ids=str
)
def test_output_size_in_forward(size: Any) -> None:
    ours, theirs = pair((4, 6, 3, 2, 1), {})
    input = integers((2, 4, 5, 6, 7), seed=0)
    assert torch.equal(ours(input, output_size=size), theirs(input, output_size=size))


@pytest.mark.parametrize(
    ("size", "phrase"),
    [
        pytest.param((11, 11, 13), "requested an output size of", id="above"),
        pytest.param((9, 11, 12), "but valid sizes range from", id="below"),
        pytest.param((9, 11), "output_size must have 3 or 5 elements", id="too-few"),
    ],
)
def test_output_size_out_of_range_is_torch_s_error(size: tuple[int, ...], phrase: str) -> None:
    for layer in pair((4, 6, 3, 2, 1), {}):
        with pytest.raises(ValueError, match=phrase):
            layer(torch.zeros(2, 4, 5, 6, 7), output_size=size)


@pytest.mark.parametrize("size", [12, 12.0, np.int64(12), torch.tensor(12)], ids=["int", "float", "numpy", "tensor"])
def test_one_number_as_output_size_is_refused_with_three(size: Any) -> None:
    with pytest.raises(TypeError, match=r"output_size=.*12.* it must be 3 or 5 integers\. Give .*for example \(.*12"):
        Ours(4, 6, 3)(torch.zeros(2, 4, 5, 6, 7), output_size=size)


def test_an_output_size_for_what_is_no_tensor_names_the_input() -> None:
    with pytest.raises(TypeError, match=r"argument 'input' .* must be Tensor, but got int"):
        Ours(4, 6, 3)(3, output_size=(5, 6, 7))


def test_a_tuple_of_one_stands_for_all_axes_as_in_torch() -> None:
    options = {"stride": (2,), "padding": [1], "output_padding": (1,), "dilation": (1,)}
    ours, theirs = pair((4, 6, 3), options)
    input = integers((2, 4, 5, 6, 7), seed=0)
    assert torch.equal(ours(input), theirs(input))
    _, of_ints = pair((4, 6, 3), {"stride": 2, "padding": 1})  # torch's layer wants three for an output size
    assert torch.equal(ours(input, output_size=(9, 12, 13)), of_ints(input, output_size=(9, 12, 13)))


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        pytest.param({"padding_mode": "reflect"}, ValueError, 'Only "zeros" padding mode is supported', id="mode"),
        pytest.param({"groups": 3}, ValueError, "in_channels must be divisible by groups", id="groups"),
        pytest.param({"groups": 0}, ValueError, "groups must be a positive integer", id="groups-0"),
        pytest.param({"kernel_size": (3, 3)}, ValueError, "kernel_size=.* has 2 elements", id="kernel-2-tuple"),
        pytest.param({"kernel_size": 3.0}, TypeError, "kernel_size=3.0 is a float", id="kernel-float"),
        pytest.param({"stride": 0}, ValueError, "stride=.* is 0 along depth", id="stride-0"),
        pytest.param({"stride": True}, TypeError, "stride=True is a bool", id="stride-bool"),
        pytest.param({"padding": -1}, ValueError, "padding=.* is -1 along depth", id="padding-negative"),
        pytest.param({"padding": "same"}, TypeError, "padding='same' is a str", id="padding-string"),
        pytest.param({"dilation": 0}, ValueError, "dilation=.* is 0 along depth", id="dilation-0"),
    ],
)
def test_bad_arguments_are_named_at_construction(kwargs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Ours(**{"in_channels": 4, "out_channels": 6, "kernel_size": 3, **kwargs})


def test_numpy_integers_are_integers() -> None:
    assert Ours(np.int64(4), np.int32(6), np.int64(3), stride=np.array([2, 2, 2])).stride == (2, 2, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("input", "phrase"),
    [
        pytest.param(torch.zeros(1, 5, 3, 3, 3), "5 channels", id="channels"),
        pytest.param(torch.zeros(3, 3, 3), "3 dimensions", id="dimensions"),
        pytest.param(torch.zeros(1, 4, 3, 3, 3, dtype=torch.float64), "must be the same", id="dtype"),
    ],
)
def test_bad_inputs_are_runtime_errors_as_in_torch(input: torch.Tensor, phrase: str) -> None:
    with pytest.raises(RuntimeError, match=phrase):
        Ours(4, 6, 3)(input)
    with pytest.raises(RuntimeError):
        Theirs(4, 6, 3)(input)


def test_edited_attributes_and_weights_are_followed() -> None:
    layer = Ours(4, 6, 3)
    layer.stride = (2, 2, 2)
    layer.weight = torch.nn.Parameter(integers((4, 3, 2, 2, 2), seed=3))  # as pruning does
    layer.bias = None
    input = integers((1, 4, 3, 3, 3), seed=4)
    assert torch.equal(layer(input), torch.nn.functional.conv_transpose3d(input, layer.weight, stride=2))


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda layer: pickle.loads(pickle.dumps(layer)), id="pickle"),
    ],
)
def test_copies_compute_the_same(duplicate: Any) -> None:
    layer = Ours(4, 6, 3, 2, 1)
    copied = duplicate(layer)
    input = torch.randn(1, 4, 3, 3, 3)
    assert type(copied) is Ours
    assert torch.equal(copied(input), layer(input))
    assert copied.weight is not layer.weight


def test_checkpoints_go_both_ways_and_load_with_weights_only() -> None:
    ours, theirs = Ours(4, 6, 3), Theirs(4, 6, 3)
    buffer = io.BytesIO()
    torch.save(ours.state_dict(), buffer)
    buffer.seek(0)
    theirs.load_state_dict(torch.load(buffer, weights_only=True))
    assert torch.equal(theirs.weight, ours.weight)
    ours.load_state_dict(theirs.state_dict())


def test_moves_between_dtypes_and_devices() -> None:
    layer = Ours(2, 2, 2).to(torch.bfloat16)
    assert layer(torch.zeros(1, 2, 2, 2, 2, dtype=torch.bfloat16)).dtype == torch.bfloat16
    assert layer.to("meta")(torch.zeros(1, 2, 2, 2, 2, dtype=torch.bfloat16, device="meta")).device.type == "meta"


def test_spectral_norm_knows_it_is_transposed() -> None:
    # it normalises along the output channels, axis 1, for layers that are instances of ConvTranspose3d
    torch.manual_seed(0)
    ours = spectral_norm(Ours(4, 6, 3))
    torch.manual_seed(0)
    theirs = spectral_norm(Theirs(4, 6, 3))
    assert torch.equal(cast("torch.Tensor", ours.weight), cast("torch.Tensor", theirs.weight))


def test_batch_norm_fuses_into_it() -> None:
    layer, norm = Ours(4, 6, 3).eval(), torch.nn.BatchNorm3d(6).eval()
    norm.load_state_dict({**norm.state_dict(), "running_mean": torch.arange(6.0), "running_var": torch.full((6,), 4.0)})
    fused = fuse_conv_bn_eval(layer, norm, transpose=True)
    theirs = Theirs(4, 6, 3).eval()
    theirs.load_state_dict(layer.state_dict())
    assert type(fused) is Ours
    assert torch.equal(fused.weight, fuse_conv_bn_eval(theirs, norm, transpose=True).weight)


def test_memory_format_conversion_finds_it() -> None:
    layer = Ours(4, 6, 3)
    convert_conv3d_weight_memory_format(torch.nn.Sequential(layer), torch.channels_last_3d)
    assert layer.weight.is_contiguous(memory_format=torch.channels_last_3d)


def test_symbolic_tracing_keeps_one_call() -> None:
    model = torch.nn.Sequential(Ours(4, 6, 3, 2, 1), torch.nn.ReLU())
    traced = torch.fx.symbolic_trace(model)
    targets = [node.target for node in traced.graph.nodes if node.op.startswith("call")]
    assert targets == [nn.functional.conv_transpose3d, "1"]
    input = torch.randn(1, 4, 3, 3, 3)
    assert torch.equal(traced(input), model(input))


def test_tracers_with_an_isinstance_rule_take_it_as_a_leaf() -> None:
    class Tracer(torch.fx.Tracer):
        def is_leaf_module(self, m: torch.nn.Module, module_qualified_name: str) -> bool:
            return isinstance(m, torch.nn.ConvTranspose3d)

    graph = Tracer().trace(torch.nn.Sequential(Ours(4, 6, 3)))
    assert [node.target for node in graph.nodes if node.op == "call_module"] == ["0"]


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}], ids=str)
def test_compile_without_graph_breaks(options: dict[str, Any]) -> None:
    layer = Ours(4, 6, 3, **options)
    input = integers((1, 4, 3, 3, 3), seed=0)
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="aot_eager")(input), layer(input))


def test_compile_with_output_size() -> None:
    layer = Ours(4, 6, 3, 2, 1)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    assert compiled(torch.zeros(1, 4, 3, 3, 3), output_size=(6, 5, 6)).shape == (1, 6, 6, 5, 6)


def test_inductor_compiles_it() -> None:
    layer = Ours(2, 3, 3, 2, 1)
    input = integers((1, 2, 3, 3, 3), seed=0)
    torch.testing.assert_close(torch.compile(layer, fullgraph=True)(input), layer(input))


def test_export_gives_a_program_of_torch_s_operators() -> None:
    layer = Ours(4, 6, 3, 2, 1)
    input = torch.randn(2, 4, 3, 3, 3)
    program = torch.export.export(layer, (input,))
    assert torch.equal(program.module()(input), layer(input))


def test_an_optimizer_trains_it() -> None:
    torch.manual_seed(0)
    layer = Ours(2, 1, 2, 2)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    input, target = torch.randn(4, 2, 3, 3, 3), torch.zeros(4, 1, 6, 6, 6)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(layer(input), target)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
def test_the_lazy_layer_becomes_the_layer() -> None:
    torch.manual_seed(3)
    lazy = nn.LazyConvTranspose3d(6, 3, stride=2)
    assert isinstance(lazy, Ours)
    lazy(torch.zeros(1, 4, 3, 3, 3))
    assert type(lazy) is Ours
    assert lazy.weight.shape == (4, 6, 3, 3, 3)


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
def test_the_lazy_layer_loads_a_checkpoint_before_its_first_input() -> None:
    source, lazy = Ours(4, 6, 3), nn.LazyConvTranspose3d(6, 3)
    lazy.load_state_dict(source.state_dict())
    input = torch.randn(1, 4, 3, 3, 3)
    assert torch.equal(lazy(input), source(input))
