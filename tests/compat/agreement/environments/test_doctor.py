"""The doctor tells a framework that works from one that does not."""

from __future__ import annotations

import dataclasses
import os
import sys
from typing import TYPE_CHECKING

import pytest
import torch

from fourfold.compat.agreement.environments import Environment, examine
from fourfold.compat.agreement.worker import ThisPython

if TYPE_CHECKING:
    from pathlib import Path


def torch_of(nothing: Environment, release: str) -> Environment:
    """The running Python, called an environment of some release of torch."""
    return Environment(dataclasses.replace(nothing.specification, release=release), nothing.folder)


class Broken:
    """This Python, with a torch that does something else."""

    def __init__(self, folder: Path, body: str) -> None:
        (folder / "torch.py").write_text(body)
        self.folder = folder

    def command(self, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
        return [sys.executable, *arguments], {**os.environ, "PYTHONPATH": str(self.folder)}


def test_a_framework_that_works_gives_27_products_per_voxel(nothing: Environment) -> None:
    found = examine(torch_of(nothing, torch.__version__), ThisPython())
    assert (found.ok, found.sum, found.version, found.problem) == (True, 8 * 27, torch.__version__, "")


# A torch whose transposed convolution gives what it wants.
WRONG = """
import contextlib
import numpy as np
__version__, float32, bfloat16 = "9.9", "torch.float32", None

class Tensor:
    def __init__(self, value): self.value, self.dtype = value, float32
    def to(self, dtype): return self
    def requires_grad_(self, flag): return self
    def detach(self): return self
    def cpu(self): return self
    def resolve_conj(self): return self
    def numpy(self): return self.value

from_numpy = Tensor

@contextlib.contextmanager
def enable_grad(): yield

class nn:
    class ConvTranspose3d:
        def __init__(self, *arguments, **options): self.weight, self.bias = Tensor(0), None
        def load_state_dict(self, state): pass
        def __call__(self, x): return Tensor(np.full(8, {value}))
"""


@pytest.mark.parametrize(
    ("value", "release", "problem"),
    [
        pytest.param(27.0, "9.9", "", id="right"),
        pytest.param(26.0, "9.9", "the output sums to 208.0, not 216.0", id="wrong-sum"),
        pytest.param(27.0, "9.8", "it is 9.9, not 9.8", id="other-release"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="processes end by signals here")
def test_a_wrong_sum_or_release_is_a_problem(
    nothing: Environment, tmp_path: Path, value: float, release: str, problem: str
) -> None:
    found = examine(torch_of(nothing, release), Broken(tmp_path, WRONG.replace("{value}", str(value))))
    assert (found.problem, found.ok) == (problem, not problem)


def test_an_environment_that_is_missing_is_not_started(nothing: Environment) -> None:
    found = examine(nothing)
    assert (found.ok, found.problem) == (False, "missing: run `fourfold env create nothing`")


@pytest.mark.skipif(sys.platform == "win32", reason="processes end by signals here")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param("print('a driver is missing'); raise ImportError('libcudnn')", "libcudnn", id="import"),
        pytest.param("print('a driver is missing'); import os; os.abort()", "SIGABRT", id="abort"),
    ],
)
def test_a_framework_that_cannot_be_imported_is_described(
    nothing: Environment, tmp_path: Path, body: str, problem: str
) -> None:
    found = examine(nothing, Broken(tmp_path, body))
    assert not found.ok
    assert problem in found.problem.splitlines()[0]
    assert "a driver is missing" in found.problem
