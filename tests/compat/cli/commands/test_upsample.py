"""`fourfold upsample`: from file to file by a command, with weights of any framework."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from tests.compat.streaming.test_stages import with_integers
from tests.operands import integers
from torch import nn

import fourfold
from fourfold.compat.checkpoints import save_checkpoint
from fourfold.compat.cli import main as cli
from fourfold.compat.cli.commands.convert import FORMATS
from fourfold.compat.porting import APIS
from fourfold.compat.streaming.flow import Flow

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Sequential(nn.ConvTranspose3d(2, 4, (4, 3, 3), (2, 1, 2), 1, groups=2), nn.ReLU())
        self.norm = nn.InstanceNorm3d(4)
"""


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Sequential(nn.ConvTranspose3d(2, 4, (4, 3, 3), (2, 1, 2), 1, groups=2), nn.ReLU())
        self.norm = nn.InstanceNorm3d(4)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to be in, with a model and a volume."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "upsample_model.py").write_text(MODEL)
    np.save("in.npy", integers((2, 40, 32, 32), 1).numpy())
    return tmp_path


def saved(net: nn.Module, api: Any) -> str:
    state, _ = fourfold.port_state(net.state_dict(), source="torch", target=api, module=net)
    save_checkpoint(state, "weights", format=FORMATS[api])  # type: ignore[arg-type]
    return "weights"


def upsample(*options: str) -> int:
    return cli.main(["upsample", "in.npy", "out.npy", "--slab-mib", "1", *options])


def whole(layer: nn.Module) -> np.ndarray[Any, Any]:
    with torch.no_grad():
        made: np.ndarray[Any, Any] = layer(torch.from_numpy(np.load("in.npy"))[None])[0].numpy()
    return made


@pytest.mark.parametrize("api", APIS)
def test_a_model_takes_weights_of_every_framework(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    net = with_integers(Net(), 0)
    given = ["--model", "upsample_model:Net", "--weights", saved(net, api), "--from", api, "--layer", "up"]
    assert upsample(*given) == 0
    assert "out.npy: 4 x 80 x 32 x 63 float32, 2.5 MiB in " in capsys.readouterr().out
    np.testing.assert_array_equal(np.load("out.npy"), whole(net.get_submodule("up")), strict=True)


GEOMETRY = ["--stride", "2,1,2", "--padding", "1", "--groups", "2"]


@pytest.mark.parametrize("api", APIS)
def test_a_layer_of_a_checkpoint_needs_no_model(api: str) -> None:
    net = with_integers(Net(), 0)
    assert upsample("--weights", saved(net, api), "--from", api, "--layer", "up.0", *GEOMETRY) == 0
    np.testing.assert_array_equal(np.load("out.npy"), whole(net.get_submodule("up.0")), strict=True)


def test_the_same_command_goes_on_where_one_was_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    net, real, calls = with_integers(Net(), 0), Flow.slab, list[int]()

    def interrupted(*arguments: Any) -> Any:
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    given = ["--weights", saved(net, "torch"), "--layer", "up.0", *GEOMETRY]
    with monkeypatch.context() as patched:
        patched.setattr(Flow, "slab", interrupted)
        assert upsample(*given) == 130
    assert upsample(*given, "--slab-mib", "2") == 2
    assert "begun with another planes, --slab-mib. Give the same to finish it, or --force" in capsys.readouterr().err
    assert upsample(*given) == 0
    assert "slabs, 2 of them by an earlier run, " in capsys.readouterr().out
    np.testing.assert_array_equal(np.load("out.npy"), whole(net.get_submodule("up.0")), strict=True)


def test_json_says_what_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--weights", saved(Net(), "torch"), "--layer", "up.0", *GEOMETRY]
    assert upsample(*given, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts.pop("seconds") > 0
    assert facts.pop("slabs") > 2
    assert facts == {"target": "out.npy", "shape": [4, 80, 32, 63], "dtype": "float32", "resumed": 0}


MODEL_OPTIONS = ["--model", "upsample_model:Net"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param([], "nothing says what to apply. Give --model MODULE:NAME; or --weights FILE", id="nothing"),
        pytest.param(["--weights", "weights", "--layer", "up.0"], "nothing says what to apply", id="no stride"),
        pytest.param([*MODEL_OPTIONS, "--groups", "2"], "--model says what --groups would", id="both"),
        pytest.param([*MODEL_OPTIONS, "--layer", "ups"], "no such part. Did you mean up?", id="part"),
        pytest.param(MODEL_OPTIONS, "Net is none of the layers whose reach is known", id="layer"),
        pytest.param([*MODEL_OPTIONS, "--device", "cud"], "--device=cud: torch cannot use it", id="device"),
        pytest.param([*MODEL_OPTIONS, "--weights", "no"], "--weights=no: cannot be read", id="no checkpoint"),
        pytest.param(["--weights", "weights", "--layer", "up0", "--stride", "2"], "Did you mean up.0?", id="name"),
        pytest.param(["--weights", "weights", "--layer", "up.0", "--stride", "2,2"], "legal are one number", id="two"),
        pytest.param([*MODEL_OPTIONS, "--weights", "in.npy"], "in.npy", id="no format"),
    ],
)
def test_wrong_usage_says_what_to_do_and_writes_nothing(
    options: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(Net(), "torch")
    assert upsample(*options) == 2
    assert message in capsys.readouterr().err
    assert sorted(each.suffix for each in folder.iterdir() if each.is_file()) == ["", ".npy", ".py"]


def test_a_target_is_replaced_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--weights", saved(Net(), "torch"), "--layer", "up.0", *GEOMETRY, "--quiet"]
    assert upsample(*given) == 0
    assert upsample(*given) == 2
    assert "out.npy is there; give another path, or --force to replace it" in capsys.readouterr().err
    assert upsample(*given, "--force") == 0
    assert capsys.readouterr() == ("", "")
