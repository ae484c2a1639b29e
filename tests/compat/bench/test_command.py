from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.compat.bench.fakes import Fake

from fourfold.backend.planning import tuning
from fourfold.compat.bench import measure, peaks
from fourfold.compat.bench.busy import Load, Watch
from fourfold.compat.bench.page import BEGIN, END
from fourfold.compat.cli import console
from fourfold.compat.cli import main as cli
from fourfold.compat.cli.commands import bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TINY = ["bench", "--workload", "S1", "--rounds", "1"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Peaks of small matrices, and one thread, since several wait for each other where cores are busy."""
    monkeypatch.setattr(bench, "peaks", lambda dtypes, device: peaks(dtypes, device, size=32, megabytes=1))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_ours_and_torch_are_in_the_table_and_the_exit_code_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(TINY) == 0
    output = capsys.readouterr().out
    assert "S1/k2s2-1-1" in output
    assert "GB/s" in output


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        pytest.param([], "mode, dtype, layout", id="alike in every row"),
        pytest.param(["--mode", "both", "--layout", "both"], "dtype", id="told apart by them"),
    ],
)
def test_a_narrow_terminal_goes_without_what_tells_no_rows_apart(
    options: list[str], left_out: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "terminal_width", lambda: 80)
    assert cli.main([*TINY, *options]) == 0
    table = capsys.readouterr().out.split("\n\n", maxsplit=1)[0].splitlines()
    assert [line for line in table if len(line) > 80] == []
    assert table[-1].startswith("(no room for: ")
    assert table[-1].endswith(f"{left_out})")


def test_a_wrong_result_exits_with_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "OURS", Fake("fourfold", error=1.0))
    assert cli.main(TINY) == 1
    assert "fourfold is wrong: output different" in capsys.readouterr().out


def test_being_slower_does_not(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "OURS", Fake("fourfold", time=1e6))
    assert cli.main(TINY) == 0
    assert "0.00" in capsys.readouterr().out


def test_modes_dtypes_and_layouts_multiply(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*TINY, "--mode", "both", "--dtype", "all", "--layout", "both", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert len({(one["mode"], one["dtype"], one["layout"]) for one in results}) == 2 * 3 * 2


def test_everything_can_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    paths = {name: tmp_path / name for name in ("found.json", "found.md", "plots")}
    options = ["--json", str(paths["found.json"]), "--markdown", str(paths["found.md"]), "--plot", str(paths["plots"])]
    assert cli.main([*TINY, "--layers", *options]) == 0
    assert json.loads(paths["found.json"].read_text())["version"] == 1
    assert "### forward, float32, contiguous" in paths["found.md"].read_text()
    written = [*(paths["plots"].iterdir()), paths["found.json"], paths["found.md"]]
    assert len(written) == 4
    assert {line.partition(": written, ")[0] for line in capsys.readouterr().err.splitlines()} == set(map(str, written))


def test_markdown_goes_between_the_marks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n{BEGIN}\nreplaced\n{END}\nthe end\n")
    assert cli.main([*TINY, "--markdown", str(page)]) == 0
    text = page.read_text()
    assert text.startswith(f"# Title\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\nthe end\n")
    assert "| S1/k2s2-1-1 |" in text
    assert "replaced" not in text


def test_explain_prints_plans_and_measures_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(bench, "measure")
    assert cli.main(["bench", "--workload", "W4", "--explain"]) == 0
    first, *plan = capsys.readouterr().out.splitlines()
    assert first == "W4/768-128 forward float32 contiguous"
    assert "native" in "\n".join(plan)


def test_explain_as_json_is_a_plan_per_workload(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(bench, "measure")
    assert cli.main(["bench", "--workload", "W4", "--dtype", "float32,float64", "--explain", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["workload"], first["dtype"], second["dtype"]) == ("W4/768-128", "float32", "float64")
    candidates = {each["name"]: each for each in first["candidates"]}
    assert first["algorithm"] in candidates
    assert candidates["native"]["seconds"] > 0
    assert "not one voxel" in candidates["voxel"]["refusal"]


@pytest.mark.parametrize(("others", "said"), [(1.5, True), (0.0, False)], ids=["busy", "quiet"])
def test_a_busy_machine_is_told(
    others: float, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, said: bool
) -> None:
    monkeypatch.setattr(Watch, "load", lambda *_: Load(2, others, 1.0))
    path = tmp_path / "found.json"
    assert cli.main([*TINY, "--json", str(path)]) == 0
    assert ("the machine was busy: other processes took 1.5 of 2" in capsys.readouterr().out) is said
    assert json.loads(path.read_text())["load"] == {"processors": 2, "others": others, "slowest": 1.0}


def test_list_prints_the_work_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--list", "--workload", "W4", "--workload", "W17"]) == 0
    # 2 * 768 * 128 * 8 taps * 512 voxels; 8 channels, 4 taps per axis but at the two ends: 126, 1022 and 1022 land
    assert [line.split()[-2:] for line in capsys.readouterr().out.splitlines()[1:3]] == [
        ["stated", "0.805"],
        ["smaller", f"{2 * 8 * 126 * 1022 * 1022 / 1e9:.3g}"],
    ]


def test_threads_are_set() -> None:
    assert cli.main([*TINY, "--threads", "2"]) == 0
    assert torch.get_num_threads() == 2


def test_autotune_and_cudnn_s_own_choice_hold_for_the_run_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    held: list[tuple[bool, bool]] = []

    def watched(*given: Any) -> Any:
        held.append((tuning.active() is not None, torch.backends.cudnn.benchmark))
        return measure(*given)

    monkeypatch.setattr(bench, "measure", watched)
    assert cli.main(TINY) == 0
    assert cli.main([*TINY, "--autotune", "--cudnn-benchmark"]) == 0
    assert held == [(False, False), (True, True)]
    assert (tuning.active(), torch.backends.cudnn.benchmark) == (None, False)
    assert (tmp_path / "fourfold" / "tuning.json").exists()


def test_other_devices_get_the_large_workloads_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "--list", "--device", "meta"]) == 0
    assert "K/61" in capsys.readouterr().out
    assert cli.main(["bench", "--list"]) == 0
    assert "K/61" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workload", "W99"], "no workload matches 'W99'; there are W1"),
        (["--peers", "theano"], "'theano' is not known; there are openvino"),
        (["--peers", "openvino"], "openvino is missing. Run `fourfold env create openvino`"),
        (["--peers"], "no environment is ready. Make some: `fourfold env create openvino"),
        (["--memory", "--layers"], "leave --layers out"),
        (["--device", "meta2"], "torch cannot use it"),
        (["--rounds", "0"], "0: legal are 1 and above"),
        (["--threads", "x"], "invalid positive value: 'x'"),
        (["--mode", "sideways"], "'sideways' is not known; there are forward, backward, both"),
        (["--json", "/nowhere/at/all"], "cannot write there"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("FOURFOLD_ENVIRONMENTS", str(tmp_path))
    assert cli.main([*TINY, *options]) == 2
    assert message in capsys.readouterr().err
