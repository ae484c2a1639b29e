from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from fourfold.compat.checkpoints import load_checkpoint, save_checkpoint
from fourfold.compat.checkpoints.writing import WRITERS
from fourfold.compat.cli import main as cli
from fourfold.compat.cli.commands import convert
from fourfold.compat.porting import APIS
from fourfold.frontends import paddle

MODEL = """
from torch import nn

def build():
    return nn.Sequential(nn.ConvTranspose3d(4, 6, 2, groups=2), nn.BatchNorm3d(6), nn.Linear(2, 3))
"""


def build() -> nn.Module:
    return nn.Sequential(nn.ConvTranspose3d(4, 6, 2, groups=2), nn.BatchNorm3d(6), nn.Linear(2, 3))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a model and its checkpoint."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "convert_model.py").write_text(MODEL)
    torch.manual_seed(0)
    torch.save(build().state_dict(), tmp_path / "model.pt")
    return tmp_path


def fourfold_convert(*arguments: str, model: str | None = "convert_model:build") -> int:
    return cli.main(["convert", *arguments, *(["--model", model] if model else [])])


def values(path: Path) -> dict[str, Any]:
    found = load_checkpoint(path).tensors
    return {name: (tuple(one.shape), one.numpy().tobytes()) for name, one in found.items()}


@pytest.mark.parametrize("api", APIS)
def test_a_checkpoint_goes_to_every_framework_and_back_bit_for_bit(folder: Path, api: str) -> None:
    assert fourfold_convert("model.pt", "there", "--from", "torch", "--to", api, "--quiet") == 0
    assert fourfold_convert("there", "back.pt", "--from", api, "--to", "torch", "--quiet") == 0
    assert load_checkpoint("there").format == convert.FORMATS[api].removesuffix("-fluid")
    module = build()
    module.load_state_dict(torch.load("back.pt", weights_only=True))
    expected = values(folder / "model.pt")
    if api not in ("torch", "oneflow"):  # the others do not count batches
        del expected["1.num_batches_tracked"]
    assert values(folder / "back.pt") == expected


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_format_says_how_it_is_written(folder: Path, format: str) -> None:
    assert fourfold_convert("model.pt", "new", "--from", "torch", "--to", "paddle", "--format", format, "--quiet") == 0
    assert load_checkpoint("new").tensors["2.weight"].shape == (2, 3)


@pytest.mark.parametrize("other", ["text", "dry-run"])
def test_the_table_tells_what_was_done(folder: Path, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    extra = ["--dry-run"] if other == "dry-run" else []
    assert fourfold_convert("model.pt", "new", "--from", "torch", "--to", "paddle", *extra) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["2.weight", "transposed", "3", "x", "2", "->", "2", "x", "3", "float32", "linear"] in lines
    assert ["1._mean", "renamed", "6", "1.running_mean", "float32", "batch", "normalisation"] in lines
    assert (folder / "new").exists() == (other == "text")


@pytest.mark.parametrize("api", ["torch", "oneflow"])
def test_what_is_written_is_told_with_its_size(folder: Path, api: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fourfold_convert("model.pt", "there", "--from", "torch", "--to", api, "--quiet") == 0
    files = [path for path in (folder / "there").rglob("*") if path.is_file()] or [folder / "there"]
    size = sum(path.stat().st_size for path in files)
    assert f"there: written as {api}, {size / 1024:.1f} KiB\n" in capsys.readouterr().out


def test_json_tells_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fourfold_convert("model.pt", "new", "--from", "torch", "--to", "megengine", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["ok"], facts["written"], facts["format"], facts["written_format"]) == (
        True,
        "new",
        "torch",
        "megengine",
    )
    up = next(one for one in facts["tensors"] if one["source"] == "0.weight")
    assert (up["done"], up["target_shape"]) == (["reshaped"], [2, 2, 3, 2, 2, 2])


def test_kinds_stand_in_for_a_model(folder: Path) -> None:
    save_checkpoint({"head.weight": torch.zeros(2, 3), "epoch": torch.tensor(3)}, "p.pdparams", format="paddle")
    common = ["p.pdparams", "t.pt", "--from", "paddle", "--to", "torch", "--kind", "head=linear", "--quiet"]
    assert fourfold_convert(*common, "--passthrough", "epoch", model=None) == 0
    assert load_checkpoint("t.pt").tensors["head.weight"].shape == (3, 2)


@pytest.mark.parametrize("target", ["torch", "megengine"])
def test_kinds_state_groups(folder: Path, target: str) -> None:
    weight = torch.arange(4 * 3 * 8.0).reshape(2, 2, 3, 2, 2, 2)
    state = {"up.weight": weight, "up.bias": torch.zeros(1, 6, 1, 1, 1)}
    save_checkpoint(state, "m.pkl", format="megengine")
    kinds = ["--kind", "up=conv_transpose:2", "--quiet"]
    assert fourfold_convert("m.pkl", "new", "--from", "megengine", "--to", target, *kinds, model=None) == 0
    found = load_checkpoint("new").tensors["up.weight"]
    assert torch.equal(found, weight.reshape(4, 3, 2, 2, 2) if target == "torch" else weight)


def test_renames_and_only(folder: Path) -> None:
    state = {f"net.{name}": one for name, one in build().state_dict().items()}
    torch.save({"model": state, "optimizer": {"state": {0: torch.ones(1)}, "param_groups": [{"lr": 0.1}]}}, "full.pt")
    options = ["--rename", r"re:^model\.net\.=", "--only", "model.*", "--quiet"]
    assert fourfold_convert("full.pt", "new", "--from", "torch", "--to", "oneflow", *options) == 0
    assert sorted(load_checkpoint("new").tensors) == sorted(build().state_dict())


def test_what_is_missing_or_unexpected_exits_with_1_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {("2.wait" if name == "2.weight" else name): one for name, one in build().state_dict().items()}
    torch.save(state, "model.pt")
    common = ["model.pt", "new", "--from", "torch", "--to", "paddle"]
    assert fourfold_convert(*common) == 1
    out = capsys.readouterr()
    assert "near 2.weight" in out.out
    assert "nothing is written; state --rename" in out.err
    assert not (folder / "new").exists()
    assert fourfold_convert(*common, "--no-strict", "--quiet") == 0
    assert "2.bias" in load_checkpoint("new").tensors


def test_bfloat16_of_paddle_is_stated(folder: Path) -> None:
    weight = torch.tensor([[1.5, 2.0, -3.0]], dtype=torch.bfloat16)
    save_checkpoint({"head.weight": weight}, "p.pdparams", format="paddle")
    common = ["p.pdparams", "t.pt", "--from", "paddle", "--to", "torch", "--kind", "head=linear", "--quiet"]
    assert fourfold_convert(*common, "--bfloat16", "*.weight", model=None) == 0
    assert torch.equal(torch.load("t.pt", weights_only=True)["head.weight"], weight.T)


def test_an_existing_destination_is_replaced_only_by_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "new").write_text("mine")
    common = ["model.pt", "new", "--from", "torch", "--to", "paddle", "--quiet"]
    assert fourfold_convert(*common) == 2
    assert "new is there already. Give --force" in capsys.readouterr().err
    assert (folder / "new").read_text() == "mine"
    assert fourfold_convert(*common, "--force") == 0
    assert load_checkpoint("new").format == "paddle"


def test_a_write_that_fails_leaves_the_old_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "new").write_text("mine")

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert fourfold_convert("model.pt", "new", "--from", "torch", "--to", "paddle", "--force", "--quiet") == 2
    assert "No space left on device" in capsys.readouterr().err
    assert (folder / "new").read_text() == "mine"
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("format", ["torch", "torch-legacy", "paddle", "safetensors"])
def test_a_full_disk_is_one_line_for_every_format(
    folder: Path, format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--from", "torch", "--to", "torch", "--format", format, "--force", "--quiet"]
    assert fourfold_convert("model.pt", "/dev/full", *options) == 2
    message = capsys.readouterr().err
    assert message.startswith("fourfold: /dev/full: No space left on device. Name a checkpoint to read, and a place")
    assert message.count("\n") == 1


@pytest.mark.parametrize("api", ["torch", "megengine", "oneflow", "paddle"])
def test_whose_a_checkpoint_is_the_file_says(folder: Path, api: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert fourfold_convert("model.pt", "there", "--to", api, "--quiet") == 0
    assert fourfold_convert("there", "back.pt", "--to", "torch", "--quiet") == 0
    assert f"torch to {api}: 9 tensors" in (out := capsys.readouterr().out)
    assert f"{api} to torch: " in out


def test_a_front_ends_state_in_a_file_of_torch_save_is_of_that_front_end(folder: Path) -> None:
    weight = torch.arange(4.0).reshape(2, 2)
    layer: Any = paddle.nn.Linear(2, 2)
    layer.weight.set_value(weight.numpy())
    torch.save(layer.state_dict(), "front.pt")
    assert fourfold_convert("front.pt", "new.pt", "--to", "torch", "--kind", "=linear", "--quiet", model=None) == 0
    assert torch.equal(torch.load("new.pt", weights_only=True)["weight"], weight.T)


def test_whoever_insists_overrules_the_file(folder: Path) -> None:
    weight = torch.arange(4.0).reshape(2, 2)
    torch.save({"head.weight": weight}, "by-hand.pt")
    common = ["by-hand.pt", "new.pt", "--from", "paddle", "--to", "torch", "--kind", "head=linear", "--quiet"]
    assert fourfold_convert(*common, model=None) == 2
    assert fourfold_convert(*common, "--insist", model=None) == 0
    assert torch.equal(torch.load("new.pt", weights_only=True)["head.weight"], weight.T)


def test_each_tensor_is_counted_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(build().state_dict() | {"extra": torch.ones(1)}, "model.pt")
    options = ["--to", "paddle", "--quiet", "--dry-run", "--only", "[0-9].*", "--rename", "2=3"]
    assert fourfold_convert("model.pt", "new", *options) == 1
    *_, aside, summary = capsys.readouterr().out.splitlines()
    assert aside == "1 tensor of model.pt that --only leaves aside"
    # the model has 8 tensors, one of which Paddle has not; two have another name in the file now
    assert summary == "torch to paddle: 9 tensors: 4 matched, 2 renamed, 1 left out, 2 unexpected; and 2 missing"


def test_a_model_that_was_pickled_whole_is_converted_as_its_state_is(folder: Path) -> None:
    module = build()
    torch.save({"model": module}, "whole.pt")
    torch.save(module.state_dict(), "model.pt")
    options = ["--to", "torch", "--rename", "model=", "--quiet"]
    assert fourfold_convert("whole.pt", "new.pt", *options) == 0
    assert values(folder / "new.pt") == values(folder / "model.pt")


SUGGESTED = [
    pytest.param("megengine.pkl", [], id="megengine"),
    pytest.param("fluid.pdparams", ["--from", "fluid"], id="fluid"),
    pytest.param("oneflow", [], id="oneflow"),
]


@pytest.mark.parametrize(("file", "options"), SUGGESTED)
def test_what_is_suggested_for_a_real_checkpoint_converts_it(
    unet: Path, tmp_path: Path, file: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    common = [f"recorded/{file}", str(tmp_path / "new.pt"), "--to", "torch", *options]
    assert fourfold_convert(*common, "--suggest", model="port:UNet") == 0
    lines = capsys.readouterr().out.splitlines()
    renames = [word for line in lines if line.startswith("  --rename") for word in line.removesuffix("\\").split()]
    assert not (tmp_path / "new.pt").exists()
    assert fourfold_convert(*common, *renames, "--quiet", model="port:UNet") == 0
    # the example's own two renames say the same
    stated = ["--rename", r"re:^(en|de)c(\d)=\1coder.\2", "--rename", r"re:^(down|up)(\d)=\1.\2"]
    assert fourfold_convert(*common, *stated, "--quiet", "--force", model="port:UNet") == 0


def test_what_is_left_is_said_and_exits_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = {f"net.{name}": one for name, one in build().state_dict().items()}
    torch.save(state | {"ema.decay": torch.zeros(3)}, "net.pt")
    assert fourfold_convert("net.pt", "new", "--to", "torch", "--suggest") == 1
    out = capsys.readouterr().out
    assert "  --rename net= \\\n" in out
    assert "1 tensor of net.pt without a place in the model: ema.decay" in out
    assert fourfold_convert("net.pt", "new", "--to", "torch", "--suggest", "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "file": "net.pt",
        "ok": False,
        "renames": ["net="],
        "found": 9,
        "missing": [],
        "unexpected": ["ema.decay"],
    }


WRONG = [
    (["nowhere.pt", "new"], ["--from", "torch"], "No such file or directory. Name a checkpoint", "no-file"),
    (["convert_model.py", "new"], ["--from", "torch"], "no checkpoint that is known here", "no-checkpoint"),
    (["model.pt", "model.pt"], ["--from", "torch"], "model.pt is the source itself", "itself"),
    (["model.pt", "no/new"], ["--from", "torch"], "there is no folder no. Make it first", "no-folder"),
    (["table.pdparams", "new"], ["--from", "megengine"], "give --from paddle or fluid; --insist", "another-framework"),
    (["adam.pt", "new"], ["--from", "torch"], "it is an optimizer's. Porting those is out of scope", "optimizer"),
    (["model.pt", "new"], ["--from", "torch", "--rename", "x"], "rename 'x' is not OLD=NEW", "rename"),
    (["model.pt", "new"], ["--from", "torch", "--rename", "x=y"], "renames of ['x'] fit no name", "idle-rename"),
    (["model.pt", "new"], ["--from", "torch", "--only", "x*"], "--only=x* fits no tensor", "only"),
    (["model.pt", "new"], ["--from", "torch", "--bfloat16", "0.bias"], "which is torch.float32; only", "bfloat16"),
    (["model.pt", "new"], ["--from", "torch", "--kind", "0=linear"], "--model and --kind both tell", "both"),
    (["model.pt", "new"], ["--from", "paddle"], "--from=paddle: model.pt is of format 'torch', by torch 1.6", "torchs"),
    (
        ["plain.pkl", "new"],
        [],
        "leaves open whose names and layouts it has. Give --from torch or paddle or",
        "anybodys",
    ),
    (
        ["old.pdparams", "new"],
        [],
        "by Paddle (protocol 2: save_dygraph of 1.x and 2.0, or protocol=2), which l",
        "fluid",
    ),
    (["front.pt", "new"], ["--from", "torch"], "with tensors of fourfold's paddle. Leave --from out", "front-end"),
    (["shape.pt", "new"], ["--from", "torch"], "'2.weight' has shape (2, 3); '2.weight' (linear) needs", "shape"),
]


@pytest.mark.parametrize(("paths", "options", "message"), [pytest.param(*row[:3], id=row[3]) for row in WRONG])
def test_wrong_usage_and_bad_files_exit_with_2(
    folder: Path, paths: list[str], options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save_checkpoint({"a": torch.ones(1)}, "table.pdparams", format="paddle")
    save_checkpoint({"a": torch.ones(1)}, "old.pdparams", format="paddle-fluid")
    (folder / "plain.pkl").write_bytes(pickle.dumps({"a": np.ones(1)}, protocol=4))
    torch.save(paddle.nn.Linear(2, 3).state_dict(), "front.pt")
    torch.save(build().state_dict() | {"2.weight": torch.zeros(2, 3)}, "shape.pt")
    torch.save(torch.optim.Adam(build().parameters()).state_dict(), "adam.pt")
    assert fourfold_convert(*paths, *options, "--to", "oneflow") == 2
    assert message in capsys.readouterr().err
    assert not (folder / "new").exists()


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        pytest.param([], "nothing tells the kinds of layers: give --model", id="none"),
        pytest.param(["--kind", "0=linear", "--suggest"], "Give --model MODULE:NAME", id="suggest"),
        pytest.param(["--kind", "linear"], "--kind=linear: give LAYER=KIND", id="no-equals"),
        pytest.param(["--kind", "0=dense"], "'dense' for '0' is not a kind of layer", id="unknown"),
        pytest.param(["--kind", "0=conv:0"], "'conv:0' for '0': after the colon stand the groups", id="no-groups"),
        pytest.param(["--kind", "0=linear:2"], "'linear:2' for '0': after the colon stand", id="not-a-convolution"),
    ],
)
def test_kinds_are_never_guessed(
    folder: Path, kinds: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fourfold_convert("model.pt", "new", "--from", "torch", "--to", "paddle", *kinds, model=None) == 2
    assert message in capsys.readouterr().err


def test_arrays_of_a_checkpoint_keep_their_values(folder: Path) -> None:
    array = np.arange(6, dtype=np.float64).reshape(2, 3)
    save_checkpoint({"head.weight": array}, "p.pdparams", format="paddle-fluid")
    common = ["p.pdparams", "m.pkl", "--from", "fluid", "--to", "megengine", "--kind", "head=linear", "--quiet"]
    assert fourfold_convert(*common, model=None) == 0
    assert np.array_equal(load_checkpoint("m.pkl").tensors["head.weight"].numpy(), array.T)


UNET = Path(__file__).parents[3] / "examples" / "unet"


@pytest.fixture
def unet(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the example, to be in; its `port` is no other test's."""
    monkeypatch.chdir(UNET)
    monkeypatch.syspath_prepend(str(UNET))
    monkeypatch.delitem(sys.modules, "port", raising=False)
    return UNET


# MegEngine sorts its states; in all three, `down` and `up` stand behind the blocks that they stand between in the model
@pytest.mark.parametrize(
    ("source", "file", "message"),
    [
        pytest.param("megengine", "megengine.pkl", "the source stands sorted by name", id="megengine"),
        pytest.param("fluid", "fluid.pdparams", "tears a layer or a block of layers apart", id="fluid"),
        pytest.param("oneflow", "oneflow", "tears a layer or a block of layers apart", id="oneflow"),
    ],
)
def test_no_order_that_gives_a_wrong_model_is_taken(
    unet: Path, tmp_path: Path, source: str, file: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [f"recorded/{file}", str(tmp_path / "z.pt"), "--from", source, "--to", "torch"]
    assert fourfold_convert(*common, "--by-order", model="port:UNet") == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "z.pt").exists()


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--dry-run"]], ids=["text", "quiet", "dry-run"])
def test_pairs_by_order_are_always_listed_and_called_no_proof(
    folder: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save({f"net.{name}": one for name, one in build().state_dict().items()}, "net.pt")
    common = ["net.pt", "new", "--from", "torch", "--to", "paddle", "--by-order", "--force"]
    assert fourfold_convert(*common, *options) == 0
    out = capsys.readouterr().out
    lines = [line.split()[:6] for line in out.splitlines()]
    assert ["1._mean", "by", "order,", "renamed", "6", "net.1.running_mean"] in lines
    assert "8 tensors paired by order, where no name tells that the pairs are right: `fourfold verify`" in out
    assert fourfold_convert(*common, "--json") == 0
    assert "`fourfold verify`" in json.loads(capsys.readouterr().out)["caution"]


def test_what_is_no_tensor_is_counted_and_not_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups = [{"lr": 0.1, "betas": [0.9, 0.999], "params": list(range(100))}]
    torch.save({"model": build().state_dict(), "optimizer": {"state": {}, "param_groups": groups}}, "full.pt")
    options = ["--rename", "model=", "--only", "model.*", "--quiet"]
    assert fourfold_convert("full.pt", "new", "--from", "torch", "--to", "oneflow", *options) == 0
    out = capsys.readouterr().out
    assert "103 values of full.pt that are no tensors: left out" in out
    assert "param_groups" not in out
