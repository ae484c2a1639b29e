"""`fourfold agree --subject`: one's own class, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.compat import cli
from fourfold.compat.agreement import agree
from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.subjects.author import Author, SubjectError

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = """
import os
from torch import nn
from fourfold.frontends.megengine.module import ConvTranspose3d as MegEngine
from fourfold.frontends.paddle.nn import Conv3DTranspose as Paddle
from fourfold.frontends.oneflow.nn import ConvTranspose3d as OneFlow

class Right(nn.ConvTranspose3d):
    def forward(self, input, output_size=None):
        print("what a class prints must not end up among the answers")
        return super().forward(input, output_size)

class Doubled(nn.ConvTranspose3d):
    def forward(self, input):
        return 2 * super().forward(input)

class Cropped(nn.ConvTranspose3d):
    def forward(self, input):
        return super().forward(input)[..., 1:]

class Raises(nn.ConvTranspose3d):
    def forward(self, input):
        raise ArithmeticError("no strides today")

class Dies(nn.ConvTranspose3d):
    def forward(self, input):
        if self.stride[0] == 2:
            os.abort()
        return super().forward(input)

class Narrow(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()

number = 3
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_classes.py").write_text(CLASSES, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "api"), [("Right", "torch"), ("MegEngine", "megengine"), ("Paddle", "paddle"), ("OneFlow", "oneflow")]
)
def test_a_right_class_agrees(name: str, api: str) -> None:
    with Author(f"own_classes:{name}", api) as subject:
        results = list(agree(select(["option/stride-2", "option/groups-2"]), [subject]))
    assert [result.outcome for result in results] == ["agrees", "agrees"]


def test_a_crash_is_a_result_and_the_next_case_runs() -> None:
    with Author("own_classes:Dies", "torch") as subject:
        results = list(agree(select(["option/stride-2", "option/stride-3"]), [subject]))
    assert [result.outcome for result in results] == ["crashed", "agrees"]
    assert results[0].reason == "SIGABRT (forward and backward)"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("Doubled", "output against the definition: different", id="wrong values"),
        pytest.param("Cropped", "shape (2, 3, 7, 9, 10) for (2, 3, 7, 9, 11)", id="wrong shape"),
        pytest.param("Raises", "refused: ArithmeticError: no strides today", id="exception"),
    ],
)
def test_a_wrong_class_is_found_out(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["agree", "--subject", f"own_classes:{name}", "--api", "torch", "--cases", "option/stride-2"]
    assert cli.main(arguments) == 1
    output = capsys.readouterr().out
    assert said in output
    assert f"repeat: fourfold agree --cases 'option/stride-2' --subject own_classes:{name} --api torch" in output


@pytest.mark.parametrize(
    ("target", "api", "message"),
    [
        pytest.param("own_classes", "torch", "name a module and a class in it", id="no class named"),
        pytest.param("no_such_module:A", "torch", "No module named 'no_such_module'", id="no module"),
        pytest.param("own_classes:Wide", "torch", "has no attribute 'Wide'", id="no such class"),
        pytest.param("own_classes:number", "torch", "is a int; it must be a class", id="no class"),
        pytest.param("own_classes:Narrow", "torch", "API of torch takes in_channels, out_channels", id="signature"),
        pytest.param("own_classes:Narrow", "megengine", "too many positional arguments", id="positional"),
        pytest.param("own_classes:Right", "caffe", "choose from torch, paddle, megengine, oneflow", id="API"),
    ],
)
def test_a_class_that_cannot_be_used_is_an_error_that_says_why(target: str, api: str, message: str) -> None:
    with pytest.raises(SubjectError, match=message):
        Author(target, api)


@pytest.mark.parametrize(
    "arguments", [["--subject", "own_classes:Right"], ["--api", "torch"]], ids=["without API", "without class"]
)
def test_class_and_api_go_together(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agree", *arguments]) == 2
    assert "--subject and --api go together" in capsys.readouterr().err
