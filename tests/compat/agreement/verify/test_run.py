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
from tests.compat.models.recording import BUNDLES, RECORDINGS, Recording, bundle_of
from tests.compat.models.recording import record as record_live
from tests.environments import ready
from torch import nn

from fourfold.compat.agreement.bundle import Bundle
from fourfold.compat.agreement.recorder import record as record_here
from fourfold.compat.agreement.verify import Status, verify
from fourfold.compat.agreement.verify.report import divergence, summary
from fourfold.compat.porting import PortingError
from fourfold.frontends.torch import nn as torch_nn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def build(recording: Recording) -> Any:
    return getattr(here, recording.builder)()


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
    if recording.framework != "torch":
        ready(recording.framework)
    path = tmp_path / "model.fourfold.zip"
    record_live(recording, path)
    result = verify(path, build(recording), renames=dict(recording.renames))
    assert result.ok, "\n".join([*divergence(result), summary(result)])


def test_states_that_do_not_fit_are_refused() -> None:
    with pytest.raises(PortingError, match=r"the source lacks .*nothing in the model takes .* renames"):
        verify(bundle_of("megengine-vnet"), here.megengine_vnet())


# --- broken on purpose ------------------------------------------------------------------------------------------------


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
        pytest.param(
            "oneflow-unet", here.wrong_unet, "dec2.norm", "fits epsilon 1e-05; here it is 0.001", id="epsilon"
        ),
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
    result = verify(bundle_of("oneflow-unet"), here.wrong_unet())
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


@pytest.mark.parametrize(
    ("version", "axes", "noted"),
    [("1.8.5", 5, True), ("1.8.5", 4, False), ("3.3.1", 5, False)],
    ids=["1.8-volume", "1.8-image", "3.3-volume"],
)
def test_a_difference_in_volumes_of_paddle_1_8_names_its_broken_reductions(
    version: str, axes: int, noted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "bundle.zip")
    record_here(nn.Sequential(nn.ReLU()), torch.ones([2] * axes), path)
    init = Bundle.__init__

    def as_paddle(self: Bundle, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self.framework = {"name": "paddle", "version": version}

    monkeypatch.setattr(Bundle, "__init__", as_paddle)
    right, wrong = verify(path, nn.Sequential(nn.ReLU())), verify(path, nn.Sequential(nn.Hardtanh(0.0, 0.5)))
    assert right.ok
    assert not right.notes
    assert any("reduces tensors of five and more axes wrongly" in note for note in wrong.notes) is noted
