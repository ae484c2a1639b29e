"""The documentation examples of Paddle and fluid run here, and print what they print in the real frameworks."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from fourfold.compat.agreement.environments import environment
from fourfold.compat.cli import main as cli
from fourfold.frontends import paddle

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).with_name("documentation")


class Example(NamedTuple):
    """An example: the environment it is for, what it prints there, and what else the real framework needs."""

    framework: str
    printed: str
    options: tuple[str, ...] = ()
    variables: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple has no other defaults
    refused: str = ""


# What the real ones print: paddle 3.3.1 and paddle 1.8.5, Linux, CPU.
EXAMPLE = {
    "paddle_functional": Example("paddle", "paddle.Size([2, 6, 10, 10, 10])\n"),
    "paddle_layer": Example("paddle", "paddle.Size([2, 6, 10, 10, 10])\n"),
    # 3.3.1 refuses static.data here unless it is told to represent programs as before: "Input ... must be Tensor"
    "paddle_static": Example("paddle", "1 () float32 True\n", variables={"FLAGS_enable_pir_api": "0"}),
    "fluid_dygraph": Example("fluid", "[5, 12, 23, 43, 43]\n", ("--fluid", "1.8")),
    # of a class before 1.8.5, where it is an error
    "fluid_documented": Example("fluid", "[5, 12, 23, 43, 43]\n", refused="'<' not supported between instances of"),
    "fluid_layers": Example(
        "fluid",
        "[-1, 2, 14, 34, 34] ['conv3d_transpose_0.w_0', 'conv3d_transpose_0.b_0']\n",
        ("--fluid", "1.8"),
    ),
    # a kernel of two ones adds neighbours of -1, 2, 3; what is negative is cut off
    "fluid_executor": Example("fluid", "[0.0, 1.0, 5.0, 3.0]\n", ("--fluid", "1.8")),
}


@pytest.fixture(autouse=True)
def fresh_state() -> Iterator[None]:
    """As in a process of its own."""
    with paddle.unique_name.guard(), paddle.static.program_guard(paddle.static.Program()):
        yield
    paddle.disable_static()


def printed_here(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["run", "--as", "paddle", *EXAMPLE[name].options, str(EXAMPLES / f"{name}.py")]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", EXAMPLE)
def test_the_example_prints_what_it_prints_in_the_real_framework(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed_here(name, capsys) == EXAMPLE[name].printed


def test_every_example_is_run() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(EXAMPLE)


@pytest.mark.live
@pytest.mark.parametrize("name", EXAMPLE)
def test_the_real_framework_prints_it(name: str) -> None:
    example = EXAMPLE[name]
    command, variables = environment(example.framework).command([str(EXAMPLES / f"{name}.py")])
    real = subprocess.run(
        command, env={**variables, **example.variables}, capture_output=True, text=True, check=False, timeout=300
    )
    if example.refused:
        assert real.returncode != 0
        assert example.refused in real.stderr
    else:
        assert real.stdout == example.printed
