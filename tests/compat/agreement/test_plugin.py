"""The plugin in pytest runs of its own: what passes, what a failure says, what is skipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.environments import ready

from fourfold.compat.agreement.assertion import compare_layer
from fourfold.compat.agreement.environments import SPECIFICATIONS
from fourfold.compat.agreement.environments.environment import MARKER

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
ENVIRONMENTS = os.environ.get("FOURFOLD_ENVIRONMENTS")
PLUGIN = "fourfold.compat.agreement.plugin"
# its kernel is flipped along width, as a correlation's would be
LAYERS = """
import pytest
import torch

class Right(torch.nn.ConvTranspose3d):
    pass

class Wrong(torch.nn.ConvTranspose3d):
    def forward(self, x):
        return torch.nn.functional.conv_transpose3d(x, self.weight.flip(-1), self.bias, self.stride)
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a test module in this process, with no plugin but ours and with warnings as errors."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(pytester.path / "no environments"))

    def start(tests: str, *options: str) -> pytest.RunResult:
        # torch and fourfold are in this process already: a run of its own would load them again
        assert compare_layer.__module__ in sys.modules
        pytester.makepyfile(LAYERS + tests)
        arguments = ("-p", PLUGIN, "-p", "no:cacheprovider", "--strict-markers", "-W", "error", "-rs", *options)
        return pytester.runpytest_inprocess(*arguments)

    return start


@pytest.mark.parametrize("framework", ["definition", "torch"])
def test_a_right_layer_passes_in_three_lines(run: Run, framework: str) -> None:
    result = run(f"""
def test_it(agreement):
    layer = Right(4, 6, 3, stride=2)
    agreement(layer, "{framework}").check()

def test_it_with_assert(agreement):
    assert agreement(Right(4, 6, 3, stride=2), framework="{framework}", input_size=(2, 3, 4))
""")
    result.assert_outcomes(passed=2)


MESSAGE = [
    "*Wrong and torch * do not agree",
    "*case *Wrong/integers: (2, 4, 2, 3, 4) -> (2, 6, 5, 7, 9), float32, seed 3",
    "*output *different: * of 3780, the worst at",
    "*index *(?, ?, ?, ?, ?)",
    "*layer *.0",
    "*torch *.0",
    "*definition *.0",
    "*distance *ULP*",
    "*bound *none, integers must be equal",
    "*grad_bias *identical",
    "*compare_layer(layer, 'torch', input_size=(2, 3, 4), batch=2,",
    "*dtype='float32', data='integers', seed=3).check()",
]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("agreement(layer, 'torch', input_size=(2, 3, 4), seed=3).check()", id="check"),
        pytest.param("assert agreement(layer, 'torch', input_size=(2, 3, 4), seed=3)", id="assert"),
    ],
)
def test_a_failure_says_what_differs_where_by_how_much_and_how_to_repeat_it(run: Run, statement: str) -> None:
    result = run(f"""
def test_it(agreement):
    layer = Wrong(4, 6, 3, stride=2)
    {statement}
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(MESSAGE)
    result.stdout.fnmatch_lines(["*Wrong/normal*", "*bound *; found * times that"])
    assert result.stdout.str().count("Wrong/integers") == 1


def test_a_failed_assert_names_the_worst_element(run: Run) -> None:
    result = run("def test_it(agreement):\n    assert agreement(Wrong(4, 6, 3), 'torch')")
    result.stdout.fnmatch_lines(
        ["*assert <Agreement of Wrong with torch *: different, output [[]* is *.0 for *.0, *ULP*>"]
    )


def test_a_disagreement_that_a_test_expects_is_not_reported(run: Run) -> None:
    result = run("def test_it(agreement):\n    assert not agreement(Wrong(4, 6, 3), 'torch')")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*do not agree*")


CALLED = """
def test_it(agreement):
    agreement(Right(4, 6, 3), "megengine").check()
"""
MARKED = """
@pytest.fixture
def costly():
    raise RuntimeError("made before the test was skipped")

@pytest.mark.fourfold(framework="megengine")
def test_it(agreement, costly):
    agreement(Right(4, 6, 3)).check()
"""
WITHOUT_FIXTURE = """
@pytest.mark.fourfold("megengine")
def test_it():
    pass
"""
MISSING = [
    pytest.param(CALLED, id="called"),
    pytest.param(MARKED, id="marked"),
    pytest.param(WITHOUT_FIXTURE, id="marked-without-fixture"),
]


@pytest.mark.parametrize("tests", MISSING)
def test_a_missing_environment_skips_and_says_how_to_make_it(run: Run, tests: str) -> None:
    result = run(tests)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["SKIPPED [[]1[]] test_a_missing*.py:*: environment 'megengine' is missing; run: fourfold env create megengine"]
    )


@pytest.mark.parametrize("tests", MISSING)
def test_the_option_turns_these_skips_into_failures(run: Run, tests: str) -> None:
    result = run(tests, "--fourfold-require")
    outcomes = result.parseoutcomes()
    assert sum(outcomes.get(name, 0) for name in ("failed", "errors")) == sum(outcomes.values()) == 1
    result.stdout.fnmatch_lines(["environment 'megengine' is missing; run: fourfold env create megengine (*"])


def test_the_mark_names_framework_and_options_and_the_call_goes_before_them(run: Run) -> None:
    result = run("""
@pytest.mark.fourfold(framework="definition", input_size=2, data="integers")
class TestIt:
    def test_mark(self, agreement):
        (case,) = agreement(Right(4, 6, 3)).cases
        assert case.input_size == (2, 2, 2)

    def test_call(self, agreement):
        found = agreement(Right(4, 6, 3), "torch", input_size=3)
        assert found.framework == "torch"
        assert found.cases[0].input_size == (3, 3, 3)

    @pytest.mark.fourfold("torch")
    def test_closer_mark(self, agreement):
        assert len(agreement(Right(4, 6, 3)).cases) == 2
""")
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        pytest.param(
            "", '*TypeError: which framework? Call agreement(layer, "megengine"), or mark the test*', id="none"
        ),
        pytest.param("@pytest.mark.fourfold", "*the mark fourfold takes the name of one framework*", id="no-name"),
        pytest.param(
            "@pytest.mark.fourfold('tensorflow')",
            "*framework='tensorflow' is not known; choose from definition, torch, paddle*",
            id="unknown",
        ),
    ],
)
def test_a_test_that_names_no_framework_is_told_how(run: Run, mark: str, message: str) -> None:
    result = run(f"{mark}\ndef test_it(agreement):\n    agreement(Right(4, 6, 3))")
    result.stdout.fnmatch_lines([message])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_the_mark_is_registered(run: Run) -> None:
    run("", "--markers").stdout.fnmatch_lines(["@pytest.mark.fourfold(framework, [*][*]options): skip unless *"])


# --- frameworks in processes of their own ---------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter is a shell script")
def test_a_framework_starts_once_in_a_session_and_ends_with_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # torch under the name oneflow, in an environment that looks ready
    modules, log, folder = tmp_path / "modules", tmp_path / "log", tmp_path / "environments" / "oneflow"
    modules.mkdir()
    (modules / "oneflow.py").write_text(
        "import sys, torch\ntorch.__version__ = '0-stub'\nsys.modules[__name__] = torch\n"
    )
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho $$ >> "{log}"\nPYTHONPATH="{modules}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (folder / MARKER).write_text(json.dumps({"digest": SPECIFICATIONS["oneflow"].digest}))
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(folder.parent))
    result = run("""
@pytest.mark.parametrize("stride", [1, 2])
def test_right(agreement, stride):
    found = agreement(Right(4, 6, 3, stride=stride), "oneflow").check()
    assert found.version == "0-stub"

def test_wrong(agreement):
    assert agreement(Wrong(4, 6, 3), "oneflow")
""")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["Wrong and oneflow 0-stub do not agree"])
    (process,) = log.read_text().split()
    with pytest.raises(ProcessLookupError):
        os.kill(int(process), 0)


@pytest.mark.live
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_a_right_layer_agrees_with_the_real_framework_and_a_wrong_one_does_not(
    run: Run, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ENVIRONMENTS is None:
        monkeypatch.delenv("FOURFOLD_ENVIRONMENTS")
    else:
        monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", ENVIRONMENTS)
    ready(name)
    result = run(
        f"""
def test_right(agreement):
    agreement(Right(4, 6, 3, stride=2, padding=1, output_padding=1), "{name}").check()

def test_wrong(agreement):
    assert agreement(Wrong(4, 6, 3), "{name}")
""",
        "--fourfold-require",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"Wrong and {name} {SPECIFICATIONS[name].release} do not agree"])


# --- what every other project's test run has to bear ----------------------------------------------------------------


def test_the_plugin_itself_imports_nothing_but_pytest() -> None:
    script = (
        "import importlib.util, sys, pytest\n"
        f"spec = importlib.util.spec_from_file_location('plugin', {str(ROOT / 'compat/agreement/plugin.py')!r})\n"
        "before = set(sys.modules)\n"
        "spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
        "print(sorted(set(sys.modules) - before))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_pytest_finds_the_plugin_by_an_entry_point() -> None:
    line = '[project.entry-points.pytest11]\nfourfold = "fourfold.compat.agreement.plugin"\n'
    assert line in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
