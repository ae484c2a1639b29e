from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import fourfold
from fourfold.compat.agreement.subjects import ENGINE, SUBJECTS
from fourfold.compat.cli import console
from fourfold.compat.cli import main as cli
from fourfold.compat.cli.arguments.declarations import DECLARATIONS
from fourfold.compat.cli.arguments.env import ACTIONS
from fourfold.compat.cli.commands import agree as agree_command
from fourfold.compat.cli.commands import info

if TYPE_CHECKING:
    from pathlib import Path

    from fourfold.compat.agreement.cases import Case
    from fourfold.compat.agreement.data import Operands
    from fourfold.compat.agreement.definition import Values

QUICK = ["agree", "--cases", "option/kernel-2", "--subjects", "torch"]


class Wrong:
    """A subject that loses the last voxel's bits."""

    name = "wrong"
    bitwise = True
    forms = ("layer",)

    def unsupported(self, case: Case, form: str) -> str | None:
        return None

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        values = ENGINE.run(case, operands, "function")
        output = values.output.copy()
        output[..., -1] += np.float32(1)
        return values._replace(output=output)


@pytest.fixture
def _wrong_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SUBJECTS, "wrong", Wrong())


def test_agreement_exits_with_0_and_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(QUICK) == 0
    output = capsys.readouterr().out
    assert "option/kernel-2" in output
    assert "only rounding: the worst element is at 0.38 of its bound" in output
    assert "agreement: 1 case, 2 runs: all agree" in output


def test_each_front_end_has_a_line_with_ulp_and_shape_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*QUICK[:-1], "torch", "--subjects", "oneflow", "--each"]) == 0
    header, case, *rows = (line.split() for line in capsys.readouterr().out.splitlines()[:4])
    assert header == ["front", "end", "integers", "normal", "ULP", "eps", "output"]
    assert (case, [row[:2] for row in rows]) == (
        ["option/kernel-2"],
        [["torch", "identical"], ["oneflow", "identical"]],
    )
    assert " ".join(rows[0][-5:]) == "(2, 3, 4, 5, 6)"


@pytest.mark.usefixtures("_wrong_subject")
def test_difference_exits_with_1_and_says_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agree", "--cases", "option/kernel-2", "--subjects", "wrong"]) == 1
    output = capsys.readouterr().out
    assert "option/kernel-2[integers] on wrong (layer):" in output
    assert "output against the definition: different: 120 of 720 differ" in output
    assert "DIFFERENCE: 1 case, 2 runs: 2 differ" in output


@pytest.mark.usefixtures("_wrong_subject")
def test_x_stops_at_the_first_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agree", "--cases", "option/stride-*", "--subjects", "wrong", "-x"]) == 1
    output = capsys.readouterr().out
    assert "DIFFERENCE: 1 case, 1 runs: 1 differ" in output
    assert "-x: stopped at the first difference; " in output


@pytest.mark.usefixtures("_wrong_subject")
def test_what_differences_have_in_common_is_said_before_them(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--cases", "option/kernel-2", "--subjects", "wrong", "--max-differences", "1"]
    assert cli.main(["agree", *options]) == 1
    output = capsys.readouterr().out
    assert "what the differences have in common:\n  1 case differs, and none agrees" in output
    assert "(1 more: --max-differences 2 tells of all)" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["agree", "--cases", "nothing"], "no case matches 'nothing'", id="unknown case"),
        pytest.param(["agree", "--cases", "option/group-2"], "Did you mean option/groups-2?", id="case misspelt"),
        pytest.param(["agree", "--subjects", "padle"], "Did you mean paddle?", id="subject misspelt"),
        pytest.param(["agree", "--with", "padle"], "Did you mean paddle?", id="framework misspelt"),
        pytest.param(["bench", "--workload", "W4/768-12"], "Did you mean W4/768-128?", id="workload misspelt"),
        pytest.param(["agree", "--subjects", "caffe"], "no subject matches 'caffe'; there are engine", id="subject"),
        pytest.param(["agree", "--data", "zeros"], "invalid choice: 'zeros'", id="unknown data"),
        pytest.param([*QUICK, "--json", "/nonexistent/x.json"], "cannot write there", id="unwritable file"),
        pytest.param(["divide"], "invalid choice: 'divide'", id="unknown command"),
        pytest.param([], "required: COMMAND. `fourfold --help` lists them.", id="no command"),
        pytest.param(["env"], "required: ACTION. `fourfold env --help` lists them.", id="no action"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_json_to_stdout_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*QUICK, "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert set(report) == {
        "format", "environment", "odds", "ok", "seconds", "largest_rounding", "largest_share", "cases", "results",
    }  # fmt: skip
    assert report["format"] == "fourfold agreement 2"
    assert set(report["cases"]) == {"option/kernel-2"}
    assert [(result["data"], result["form"]) for result in report["results"]] == [
        ("integers", "layer"),
        ("normal", "layer"),
    ]
    assert set(report["results"][0]) == {
        "case", "data", "subject", "form", "status", "reason", "ok", "outcome", "known", "equal_if",
        "output_shape", "seconds", "checks", "beside",
    }  # fmt: skip
    assert {check["against"] for check in report["results"][0]["checks"]} == {"definition", "engine"}


def test_json_to_a_file_leaves_the_table_and_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    assert cli.main([*QUICK, "--json", str(path)]) == 0
    assert json.loads(path.read_text(encoding="utf-8"))["ok"] is True
    said = capsys.readouterr()
    assert "all agree" in said.out
    assert re.fullmatch(rf"{re.escape(str(path))}: written, [\d.]+ KiB\n", said.err)


def test_every_form_runs_functions_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*QUICK, "--every-form", "--data", "integers", "--json"]) == 0
    assert [result["form"] for result in json.loads(capsys.readouterr().out)["results"]] == ["layer", "functional"]


def test_list_prints_every_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agree", "--list"]) == 0
    output = capsys.readouterr().out
    assert "documented/fluid" in output
    assert "option/bfloat16" in output


def test_interruption_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(agree_command, "agree", interrupted)
    assert cli.main(QUICK) == 130
    assert capsys.readouterr().err == "fourfold: interrupted\n"


def test_without_rich_the_table_is_plain_and_a_hint_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "has_rich", lambda: False)
    monkeypatch.setattr(agree_command, "has_rich", lambda: False)
    assert cli.main(QUICK) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].split()[:2] == ["option/kernel-2", "agrees"]
    assert "pip install rich" in captured.err


@pytest.mark.parametrize("quiet", [True, False])
def test_progress_passes_every_step_on(capsys: pytest.CaptureFixture[str], *, quiet: bool) -> None:
    assert list(console.progress(iter([1, 2, 3]), 3, "counting", quiet=quiet)) == [1, 2, 3]
    assert capsys.readouterr() == ("", "")


def test_progress_in_a_log_is_a_line_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    log, line = io.StringIO(), "counting: 1,234 of 2,000, 0 min\n"
    monkeypatch.setattr("sys.stderr", log)
    monkeypatch.setattr(console, "MINUTE", 0.01)
    until = time.monotonic() + 30
    for step in console.progress(iter(range(2000)), 2000, "counting"):
        while step == 1234 and line not in log.getvalue() and time.monotonic() < until:
            time.sleep(0.01)
    assert line in log.getvalue()


def test_version_and_help_exit_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"fourfold {fourfold.__version__}\n"
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in DECLARATIONS if f"\n    {name}" not in shown] == []


WITHOUT_TORCH = [
    ["--help"],
    ["--version"],
    ["agre"],
    ["record", "--with", "paddle"],
    ["env", "list"],
    ["env", "create", "padle"],
    ["agree", "--with", "padle"],
    ["bench", "--dtype", "float23"],
    ["convert", "source", "destination", "--from", "caffe", "--to", "torch"],
    ["run", "--as", "caffe", "script.py"],
    ["vectors", "record", "--with", "caffe"],
    *([name, "--help"] for name in DECLARATIONS),
    *(["env", action, "--help"] for action in ACTIONS),
    ["vectors", "record", "--help"],
]


@pytest.mark.parametrize("arguments", WITHOUT_TORCH, ids=" ".join)
def test_what_needs_no_torch_does_not_wait_for_it(arguments: list[str]) -> None:
    script = "import sys; from fourfold.compat.cli.main import main; main(sys.argv[1:]); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False", done.stderr


def test_what_was_probably_meant_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["agre"]) == 2
    assert "Did you mean agree?" in capsys.readouterr().err
    assert cli.main(["agree", "--data", "integer"]) == 2
    assert "Did you mean integers?" in capsys.readouterr().err


def test_an_old_spelling_points_to_the_new_one_and_to_what_its_name_promised(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["record", "--with", "paddle"]) == 2
    message = capsys.readouterr().err
    assert "`fourfold vectors record`" in message
    assert "`fourfold recorder`" in message


def test_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fourfold", "agree", "--cases", "nothing"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fourfold: no case matches 'nothing'")


def test_a_reader_that_has_enough_ends_it_without_an_error(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    fourfold.save_checkpoint({"weight": np.zeros((2, 3), np.float32)}, path, format="megengine")
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "fourfold", "inspect", str(path)],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_pipe_of_another_kind_stays_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(info, "run", fail)
    with pytest.raises(BrokenPipeError):
        cli.main(["info"])
