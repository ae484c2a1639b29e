"""Batch norms folded into convolutions: the same values, gradients and parameters, and what is not folded."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from tests.operands import integers

import fourfold


class Network(torch.nn.Module):
    """Two convolutions with a norm each; all sums are exact on small integers, norms and folding included."""

    def __init__(self, groups: int = 1, bias: bool = True) -> None:
        super().__init__()
        self.down = torch.nn.Conv3d(2, 4, 2, stride=2, bias=bias)
        self.first = torch.nn.BatchNorm3d(4, eps=0.0)
        self.up = torch.nn.ConvTranspose3d(4, 4, 2, stride=2, groups=groups, bias=bias)
        self.second = torch.nn.BatchNorm3d(4, eps=0.0)
        with torch.no_grad():
            for seed, parameter in enumerate(self.parameters()):
                parameter.copy_(integers(tuple(parameter.shape), seed))
            norms: Any = (self.first, self.second)
            for norm in norms:
                norm.running_mean.copy_(torch.tensor([1.0, -2.0, 0.0, 3.0]))
                norm.running_var.copy_(torch.tensor([1.0, 4.0, 0.25, 16.0]))
        self.eval()

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.second(self.up(self.first(self.down(volume))))
        return result


VOLUME = integers((1, 2, 8, 8, 8), 9)


def results(model: torch.nn.Module) -> list[torch.Tensor]:
    output = model(VOLUME)
    return [output, *torch.autograd.grad(output.sum(), list(model.parameters()))]


def same(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("groups", [1, 2])
def test_output_and_gradients_are_the_same_bits(groups: int, bias: bool) -> None:
    model = Network(groups, bias)
    wanted = results(model)
    state = copy.deepcopy(model.state_dict())
    acceleration = fourfold.accelerate(model, fold_batch_norm=True)
    assert acceleration.folded == 2
    assert same(results(model), wanted)
    assert same(list(model.state_dict().values()), list(state.values()))


def test_the_norms_compute_nothing_until_restored() -> None:
    model = Network()
    wanted = results(model)
    acceleration = fourfold.accelerate(model, fold_batch_norm=True)
    assert "folded into the convolutions before them: 2 BatchNorm3d" in str(acceleration)
    assert model.first(VOLUME) is VOLUME
    acceleration.restore()
    assert not any("forward" in vars(layer) for layer in model.modules())
    assert same(results(model), wanted)


def test_changed_parameters_are_folded_as_they_are_now() -> None:
    model, changed = Network(), Network()
    fourfold.accelerate(model, fold_batch_norm=True)
    model(VOLUME)
    for each in (model, changed):
        each.first.weight.data.mul_(2)
        each.up.weight.data.neg_()
    assert torch.equal(model(VOLUME), changed(VOLUME))


def test_a_kernel_larger_than_its_volume_is_not_scaled() -> None:
    model = torch.nn.Sequential(torch.nn.Conv3d(8, 4, 2, bias=False), torch.nn.BatchNorm3d(4)).eval()
    volume = integers((1, 8, 3, 3, 3), 0)
    wanted = model(volume)  # of rounded factors: scaling the kernel would round otherwise
    fourfold.accelerate(model, fold_batch_norm=True)
    assert torch.equal(model(volume), wanted)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_folds_its_own_parameters(duplicate: Any) -> None:
    model = Network()
    wanted = model(VOLUME)
    fourfold.accelerate(model, fold_batch_norm=True)
    copied = duplicate(model)
    torch.nn.init.zeros_(model.down.weight)
    assert torch.equal(copied(VOLUME), wanted)


def test_training_a_folded_model_is_an_error() -> None:
    model = Network()
    acceleration = fourfold.accelerate(model, fold_batch_norm=True)
    model.train()
    with pytest.raises(RuntimeError, match=r"which cannot be trained\. Call eval\(\) on the model, or restore\(\)"):
        model(VOLUME)
    acceleration.restore()
    model.eval()(VOLUME)


def test_a_model_in_training_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Call model\.eval\(\) first"):
        fourfold.accelerate(Network().train(), fold_batch_norm=True)


class Branching(Network):
    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        return super().forward(volume if volume.sum() > 0 else -volume)


def test_a_model_that_cannot_be_traced_is_refused() -> None:
    with pytest.raises(ValueError, match=r"torch\.fx cannot trace it: .* Leave fold_batch_norm out"):
        fourfold.accelerate(Branching(), fold_batch_norm=True)


class Residual(Network):
    """The convolution's own output is needed too."""

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        inner = self.down(volume)
        result: torch.Tensor = self.up(self.first(inner) + inner)
        return result


class Repeated(Network):
    """One norm behind two calls."""

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.first(self.down(volume)) + self.first(self.down(-volume))
        return result


def hooked() -> torch.nn.Module:
    model = Network()
    for layer in (model.down, model.up):
        layer.register_forward_hook(lambda *_: None)
    return model


def untracked() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Conv3d(2, 4, 2), torch.nn.BatchNorm3d(4, track_running_stats=False)).eval()


@pytest.mark.parametrize("make", [Residual, Repeated, hooked, untracked])
def test_what_cannot_be_folded_stays_and_is_warned_about(make: Any) -> None:
    model = make()
    wanted = model(VOLUME)
    with pytest.warns(UserWarning, match=r"no torch\.nn\.BatchNorm3d right behind a convolution"):
        acceleration = fourfold.accelerate(model, fold_batch_norm=True)
    assert acceleration.folded == 0
    assert torch.equal(model(VOLUME), wanted)
