from __future__ import annotations

import hashlib
import json
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.models import here
from tests.compat.models.recording import BUNDLES, RECORDINGS, Recording
from tests.compat.models.recording import record as record_live
from torch import nn

from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.comparison import Verdict, compare
from fourfold.compat.agreement.environments import environment
from fourfold.compat.agreement.recorder import record
from fourfold.compat.agreement.verify import Status, VerificationError, verify
from fourfold.compat.agreement.verify.arrays import is_view
from fourfold.compat.agreement.verify.bounds import bound
from fourfold.compat.agreement.verify.judge import judge
from fourfold.compat.agreement.verify.report import as_json, divergence, summary
from fourfold.compat.cli import main
from fourfold.compat.porting import PortingError
from fourfold.frontends.torch import nn as torch_nn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODULE = "tests.compat.models.here"


def build(recording: Recording) -> Any:
    return getattr(here, recording.builder)()


def bundle_of(name: str) -> Path:
    return BUNDLES / f"{name}.fourfold.zip"


def altered(source: Path, target: Path, name: str, change: Callable[[Any], None]) -> Path:
    """Copy a bundle with one array of its state changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        (entry,) = (entry for entry in manifest["state"] if entry["name"] == name)
        array = np.load(BytesIO(old.read(entry["member"])))
        change(array)
        stream = BytesIO()
        np.lib.format.write_array(stream, array, version=(1, 0))
        entry["sha256"] = hashlib.sha256(stream.getvalue()).hexdigest()
        for member in old.namelist():
            if member not in ("manifest.json", entry["member"]):
                new.writestr(member, old.read(member))
        new.writestr(entry["member"], stream.getvalue())
        new.writestr("manifest.json", json.dumps(manifest))
    return target


# --- the models of the real frameworks --------------------------------------------------------------------------------


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_models_of_the_real_frameworks_agree(recording: Recording) -> None:
    result = verify(recording.path, build(recording), renames=dict(recording.renames))
    assert result.ok, "\n".join([*divergence(result), summary(result)])
    with Bundle(recording.path) as bundle:
        assert [layer.status for layer in result.layers[: len(bundle.layers)]] == [Status.COMPARED] * len(bundle.layers)
        assert len(result.gradients) == len(bundle.input_gradients) + len(bundle.parameter_gradients) > 20
        assert {match.source for match in result.matches} == set(bundle.state)


def test_manifest_describes_the_bundles() -> None:
    manifest = json.loads((BUNDLES / "manifest.json").read_text())
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in BUNDLES.glob("*.zip")}
    assert {name: entry["sha256"] for name, entry in manifest.items()} == hashes
    assert {recording.path.name for recording in RECORDINGS} == set(manifest)
    assert max(entry["bytes"] for entry in manifest.values()) < 300_000


@pytest.mark.live
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_models_recorded_now_agree(recording: Recording, tmp_path: Path) -> None:
    if recording.framework != "torch" and environment(recording.framework).state != "ready":
        pytest.skip(f"`fourfold env create {recording.framework}` makes the environment")
    path = tmp_path / "model.fourfold.zip"
    record_live(recording, path)
    result = verify(path, build(recording), renames=dict(recording.renames))
    assert result.ok, "\n".join([*divergence(result), summary(result)])


# --- broken on purpose ------------------------------------------------------------------------------------------------


def wrong_epsilon() -> Any:
    model: Any = here.oneflow_unet()
    model.dec2.norm.eps = 1e-3
    return model


def swapped_padding() -> Any:
    """As if the order of the axes were another."""
    model: Any = here.torch_unet()
    model.enc2.conv.padding = (0, 1, 2)
    return model


def mirrored_padding() -> Any:
    """Reflection where there were zeros: the shape is right, the border is not."""
    model: Any = here.torch_unet()
    model.dec1.conv = nn.Conv3d(8, 4, 3, padding=1, padding_mode="replicate")
    return model


def other_groups() -> nn.Module:
    return here.VNet(torch_nn.ConvTranspose3d, lambda channels: nn.GroupNorm(4, channels))


@pytest.mark.parametrize(
    ("name", "model", "layer", "note"),
    [
        pytest.param("oneflow-unet", wrong_epsilon, "dec2.norm", "fits epsilon 1e-05; here it is 0.001", id="epsilon"),
        pytest.param("torch-unet", swapped_padding, "enc2.conv", "compare stride, padding and dilation", id="padding"),
        pytest.param("torch-unet", mirrored_padding, "dec1.conv", "only voxels near the border differ", id="border"),
        pytest.param("torch-vnet", other_groups, "stem.norm", "the number of groups", id="groups"),
    ],
)
def test_the_broken_layer_is_named(name: str, model: Callable[[], nn.Module], layer: str, note: str) -> None:
    result = verify(bundle_of(name), model())
    assert not result.ok
    assert result.first is not None
    assert result.first.name == layer
    assert any(note in text for text in divergence(result))


def test_only_the_broken_layer_is_named() -> None:
    result = verify(bundle_of("oneflow-unet"), wrong_epsilon())
    assert [layer.name for layer in result.layers if not layer.ok] == ["dec2.norm"]
    assert result.outputs[0].comparison.ok  # the layers after it got what was recorded
    agreeing = verify(bundle_of("oneflow-unet"), here.oneflow_unet())
    assert result.free[0].comparison.max_abs > 100 * agreeing.free[0].comparison.max_abs


def test_one_changed_weight_names_its_layer_and_channel(tmp_path: Path) -> None:
    def change(weight: Any) -> None:
        weight[3, 1, 1, 0, 1] += 0.01

    path = altered(bundle_of("paddle-unet"), tmp_path / "changed.zip", "up1.weight", change)
    result = verify(path, here.paddle_unet())
    assert [layer.name for layer in result.layers if not layer.ok] == ["up1"]
    assert result.first is not None
    assert result.first.notes == ("only channel 1 of 4 differs: weight, bias or statistics of that channel",)
    # one offset of a kernel of 2 and a stride of 2 meets one voxel in eight, in one channel of four
    assert result.first.beyond == pytest.approx(8 * 12 * 8 / 8, abs=8)


def test_a_function_between_layers_is_found_by_what_it_feeds() -> None:
    class Swapped(here.UNet):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            a = self.enc1(x)
            b = self.enc2(self.pool(a))
            d = self.dec2(torch.cat([b, self.up2(self.mid(self.pool(b)))], 1))
            y: torch.Tensor = self.head(self.dec1(torch.cat([self.up1(d), a], 1)))
            return y

    result = verify(bundle_of("torch-unet"), Swapped(torch_nn.ConvTranspose3d))
    assert result.first is not None
    assert result.first.name == "dec2.conv"
    assert "a function after 'up2' that feeds it" in divergence(result)[-1]


# --- small models -----------------------------------------------------------------------------------------------------


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


def test_states_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PortingError, match=r"the source lacks .*nothing here takes .* rename them"):
        verify(bundle_of("megengine-vnet"), here.megengine_vnet())


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "x", "y", "expected"),
    [
        pytest.param(nn.ReLU(), [-1.0, 2.0], [0.0, 2.0], None, id="relu"),
        pytest.param(nn.LeakyReLU(0.5), [-1.0, 2.0], [-0.5, 2.0], [0.5, 2.0], id="leaky-relu"),
        pytest.param(nn.Sigmoid(), [-1.0, 2.0], [0.27, 0.88], [1.0, 1.0], id="sigmoid"),
        pytest.param(nn.GELU(), [-1.0, 2.0], [-0.16, 1.95], [2.0, 3.0], id="gelu"),
        pytest.param(nn.Softmax(-1), [0.0, 2.0], [0.25, 0.75], [0.75, 0.75], id="softmax"),
        # mean |x| is 2, and sqrt(12 / 12) of the mean is added, which is 1
        pytest.param(nn.AdaptiveAvgPool1d(1), [[3.0, -1.0] * 6], [[1.0]], [[3.0]], id="average"),
        pytest.param(nn.Softshrink(), [-1.0, 2.0], [-0.5, 1.5], [1.5, 1.5], id="without-a-rule"),
    ],
)
def test_magnitudes_by_hand(module: nn.Module, x: Any, y: Any, expected: Any) -> None:
    found = bound(module, ((torch.tensor(x),), {}), torch.tensor(y)).magnitude
    assert (found if found is None else found.tolist()) == expected


def test_magnitude_of_linear_by_hand() -> None:
    layer = nn.Linear(3, 1)
    layer.load_state_dict({"weight": torch.tensor([[2.0, -1.0, 3.0]]), "bias": torch.tensor([-5.0])})
    # 3 products: 1 * 2 + 4 * 1 + 2 * 3 + 5, and sqrt(3 / 12) of |2 - 4 + 6|
    assert bound(layer, ((torch.tensor([[1.0, 4.0, 2.0]]),), {}), torch.tensor([[-1.0]])).magnitude == 19


def test_products_of_one_sign_added_up_one_by_one_are_within_the_bound() -> None:
    random = np.random.default_rng(0)
    x, weight = (random.uniform(0.5, 1.5, (rows, 20_000)).astype(np.float32) for rows in (16, 1))
    naive = np.cumsum(x * weight, axis=1, dtype=np.float32)[:, -1:]  # cumsum adds one by one
    layer = nn.Linear(20_000, 1, bias=False)
    layer.load_state_dict({"weight": torch.from_numpy(weight)})
    expected = (x.astype(np.float64) * weight).sum(axis=1, keepdims=True)
    magnitude = bound(layer, ((torch.from_numpy(x),), {}), torch.from_numpy(naive)).magnitude
    assert magnitude is not None
    assert compare(naive, expected, "float32", magnitude=expected).verdict is Verdict.DIFFERENT
    assert compare(naive, expected, "float32", magnitude=magnitude.numpy()).verdict is Verdict.WITHIN_ROUNDING


def test_magnitude_of_batch_norm_by_hand() -> None:
    layer = nn.BatchNorm1d(1, eps=1.0).eval()
    state = {"weight": [-6.0], "bias": [-0.5], "running_mean": [-4.0], "running_var": [8.0]}
    layer.load_state_dict({name: torch.tensor(value) for name, value in state.items()}, strict=False)
    # 6 / sqrt(8 + 1) * (|2| + |-4|) + |-0.5|
    assert bound(layer, ((torch.tensor([[2.0]]),), {}), torch.zeros(1, 1)).magnitude == 12.5


def test_magnitude_of_group_norm_by_hand() -> None:
    layer = nn.GroupNorm(1, 12, eps=1.0, affine=False)
    x = torch.tensor([[3.0, -1.0] * 6])
    # 12 values: sqrt(12 / 12) = 1; mean 1, mean |x| 2, mean square 5, variance 4:
    # (|x| + (2 + 1 * 1) + |x - 1| * (1 + 1) / 2 * 5 / (4 + 1)) / sqrt(4 + 1)
    found = bound(layer, ((x,), {}), x).magnitude
    assert found is not None
    assert torch.equal(found, torch.tensor([[8.0, 6.0] * 6], dtype=torch.float64) / torch.tensor(5.0).double().sqrt())


def test_statistics_added_up_one_by_one_are_within_the_bound() -> None:
    x = (2 + np.random.default_rng(0).standard_normal((1, 2, 40, 40, 40))).astype(np.float32)
    rows = x.reshape(2, -1)
    count = np.float32(rows.shape[1])
    mean = np.cumsum(rows, axis=1, dtype=np.float32)[:, -1:] / count  # cumsum adds one by one, sum does not
    square = np.cumsum(rows * rows, axis=1, dtype=np.float32)[:, -1:] / count
    naive = ((rows - mean) / np.sqrt(square - mean * mean + np.float32(1e-5))).reshape(x.shape)
    layer = nn.InstanceNorm3d(2)
    expected = layer(torch.from_numpy(x))
    magnitude = bound(layer, ((torch.from_numpy(x),), {}), expected).magnitude
    assert magnitude is not None
    comparison, beyond = judge(naive, expected.numpy(), ("float32", "float32"), magnitude.numpy())
    assert comparison.verdict is Verdict.WITHIN_ROUNDING
    assert not beyond.any()
    with_another_epsilon = nn.InstanceNorm3d(2, eps=1e-2)(torch.from_numpy(x)).numpy()
    assert judge(with_another_epsilon, expected.numpy(), ("float32", "float32"), magnitude.numpy())[1].any()


@pytest.mark.parametrize(
    ("shape", "other", "expected"),
    [
        pytest.param((1, 4, 96, 8), (1, 4, 8, 12, 8), True, id="planes"),
        pytest.param((2, 3), (3, 2), False, id="transposed"),
        pytest.param((2, 12), (2, 3, 4, 1), True, id="ones"),
        pytest.param((4, 3), (2, 6), False, id="regrouped"),
        pytest.param((24,), (2, 3, 4), True, id="flat"),
    ],
)
def test_views_merge_adjacent_axes_only(shape: tuple[int, ...], other: tuple[int, ...], expected: bool) -> None:
    assert is_view(shape, other) is expected
    assert is_view(other, shape) is expected


# --- the command ------------------------------------------------------------------------------------------------------


def command(name: str, model: str, *more: str) -> list[str]:
    return ["verify", str(bundle_of(name)), "--model", f"{MODULE}:{model}", *more]


def test_command_says_agreement(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command("paddle-vnet", "paddle_vnet")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("agreement with paddle 3.3.1: 18 layer calls, all within their bounds; 1 output and 29")
    assert [line.split()[0] for line in lines[1:4]] == ["stem.conv", "stem.norm", "stem.act"]


def test_command_names_the_divergence(capsys: pytest.CaptureFixture[str]) -> None:
    options = [f"--rename={old}={new}" for old, new in RECORDINGS[7].renames]
    assert main(command("megengine-vnet", "wrong_vnet", "--quiet", *options)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "First divergence: layer 'merge.norm' (GroupNorm there, GroupNorm here) is different."
    assert "values (" in lines[1]


def test_command_writes_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command("torch-unet", "torch_unet", "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["first_divergence"], found["framework"]) == (True, None, "torch 2.13.0+cpu")
    assert [layer["name"] for layer in found["layers"][:2]] == ["enc1.conv", "enc1.norm"]
    assert found["loaded"]["up1.weight"] == "up1.weight"


def test_json_holds_divergences_without_infinities() -> None:
    result = verify(bundle_of("oneflow-unet"), wrong_epsilon())
    found = json.loads(json.dumps(as_json(result), allow_nan=False))
    assert found["first_divergence"] == {"name": "dec2.norm", "call": 0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(command("torch-unet", "nothing"), r"has no attribute 'nothing'", id="no-such-name"),
        pytest.param(command("torch-unet", "F.relu.__name__"), "is a str; it must be a torch module", id="no-model"),
        pytest.param(command("torch-unet", "torch_unet", "--rename", "x"), "rename 'x' is not OLD=NEW", id="rename"),
        pytest.param(command("torch-vnet", "torch_unet"), "nothing here takes", id="another-model"),
        pytest.param(["verify", "absent.zip", "--model", f"{MODULE}:torch_unet"], "cannot be read", id="no-file"),
        pytest.param(["verify", __file__, "--model", f"{MODULE}:torch_unet"], "is not a zip archive", id="no-bundle"),
        pytest.param(["verify", "x", "--model", "module"], r"name a module and what is in it", id="no-colon"),
        pytest.param(["verify", "x", "--model", "no_such_module:x"], "No module named", id="no-module"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
