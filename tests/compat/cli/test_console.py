"""Nothing of a stranger's file steers the terminal or passes for a line of ours, wherever it is printed."""

from __future__ import annotations

import ast
import io
import json
import struct
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.compat.hostile_names import FORGED, NAMES, harm

from fourfold import CheckpointError, load_checkpoint, port_state, save_checkpoint
from fourfold.compat.agreement.recorder import record
from fourfold.compat.cli import console
from fourfold.compat.cli.commands.env import PlainReporter, RichReporter
from fourfold.compat.cli.main import main
from fourfold.compat.porting import PortingError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
# Programs of their own, which nobody reads, and what a user's script prints.
OTHERS = [
    *("compat/agreement/deviations/__main__.py", "compat/bench/memory.py", "compat/bench/peers/script.py"),
    "compat/agreement/names/player.py",  # what an example prints, which is kept
]
PRINTING = ["print", "sys.stdout.write", "sys.stderr.write", "traceback.print_exc", "traceback.print_exception"]


def calls(path: Path) -> list[str]:
    """Return what a module calls that prints."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    called = [(node.lineno, ast.unparse(node.func)) for node in nodes if isinstance(node, ast.Call)]
    return [f"line {line}: {name}" for line, name in called if name in PRINTING]


def test_only_the_console_prints() -> None:
    modules = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "compat").rglob("*.py"))}
    found = {name: calls(path) for name, path in modules.items() if name not in (*OTHERS, "compat/cli/console.py")}
    printing = {name: lines for name, lines in found.items() if lines}
    assert printing == {}, "use say() and complain() of compat/cli/console.py: they escape what steers a terminal"


@pytest.fixture(params=[True, False], ids=["rich", "plain"])
def _rich(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param:
        pytest.importorskip("rich")
    monkeypatch.setattr(console, "has_rich", lambda: request.param)


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
@pytest.mark.usefixtures("_rich")
def test_tables_and_trees_show_names_as_they_are_without_harm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(("column",), [console.Row((name,)), console.Row((name,), "bad")])
    console.print_tree({name: {name: name}})
    output = capsys.readouterr().out
    assert harm(output) == []
    shown = name if name.isprintable() else "a\\"
    assert [shown in line for line in output.splitlines()] == [False, True, True, True, True]


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_lines_and_messages_show_names_without_harm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.say(name, name, error=True)
    console.complain(f"{name} is wrong")
    output = capsys.readouterr().err
    assert harm(output) == []
    assert output.startswith("a" if name.startswith("a") else name)


def test_later_lines_of_a_message_are_indented(capsys: pytest.CaptureFixture[str]) -> None:
    console.complain("pip failed:\nERROR: no\nThe log is there.")
    assert capsys.readouterr().err == "pip failed:\n  ERROR: no\n  The log is there.\n"


def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", write_through=True))
    console.say("層 é")
    console.print_table(("層",), [console.Row(("é",))])
    assert written.getvalue().decode("ascii").splitlines()[0] == r"\u5c64 \xe9"


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_tracebacks_show_names_without_harm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError(f"refused: {name}".replace("\n", " "))
    console.print_exception(ValueError, error, None)
    assert harm(capsys.readouterr().err) == []


# --- commands -------------------------------------------------------------------------------------------------------


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A checkpoint with every name, as its tensors' and in its name table."""
    tensors = {name: torch.tensor([float(index)]) for index, name in enumerate(NAMES.values())}
    path = tmp_path / "names.pdparams"
    save_checkpoint(tensors, path, format="paddle", name_table={name: f"{name}_0" for name in tensors})
    return path


@pytest.mark.usefixtures("_rich")
def test_inspect_shows_names_without_harm(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(checkpoint)]) == 0
    output = capsys.readouterr().out
    assert harm(output) == []
    assert len(output.splitlines()) == 2 + len(NAMES) + 1
    assert "[link=http://b]a[/link]  1  float32" in output


@pytest.mark.usefixtures("_rich")
def test_convert_shows_names_without_harm_and_writes_them_as_they_are(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--from", "paddle", "--to", "megengine", "--passthrough", "*"]
    assert main(["convert", str(checkpoint), str(tmp_path / "new"), *options]) == 0
    output = capsys.readouterr().out
    assert harm(output) == []
    assert len([line for line in output.splitlines() if "passed through" in line]) == len(NAMES) + 1
    assert list(load_checkpoint(tmp_path / "new").tensors) == list(NAMES.values())


@pytest.mark.parametrize("command", ["inspect", "convert"])
def test_json_has_the_names_as_they_are(
    command: str, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [str(tmp_path / "new"), "--from", "paddle", "--to", "torch", "--passthrough", "*"]
    assert main([command, str(checkpoint), *(options if command == "convert" else []), "--json"]) == 0
    output = capsys.readouterr().out
    assert harm(output) == []
    tensors = json.loads(output)["tensors"]
    assert [tensor["name" if command == "inspect" else "source"] for tensor in tensors] == list(NAMES.values())


def test_a_report_of_porting_is_without_harm() -> None:
    state = {name: np.zeros(1) for name in NAMES.values()}
    _, report = port_state(state, source="torch", target="torch", module={}, passthrough=["*"])
    assert harm(str(report)) == []


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_errors_of_porting_are_without_harm(name: str) -> None:
    with pytest.raises(PortingError) as caught:
        port_state({name: np.zeros(1)}, source="torch", target="torch", module={"x": "linear"})
    assert harm(str(caught.value)) == []


def naming(name: str) -> bytes:
    """A pickle of a global."""
    data = name.encode("utf-8", "surrogatepass")
    return b"\x80\x04\x8c\x02os\x8c" + struct.pack("<B", len(data)) + data + b"\x93."


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_refused_globals_are_named_without_harm(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_bytes(naming(name))
    assert main(["inspect", str(tmp_path / "x")]) == 2
    output = capsys.readouterr().err
    assert harm(output) == []
    assert "refused: the file names os." in output
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(tmp_path / "x")
    assert harm(str(caught.value)) == []


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_names_of_files_are_without_harm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = name.replace("\ud800", "\udc80")  # a byte that is no UTF-8
    assert main(["inspect", f"/nowhere/{name}"]) == 2
    assert main(["inspect", "x", "y", name]) == 2
    assert harm(capsys.readouterr().err) == []


MODEL = """
import torch
NAMES = {names!a}
class Model(torch.nn.Module):
    def __init__(self, add=0.0):
        super().__init__()
        self.add = add
        torch.manual_seed(0)
        for name in NAMES:
            self.add_module(name, torch.nn.Linear(2, 2))
    def forward(self, x):
        for name in NAMES:
            x = self._modules[name](x + self.add)
        return {{name: x for name in NAMES}}
def wrong():
    return Model(1.0)
def short():
    return Model().get_submodule(NAMES[0])
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A recording whose every name and version is hostile, beside the model `hostile_model`."""
    folder = tmp_path_factory.mktemp("hostile")
    names = [name for name in NAMES.values() if "." not in name]
    (folder / "hostile_model.py").write_text(MODEL.format(names=names), encoding="utf-8")
    sys.path.insert(0, str(folder))
    import hostile_model  # type: ignore[import-not-found]

    record(hostile_model.Model(), np.ones((1, 2), np.float32), folder / "plain.zip")
    with zipfile.ZipFile(folder / "plain.zip") as old, zipfile.ZipFile(folder / "x.zip", "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "manifest.json":
                manifest: dict[str, Any] = json.loads(data)
                forged = f"2\x1b[1K\r{FORGED} with torch 2.13: 9 layer calls, all within their bounds; 9 outputs"
                manifest["framework"]["version"] = f"{forged}\n{FORGED}"
                for layer in manifest["layers"]:
                    layer["class"] += f"\n{FORGED}\x1b[2J\u202e"
                data = json.dumps(manifest).encode()
            new.writestr(member, data)
    yield folder / "x.zip"
    sys.path.remove(str(folder))
    del sys.modules["hostile_model"]


@pytest.mark.parametrize(("model", "code"), [("Model", 0), ("wrong", 1), ("short", 2)])
@pytest.mark.usefixtures("_rich")
def test_verify_shows_names_and_versions_without_harm(
    model: str, code: int, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle), "--model", f"hostile_model:{model}", "--gradients", "--loaded"]) == code
    output = "".join(capsys.readouterr())
    assert harm(output) == []
    word = {0: "agreement with ", 1: "DIFFERENCE with ", 2: "fourfold: "}[code]
    last = [line for line in output.splitlines() if "pip install" not in line][-1]
    assert last.startswith(word)
    assert "9 outputs" not in last


def test_verify_s_json_has_the_version_as_it_is(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(bundle), "--model", "hostile_model:Model", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["framework"].endswith(f"\n{FORGED}")


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_what_pip_prints_is_without_harm(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    PlainReporter().step(name)
    PlainReporter().line(name)
    assert harm(capsys.readouterr().err) == []


class Display:
    """Remembers what a bar of rich would show."""

    def __init__(self) -> None:
        self.tasks = [self]
        self.total: float | None = None
        self.shown: list[str] = []

    def add_task(self, description: str, **_: object) -> int:
        return 0

    def update(self, _: int, *, description: str = "", **options: object) -> None:
        self.shown.append(description)


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_a_bar_shows_pip_s_lines_without_harm(name: str) -> None:
    display = Display()
    reporter = RichReporter(display)
    reporter.step(name)
    reporter.line(f"Downloading http://x/{name}")
    assert [harm(text) for text in display.shown] == [[], []]


LETTERS = st.characters(exclude_categories=[])


@given(names=st.lists(st.text(LETTERS, min_size=1, max_size=20), min_size=1, max_size=5, unique=True))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_at_all_does_harm(names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, new = tmp_path / "x", tmp_path / "new"
    save_checkpoint({f"n{name}": torch.ones(1) for name in names}, path, format="megengine")
    assert main(["inspect", str(path)]) == 0
    options = ["--from", "megengine", "--to", "torch", "--passthrough", "*", "--force"]
    assert main(["convert", str(path), str(new), *options]) == 0
    assert harm("".join(capsys.readouterr())) == []
