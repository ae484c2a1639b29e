"""torch's quantisation and fusion take layers by their class: ours is fused too, and says where it is skipped."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.operands import integers
from torch.ao.quantization import quantize_fx
from torch.nn.utils.fusion import fuse_conv_bn_eval

import fourfold
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

# of torch's own: its quantisation moves to another package
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore:Please use", "ignore:torch.quantize_per_tensor"
)
quantization: Any = torch.ao.quantization  # untyped
INPUT = integers((1, 8, 3, 4, 5), 3)


def decoder(layer: Callable[..., torch.nn.Module] = torch.nn.ConvTranspose3d) -> torch.nn.Sequential:
    up, normalise = layer(8, 8, 2, stride=2), torch.nn.BatchNorm3d(8)
    model = torch.nn.Sequential(up, normalise, torch.nn.Conv3d(8, 4, 1)).eval()
    with torch.no_grad():
        for seed, parameter in enumerate(model.parameters()):
            parameter.copy_(integers(tuple(parameter.shape), seed))
    normalise.running_var.fill_(1 - normalise.eps)  # type: ignore[union-attr]  # a fused weight is exact
    return model


def accelerated() -> torch.nn.Sequential:
    model = decoder()
    fourfold.accelerate(model)
    return model


def built() -> torch.nn.Sequential:
    return decoder(nn.ConvTranspose3d)


OURS = pytest.mark.parametrize("make", [accelerated, built])


def configuration(engine: str = "qnnpack") -> Any:
    return quantization.get_default_qconfig(engine)


@OURS
def test_fuse_modules_fuses_the_batch_norm_and_the_layer_stays_ours(make: Any) -> None:
    model = make()
    fused = quantization.fuse_modules(model, [["0", "1"]])
    assert [type(module) for module in fused] == [nn.ConvTranspose3d, torch.nn.Identity, type(model[2])]
    assert torch.equal(fused(INPUT), model(INPUT))


@OURS
def test_fuse_conv_bn_eval_gives_our_layer(make: Any) -> None:
    up, normalise, _ = make()
    fused = fuse_conv_bn_eval(up, normalise, transpose=True)
    assert type(fused) is nn.ConvTranspose3d
    assert torch.equal(fused(INPUT), normalise(up(INPUT)))


@OURS
def test_preparing_says_that_the_layer_will_not_be_quantised(make: Any) -> None:
    model = make()
    model.qconfig = configuration()
    with pytest.warns(UserWarning, match=r"quantisation knows torch\.nn\.Conv(Transpose)?3d alone.*restore\(\)"):
        quantization.prepare(model, inplace=True)


@OURS
@pytest.mark.parametrize("prepare", [quantize_fx.prepare_fx, quantize_fx.prepare_qat_fx])
def test_preparing_a_graph_says_so_too(make: Any, prepare: Any) -> None:
    model, mapping = make().train(), quantization.get_default_qconfig_mapping("qnnpack")
    with pytest.warns(UserWarning, match=r"quantisation knows torch\.nn\.ConvTranspose3d alone.*restore\(\)"):
        prepare(model.eval() if prepare is quantize_fx.prepare_fx else model, mapping, (INPUT,))


def test_a_layer_that_is_left_out_of_quantisation_says_nothing() -> None:
    model = built()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model[0].qconfig = None  # type: ignore[assignment]
        copy.deepcopy(model)


def test_tracing_for_another_end_says_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.fx.symbolic_trace(accelerated())


def test_a_restored_model_is_quantised() -> None:
    model = decoder()
    fourfold.accelerate(model).restore()
    mapping = quantization.get_default_qconfig_mapping("qnnpack")
    prepared = quantize_fx.prepare_fx(model, mapping, (INPUT,))
    prepared(INPUT)
    quantised = dict(quantize_fx.convert_fx(prepared).named_modules())["0"]
    assert type(quantised) is torch.ao.nn.quantized.ConvTranspose3d


def prepared_module() -> torch.nn.Module:
    model = decoder()
    model.qconfig = configuration()
    prepared: torch.nn.Module = quantization.prepare(model)
    return prepared


def prepared_graph() -> torch.nn.Module:
    mapping = quantization.get_default_qconfig_mapping("qnnpack")
    prepared: torch.nn.Module = quantize_fx.prepare_fx(decoder(), mapping, (INPUT,))
    return prepared


@pytest.mark.parametrize("prepare", [prepared_module, prepared_graph])
def test_accelerate_leaves_a_layer_alone_that_is_being_quantised(prepare: Any) -> None:
    acceleration = fourfold.accelerate(prepare())
    assert acceleration.left == {"0": "it is being quantised"}
    assert acceleration.swapped == ()


def test_between_quantised_layers_the_error_says_what_to_do() -> None:
    quantised = torch.quantize_per_tensor(INPUT, 0.1, 0, torch.quint8)
    with pytest.raises(TypeError, match=r"input is quantized, torch\.quint8.*dequantize\(\)"):
        built()[0](quantised)
