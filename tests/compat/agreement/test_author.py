"""`fourfold agree --subject`: one's own class, in a process of its own."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import pytest
from tests.thorough import some_by_default

from fourfold.compat.agreement import agree
from fourfold.compat.agreement.catalogue import select
from fourfold.compat.agreement.subjects.author import Author, SubjectError
from fourfold.compat.cli import main as cli

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = """
import os
from torch import nn

class Right(nn.ConvTranspose3d):
    def forward(self, input, output_size=None):
        print("what a class prints must not end up among the answers")
        return super().forward(input, output_size)

class Wrong(nn.ConvTranspose3d):
    def forward(self, input):
        if self.groups > 1:
            raise ArithmeticError("no groups today")
        output = super().forward(input)
        return output[..., 1:] if self.stride[0] == 3 else 2 * output

class Dies(nn.ConvTranspose3d):
    def forward(self, input):
        if self.stride[0] == 2:
            os.abort()
        return super().forward(input)

class Empty(nn.Module):
    def __init__(self):
        super().__init__()

class Narrow(nn.Module):
    # no groups, dilation, output padding or bias; the parameters are those of a layer inside

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        self.inner = nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride, padding, bias=False)
        self.weight = self.inner.weight

    def forward(self, x):
        return self.inner(x)

def lonely(x):
    return x

number = 3
"""
FRONT_ENDS = """
from fourfold.frontends.megengine.module import ConvTranspose3d as MegEngine
from fourfold.frontends.paddle.nn import Conv3DTranspose as Paddle
from fourfold.frontends.oneflow.nn import ConvTranspose3d as OneFlow
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_classes.py").write_text(CLASSES, encoding="utf-8")
    (tmp_path / "own_front_ends.py").write_text(FRONT_ENDS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.parametrize(
    "own",
    some_by_default(
        {
            "torch": ("own_classes:Right", "torch"),
            "megengine": ("own_front_ends:MegEngine", "megengine"),
            "paddle": ("own_front_ends:Paddle", "paddle"),
            "oneflow": ("own_front_ends:OneFlow", "oneflow"),
        },
        {"torch"},
    ),
)
def test_a_right_class_agrees(own: tuple[str, str]) -> None:
    name, api = own
    with Author(name, api) as subject:
        results = list(agree(select(["option/stride-2", "option/groups-2"]), [subject]))
    assert [result.outcome for result in results] == ["agrees", "agrees"]


@pytest.mark.thorough
def test_a_crash_is_a_result_and_the_next_case_runs() -> None:
    with Author("own_classes:Dies", "torch") as subject:
        results = list(agree(select(["option/stride-2", "option/stride-3"]), [subject]))
    assert [result.outcome for result in results] == ["crashed", "agrees"]
    assert results[0].reason == "SIGABRT (forward)"


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the command prints of a class that is wrong in a way of its own in each of three cases."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "own_classes.py").write_text(CLASSES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as output:
        patch.syspath_prepend(str(folder))
        cases = [f"--cases=option/{name}" for name in ("stride-2", "stride-3", "groups-2")]
        assert cli.main(["agree", "--subject", "own_classes:Wrong", "--api", "torch", *cases]) == 1
    return output.getvalue()


@pytest.mark.parametrize(
    ("case", "said"),
    [
        pytest.param("stride-2", "output against the definition: different", id="wrong values"),
        pytest.param("stride-3", "shape (2, 3, 9, 12, 14) for (2, 3, 9, 12, 15)", id="wrong shape"),
        pytest.param(
            "groups-2",
            "raised: ArithmeticError: no groups today (forward), at own_classes.py:13 in forward: raise",
            id="exception",
        ),
    ],
)
def test_a_wrong_class_is_found_out(case: str, said: str, complaints: str) -> None:
    assert said in complaints
    assert f"repeat: fourfold agree --cases 'option/{case}' --subject own_classes:Wrong --api torch" in complaints


@pytest.mark.thorough
def test_a_class_without_bias_is_asked_without_in_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--subject", "own_classes:Narrow", "--api", "torch", "--data", "integers"]
    assert cli.main(["agree", *arguments, "--cases", "option/stride-2", "--cases", "option/groups-2"]) == 0
    output = capsys.readouterr().out
    assert "1 case: it takes no groups" in output
    assert "agreement: 2 cases, 1 runs: all agree" in output


@pytest.mark.parametrize(
    ("target", "api", "message"),
    [
        pytest.param("own_classes", "torch", "name a module and a class or function in it", id="no class named"),
        pytest.param("no_such_module:A", "torch", "No module named 'no_such_module'", id="no module"),
        pytest.param("own_classes:Wide", "torch", "has no attribute 'Wide'", id="no such class"),
        pytest.param("own_classes:number", "torch", "is a int; it must be a class or a function", id="no class"),
        pytest.param(
            "own_classes:Empty",
            "torch",
            "As a class with the API of torch it takes in_channels, out_channels",
            id="class",
        ),
        pytest.param(
            "own_classes:lonely", "paddle", "As a function with the API of paddle it takes x, weight", id="function"
        ),
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
