"""A table as text, for what is printed with `print`."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from ..cli.console import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..cli.console import Row


def as_text(headers: Sequence[str], rows: Sequence[Row]) -> str:
    """Return what `print_table` prints where there is no terminal."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        print_table(headers, rows)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())
