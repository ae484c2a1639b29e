"""Tables as lines: columns that fit a width, and text that is never broken where it has to stay whole."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP = "  "
# A column that is folded keeps so many letters.
LEAST = 12


class Row(NamedTuple):
    """Cells of a table, and how they look: `''`, `'dim'`, `'good'`, `'fair'`, `'known'` or `'bad'`.

    Attributes:
        cells: as many as there are headers. One alone, where there are several, is a heading of the rows below it.
        style: of all of them.
        styles: of each, in place of that, from the first on.
    """

    cells: tuple[str, ...]
    style: str = ""
    styles: tuple[str, ...] = ()


class Piece(NamedTuple):
    """A part of a line, and how it looks."""

    text: str
    style: str = ""


class Laid(NamedTuple):
    """A table as lines, and the headers that there was no room for."""

    lines: list[list[Piece]]
    left_out: list[str]


def lay(
    headers: Sequence[str],
    rows: Sequence[Row],
    width: int | None = None,
    *,
    whole: bool = False,
    optional: Sequence[str] = (),
    folded: str = "",
) -> Laid:
    """Lay a table out.

    Args:
        headers: of the columns.
        rows: the others.
        width: letters that a line may have. Default: None, any number.
        whole: whether no cell is ever broken, so that lines may be longer than that. Where it is false, the widest
            column is folded.
        optional: headers of columns that are left out where there is no room, the last of them first.
        folded: header of the one column whose cells may be broken all the same.

    Example:
        >>> table = lay(("name", "size", "note"), [Row(("weight", "3 x 2", "as it is"))], 14, optional=("note",))
        >>> ["".join(piece.text for piece in line) for line in table.lines], table.left_out
        (['name    size', 'weight  3 x 2'], ['note'])
    """
    columns = list(range(len(headers)))
    full = [row for row in rows if len(row.cells) == len(headers)]
    widths = [
        max(letters(cell) for cell in column) for column in zip(headers, *(row.cells for row in full), strict=True)
    ]
    left_out: list[str] = []
    for name in reversed(optional):
        if width is None or _total(widths, columns) <= width:
            break
        columns.remove(headers.index(name))
        left_out.insert(0, name)
    excess = 0 if width is None else _total(widths, columns) - width
    if excess > 0 and (folded or not whole):
        widest = headers.index(folded) if folded else max(columns, key=widths.__getitem__)
        widths[widest] = max(widths[widest] - excess, LEAST)
    head = Row(tuple(headers), "head")
    lines = [line for row in (head, *rows) for line in _lines(row, widths, columns)]
    return Laid(lines, left_out)


def letters(text: str) -> int:
    """Count the places that a text takes on a terminal, where Chinese letters take two.

    >>> letters("weight"), letters("層")
    (6, 2)
    """
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def fold(text: str, width: int) -> list[str]:
    """Return a text in lines of a width, broken at spaces where there are any.

    >>> fold("padding is symmetric", 11), fold("output_padding", 8)
    (['padding is', 'symmetric'], ['output_p', 'adding'])
    """
    if letters(text) <= width:
        return [text]  # blanks at its start too: it is indented
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if letters(joined) <= width:
            lines[-1] = joined
            continue
        lines += [] if lines == [""] else [""]
        for letter in word:
            lines += [""] if letters(lines[-1] + letter) > width else []
            lines[-1] += letter
    return lines


def _total(widths: Sequence[int], columns: Sequence[int]) -> int:
    return sum(widths[column] for column in columns) + len(GAP) * (len(columns) - 1)


def _lines(row: Row, widths: Sequence[int], columns: Sequence[int]) -> Iterator[list[Piece]]:
    if len(row.cells) < len(widths):
        yield [Piece(row.cells[0], row.style)]
        return
    styles = [row.styles[column] if column < len(row.styles) else row.style for column in columns]
    folded = [fold(row.cells[column], widths[column]) for column in columns]
    for place in range(max(map(len, folded))):
        cells = [lines[place] if place < len(lines) else "" for lines in folded]
        while cells and not cells[-1]:
            cells.pop()
        last = len(cells) - 1
        yield [
            Piece(cell if at == last else cell + " " * (widths[column] - letters(cell)) + GAP, style)
            for at, (cell, column, style) in enumerate(zip(cells, columns, styles, strict=False))
        ]
