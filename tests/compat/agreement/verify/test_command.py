from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from tests.compat.models import here
from tests.compat.models.recording import RECORDINGS, bundle_of

from fourfold.compat.agreement.verify import verify
from fourfold.compat.agreement.verify.report import as_json
from fourfold.compat.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "tests.compat.models.here"


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
    result = verify(bundle_of("oneflow-unet"), here.wrong_unet())
    found = json.loads(json.dumps(as_json(result), allow_nan=False))
    assert found["first_divergence"] == {"name": "dec2.norm", "call": 0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(command("torch-unet", "nothing"), r"has no attribute 'nothing'", id="no-such-name"),
        pytest.param(command("torch-unet", "F.relu.__name__"), "is a str; it must be a torch module", id="no-model"),
        pytest.param(command("torch-unet", "torch_unet", "--rename", "x"), "rename 'x' is not OLD=NEW", id="rename"),
        pytest.param(command("torch-vnet", "torch_unet"), "nothing in the model takes", id="another-model"),
        pytest.param(["verify", "absent.zip", "--model", f"{MODULE}:torch_unet"], "cannot be read", id="no-file"),
        pytest.param(["verify", __file__, "--model", f"{MODULE}:torch_unet"], "is not a zip archive", id="no-bundle"),
        pytest.param(["verify", "x", "--model", "module"], r"name a module and what is in it", id="no-colon"),
        pytest.param(["verify", "x", "--model", "no_such_module:x"], "No module named", id="no-module"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_command_writes_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jinja2")
    path = tmp_path / "report.html"
    assert main(command("oneflow-unet", "wrong_unet", "--quiet", "--html", str(path))) == 1
    page = path.read_text(encoding="utf-8")
    titles = re.findall(r"<h2>([^<]+)</h2>", page)
    assert titles == ["What diverges", "Layers", "Outputs and gradients of the model", "What was loaded"]
    assert "First divergence: layer &#39;dec2.norm&#39;" in page
    assert re.search(r'<th scope="row">enc1\.conv</th><td>Conv3d</td><td>Conv3d</td>', page)
    assert f"<dd>fourfold verify {bundle_of('oneflow-unet')}" in page


def test_a_report_that_cannot_be_written_is_told_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(command("oneflow-unet", "wrong_unet", "--html", "/nonexistent/report.html")) == 2
    assert "--html=/nonexistent/report.html: there is no such folder" in capsys.readouterr().err
