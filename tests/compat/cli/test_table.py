"""Tables keep to a width, and never break what has to stay whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourfold.compat.cli import console
from fourfold.compat.cli.table import Piece, Row, lay, letters

if TYPE_CHECKING:
    import pytest

HEADERS = ("name", "size", "note")
ROWS = [Row(("encoder.weight", "3 x 2", "as it is in the file")), Row(("a", "1", ""), "bad")]


def text(lines: list[list[Piece]]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


def test_without_a_width_every_row_is_a_line() -> None:
    assert text(lay(HEADERS, ROWS).lines) == [
        "name            size   note",
        "encoder.weight  3 x 2  as it is in the file",
        "a               1",
    ]


def test_the_widest_column_is_folded_between_words() -> None:
    assert text(lay(HEADERS, ROWS, 36).lines) == [
        "name            size   note",
        "encoder.weight  3 x 2  as it is in",
        "                       the file",
        "a               1",
    ]


def test_a_whole_table_folds_nothing() -> None:
    assert text(lay(HEADERS, ROWS, 10, whole=True).lines)[1] == "encoder.weight  3 x 2  as it is in the file"


def test_a_whole_table_folds_the_column_that_may_be() -> None:
    assert text(lay(HEADERS, ROWS, 36, whole=True, folded="note").lines)[1:3] == [
        "encoder.weight  3 x 2  as it is in",
        "                       the file",
    ]


def test_optional_columns_go_from_the_last_on_and_are_named() -> None:
    table = lay(HEADERS, ROWS, 21, whole=True, optional=("size", "note"))
    assert text(table.lines)[1] == "encoder.weight  3 x 2"
    assert table.left_out == ["note"]


def test_a_row_of_one_cell_is_a_heading_that_widens_no_column() -> None:
    lines = text(lay(HEADERS, [Row(("a heading that is longer than all",)), *ROWS[1:]]).lines)
    assert lines == ["name  size  note", "a heading that is longer than all", "a     1"]


def test_each_cell_may_have_a_look_of_its_own() -> None:
    (_, line) = lay(("a", "b"), [Row(("x", "y"), "dim", ("", "bad"))]).lines
    assert [(piece.text.strip(), piece.style) for piece in line] == [("x", ""), ("y", "bad")]


def test_letters_that_take_two_places_count_as_two() -> None:
    lines = text(lay(("a", "b"), [Row(("層", "x")), Row(("ab", "y"))]).lines)
    assert [letters(line) for line in lines[1:]] == [5, 5]


def test_a_terminal_s_width_is_kept_and_what_has_no_room_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "terminal_width", lambda: 21)
    console.print_table(HEADERS, ROWS, whole=True, optional=("note",))
    assert capsys.readouterr().out.splitlines()[-1] == "(no room for: note)"


def test_what_fits_is_as_it_was_given() -> None:
    lines = lay(("where", "uses"), [Row(("  script.py:3", "   2"))]).lines
    assert text(lines) == ["where          uses", "  script.py:3     2"]
