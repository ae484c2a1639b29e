"""Checkpoints that the real frameworks wrote, in the plain torch U-Net of the example."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from examples.unet import port as example
from examples.unet.record import record
from tests.environments import ready

from fourfold import load_checkpoint, save_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from fourfold.compat.literals import Api

PNG = b"\x89PNG\r\n\x1a\n"
MANIFEST: dict[str, dict[str, Any]] = json.loads((example.RECORDED / "manifest.json").read_text(encoding="utf-8"))
ported_once = cache(example.port)

frameworks = pytest.mark.parametrize("framework", example.CHECKPOINTS)


@frameworks
def test_a_recorded_checkpoint_computes_in_torch_what_the_framework_recorded(framework: str) -> None:
    ported = ported_once(framework)
    assert ported.ok
    assert [layer.status.value for layer in ported.verification.layers] == ["compared"] * 20
    assert ((ported.here > 0) == (ported.there > 0)).all()
    assert ported.there.any()


@pytest.mark.parametrize(
    ("framework", "reshaped"),
    [
        pytest.param("fluid", [f"{block}.act.weight" for block in ("encoder.0", "encoder.1")], id="fluid-slopes"),
        pytest.param("megengine", ["up.0.bias", "up.1.bias", "head.bias"], id="megengine-biases"),
        pytest.param("oneflow", [], id="oneflow-nothing"),
    ],
)
def test_the_report_says_what_a_framework_holds_in_another_shape(framework: str, reshaped: list[str]) -> None:
    found = ported_once(framework).report.reshaped
    assert set(reshaped) <= set(found)
    assert bool(found) is bool(reshaped)


@frameworks
def test_shipped_files_are_what_the_manifest_says(framework: str) -> None:
    paths = [
        path
        for name in (example.CHECKPOINTS[framework], f"{framework}.fourfold.zip")
        for path in [example.RECORDED / name, *(example.RECORDED / name).rglob("*")]
        if path.is_file()
    ]
    found = {
        path.relative_to(example.RECORDED).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }
    assert found == MANIFEST[framework]["sha256"]


def test_another_checkpoint_than_the_recorded_one_is_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("fluid.pdparams", "fluid.fourfold.zip"):
        shutil.copy(example.RECORDED / name, tmp_path)
    state = dict(load_checkpoint(tmp_path / "fluid.pdparams").tensors)
    state["head.bias"] = state["head.bias"] + 1
    save_checkpoint(state, tmp_path / "fluid.pdparams", format="paddle-fluid")
    assert example.main(["fluid", "--recorded", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fluid 1.8.5: DIFFERS"
    assert lines[2] == "  recorded with OTHER tensors"


def test_the_command_prints_a_verdict_each_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert example.main(["--figure", str(tmp_path / "unet.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[::5] == ["fluid 1.8.5: agrees", "megengine 1.13.0: agrees", "oneflow 0.9.0: agrees"]
    assert (tmp_path / "unet.png").read_bytes().startswith(PNG)


def test_a_framework_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        example.main(["caffe"])
    assert "no checkpoint of caffe is there; name some of fluid, megengine, oneflow." in capsys.readouterr().err


def test_a_figure_without_matplotlib_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(SystemExit, match=r"needs matplotlib: pip install '\.\[examples\]'"):
        example.draw({}, tmp_path / "unet.png")


@pytest.mark.live
@frameworks
def test_the_framework_writes_today_what_is_ported_with_the_same_verdicts(framework: Api, tmp_path: Path) -> None:
    ready(framework)
    written = record(framework, tmp_path)
    ported, shipped = example.port(framework, tmp_path), ported_once(framework)
    assert ported.ok
    assert ported.report == shipped.report
    assert [layer.ok for layer in ported.verification.layers] == [layer.ok for layer in shipped.verification.layers]
    assert written["framework"]["version"] == MANIFEST[framework]["framework"]["version"]
