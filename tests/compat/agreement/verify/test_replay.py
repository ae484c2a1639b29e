from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from fourfold.compat.agreement.comparison import Verdict
from fourfold.compat.agreement.recorder import record
from fourfold.compat.agreement.verify import Status, VerificationError, verify
from fourfold.compat.agreement.verify.report import divergence, summary

if TYPE_CHECKING:
    from pathlib import Path


def recorded(tmp_path: Path, model: nn.Module, x: torch.Tensor | None = None) -> Path:
    path = tmp_path / "model.fourfold.zip"
    torch.manual_seed(1)
    record(model, torch.randn(2, 2, 4, 4, 4) if x is None else x, path)
    return path


def test_a_layer_that_raises_is_named(tmp_path: Path) -> None:
    path = recorded(tmp_path, nn.Sequential(nn.Conv3d(2, 2, 1), nn.ReLU()))
    model = nn.Sequential(nn.Conv3d(2, 2, 1), nn.MaxPool3d(9))
    result = verify(path, model)
    assert result.first is not None
    assert (result.first.name, result.first.status) == ("1", Status.RAISED)
    assert not result.complete


def test_an_exception_outside_of_the_layers_says_after_which_one(tmp_path: Path) -> None:
    class Broken(nn.Sequential):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            raise ArithmeticError(str(super().forward(input).shape))  # type: ignore[no-untyped-call]

    path = recorded(tmp_path, nn.Sequential(nn.Conv3d(2, 2, 1)))
    with pytest.raises(VerificationError, match=r"raised ArithmeticError after layer '0', outside of the layers"):
        verify(path, Broken(nn.Conv3d(2, 2, 1)))


def test_a_layer_that_is_not_called_here_diverges(tmp_path: Path) -> None:
    class Skipping(nn.Sequential):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = next(self.children())(input)
            return y

    path = recorded(tmp_path, nn.Sequential(nn.Conv3d(2, 2, 1), nn.Tanh()))
    result = verify(path, Skipping(nn.Conv3d(2, 2, 1), nn.Tanh()))
    assert result.first is not None
    assert (result.first.name, result.first.status) == ("1", Status.NOT_CALLED)


def test_activations_may_be_functions_here(tmp_path: Path) -> None:
    class Functional(nn.Sequential):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return torch.relu(super().forward(input))  # type: ignore[no-untyped-call]

    path = recorded(tmp_path, nn.Sequential(nn.Conv3d(2, 2, 1), nn.ReLU()))
    result = verify(path, Functional(nn.Conv3d(2, 2, 1)))
    assert result.ok
    assert [layer.status for layer in result.layers] == [Status.COMPARED, Status.NOT_HERE]


def test_a_shared_layer_is_compared_call_by_call(tmp_path: Path) -> None:
    def twice() -> nn.Module:
        shared = nn.Conv3d(2, 2, 3, padding=1)
        return nn.Sequential(shared, nn.ReLU(inplace=True), shared)

    result = verify(recorded(tmp_path, twice()), twice())
    assert result.ok
    assert [(layer.name, layer.call) for layer in result.layers] == [("0", 0), ("1", 0), ("0", 1)]


def test_random_layers_hand_their_recorded_output_on(tmp_path: Path) -> None:
    def model() -> nn.Module:
        return nn.Sequential(nn.Conv3d(2, 2, 1), nn.Dropout3d(), nn.Conv3d(2, 1, 1))

    result = verify(recorded(tmp_path, model()), model())
    assert result.ok
    assert [layer.status for layer in result.layers] == [Status.COMPARED, Status.RANDOM, Status.COMPARED]
    assert result.outputs[0].comparison.verdict is Verdict.IDENTICAL
    assert result.notes == ("gradients were not compared: random layers gave their recorded outputs",)


def test_mode_and_statistics_of_the_model_are_left_as_loaded(tmp_path: Path) -> None:
    path = recorded(tmp_path, nn.Sequential(nn.BatchNorm3d(2)).train())
    model = nn.Sequential(nn.BatchNorm3d(2)).eval()
    assert verify(path, model).ok
    assert not model[0].training
    assert model[0].running_mean is not None
    assert model[0].running_mean.tolist() == [0, 0]  # type: ignore[operator]


def test_the_wrong_mode_is_a_difference(tmp_path: Path) -> None:
    path = recorded(tmp_path, nn.Sequential(nn.BatchNorm3d(2)).eval(), 3 + 2 * torch.randn(2, 2, 4, 4, 4))
    assert verify(path, nn.Sequential(nn.BatchNorm3d(2))).ok
    assert not verify(path, nn.Sequential(nn.BatchNorm3d(2)), training=True).ok


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_other_dtypes_have_their_own_bounds(tmp_path: Path, dtype: torch.dtype) -> None:
    def model() -> nn.Module:
        return nn.Sequential(nn.Conv3d(2, 3, 2), nn.ReLU(), nn.ConvTranspose3d(3, 1, 2)).to(dtype)

    path = recorded(tmp_path, model(), torch.randn(1, 2, 4, 4, 4, dtype=dtype))
    result = verify(path, model())
    assert result.ok, summary(result)
    assert result.layers[0].comparison is not None


def test_another_dtype_is_a_difference(tmp_path: Path) -> None:
    result = verify(recorded(tmp_path, nn.ReLU()), Widening())
    assert result.first is not None
    assert result.first.comparison is not None
    assert result.first.comparison.reason == "dtype float64 for float32: build the model in the dtype of the recording"


class Widening(nn.ReLU):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(input).double()


def test_nested_outputs_are_compared_by_name(tmp_path: Path) -> None:
    class Pair(nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.layer = nn.ReLU()
            self.factor = factor

        def forward(self, input: torch.Tensor) -> dict[str, Any]:
            return {"a": [self.layer(input), input * self.factor]}

    path = recorded(tmp_path, Pair(2))
    assert verify(path, Pair(2)).ok
    result = verify(path, Pair(2.1))
    assert [one.name for one in result.outputs if not one.comparison.ok] == ["output.a.1"]


def test_a_model_that_is_one_layer_is_compared_as_a_layer(tmp_path: Path) -> None:
    result = verify(recorded(tmp_path, nn.LeakyReLU(0.5)), nn.LeakyReLU(0.25))
    assert result.first is not None
    assert result.first.name == ""
    assert divergence(result)[0].startswith("First divergence: the model, which is one layer (LeakyReLU there")


def test_a_class_in_place_of_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"model is a type; it must be a torch module: build it"):
        verify(recorded(tmp_path, nn.ReLU()), nn.ReLU)  # type: ignore[arg-type]
