"""A bar is shown on a terminal, on stderr, and only for what takes long."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from fourfold.compat.cli.commands.waiting import waiting
from fourfold.compat.cli.main import main

DATA = Path(__file__).parents[3] / "data" / "checkpoints"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal in the place of stderr; no fixture, since pytest's capture takes that place again after setup."""
    pytest.importorskip("rich")
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def wait_for(text: str, stream: io.StringIO) -> None:
    until = time.monotonic() + 30
    while text not in stream.getvalue() and time.monotonic() < until:
        time.sleep(0.01)


@pytest.mark.parametrize(("total", "shown"), [(2048, "1.0/2.0 KiB"), (None, "reading")], ids=["counted", "uncounted"])
def test_what_takes_long_has_a_bar(total: int | None, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr("fourfold.compat.cli.commands.waiting.SECONDS", 0.0)
    with waiting("reading", total) as advance:
        advance(1024)
        wait_for(shown, terminal)
    assert shown in terminal.getvalue()


def test_what_is_done_at_once_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with waiting("reading", 2048) as advance:
        advance(2048)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("total", "line"), [(2048, "reading: 1.0 KiB of 2.0 KiB, 0 min\n"), (None, "reading, 0 min\n")], ids=["counted", ""]
)
def test_a_log_has_a_line_a_minute(total: int | None, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("fourfold.compat.cli.console.MINUTE", 0.01)
    with waiting("reading", total) as advance:
        advance(1024)
        wait_for(line, stream)
    assert line in stream.getvalue()


def test_a_pipe_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("fourfold.compat.cli.commands.waiting.SECONDS", 0.0)
    with waiting("reading") as advance:
        advance(1)
        time.sleep(0.05)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("command", "steps"),
    [
        (["inspect", "fluid-1.8.pdparams"], ["reading"]),
        (
            ["convert", "fluid-1.8.pdparams", "OUT", "--from", "fluid", "--to", "torch"],
            ["listing", "reading", "writing"],
        ),
    ],
    ids=["inspect", "convert"],
)
def test_the_commands_have_bars(
    command: list[str], steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def noted(describe: str, total: int | None = None) -> object:
        shown.append(describe)
        return waiting(describe, total)

    monkeypatch.setattr(f"fourfold.compat.cli.commands.{command[0]}.waiting", noted)
    monkeypatch.setattr("fourfold.compat.cli.commands.reading.waiting", noted)
    places = {"OUT": str(tmp_path / "out"), "fluid-1.8.pdparams": str(DATA / "fluid-1.8.pdparams")}
    extra = ["--kind", "=conv_transpose:2", "--quiet"] if command[0] == "convert" else []
    assert main([places.get(part, part) for part in command] + extra) == 0
    assert shown == steps
