"""What reading and writing a checkpoint raises, and what damage makes of careful code."""

from __future__ import annotations

import contextlib
import lzma
import struct
import tokenize
import zipfile
import zlib
from typing import TYPE_CHECKING

from .shown import VisibleError, reason, visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What a damaged or hostile file raises in Python's and NumPy's readers: everything but a missing file and a lack of
# permission. RuntimeError is RecursionError and NotImplementedError too, ArithmeticError is OverflowError.
DAMAGE: tuple[type[Exception], ...] = (
    *(LookupError, ValueError, TypeError, ArithmeticError, AttributeError, EOFError, RuntimeError, MemoryError),
    *(SyntaxError, tokenize.TokenError, struct.error, zlib.error, lzma.LZMAError),
    *(zipfile.BadZipFile, zipfile.LargeZipFile),
)


class CheckpointError(VisibleError):
    """A file is not a checkpoint that can be read safely, or a state cannot be written in a format.

    The message names the file, what is wrong with it, and what to do.
    """


class RefusedGlobalError(CheckpointError):
    """A file names a global that checkpoints do not need.

    Attributes:
        name: the global, cut where it is long.
        place: the file, as far as it is known.
    """

    def __init__(self, name: str, place: str = "") -> None:
        self.name, self.place = name, place
        super().__init__(self.said(f"allow=[{name!r}]"))

    def said(self, allow: str) -> str:
        """Return the message, where `allow` is how the reader is told to keep the class as plain data."""
        return (
            f"{self.place and f'{self.place}: '}refused: the file names {self.name}, which checkpoints do not need; "
            "nothing of it was run. If the file is a whole model of that class, pickled, re-save its state_dict where "
            f"the class is (torch.save(model.state_dict(), ...)); or {allow} reads what the model holds as plain data, "
            "and imports nothing."
        )


@contextlib.contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn what damage raises into a CheckpointError."""
    try:
        yield
    except CheckpointError as error:
        if visible(str(path)) in str(error):
            raise
        if isinstance(error, RefusedGlobalError):
            raise RefusedGlobalError(error.name, str(path)) from error
        msg = f"{path}: {error}"
        raise CheckpointError(msg) from error
    except DAMAGE as error:
        msg = f"{path}: damaged, or no checkpoint ({reason(error)})."
        raise CheckpointError(msg) from error
