"""Mirrors `megengine.logger`: loggers of Python's, which write to one place at one level."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar

from ..names import Opaque

__all__ = ["MegEngineLogFormatter", "enable_debug_log", "get_logger", "set_log_file", "set_log_level"]


class MegEngineLogFormatter(logging.Formatter):
    """Writes time, place and message, and the same to a file if one is set."""

    log_fout: ClassVar[Any] = None

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        place = f"{record.lineno}@{record.filename}:{record.name}"
        text = f"{self.formatTime(record, self.datefmt)} {place} {record.levelname} {record.getMessage()}"
        if record.exc_info:
            text += f"\n{self.formatException(record.exc_info)}"
        if self.log_fout is not None:
            self.log_fout.write(f"{text}\n")
            self.log_fout.flush()
        return text


USUAL = Opaque("megengine.logger.MegEngineLogFormatter")  # by the name that the release prints


class _Level:
    value: ClassVar[Any] = logging.INFO
    loggers: ClassVar[list[logging.Logger]] = []


def get_logger(name: str | None = None, formatter: Any = USUAL) -> logging.Logger:
    """Return the logger of a name, which writes to the standard error output."""
    found = logging.getLogger(name)
    if found not in _Level.loggers:
        handler = logging.StreamHandler()
        made = MegEngineLogFormatter if isinstance(formatter, Opaque) else formatter
        handler.setFormatter(made(datefmt="%d %H:%M:%S"))
        found.handlers[:] = [handler]
        found.propagate = False
        found.setLevel(_Level.value)
        _Level.loggers.append(found)
    return found


def set_log_level(level: Any, update_existing: bool = True) -> Any:
    """Set the level of loggers to come, and unless told otherwise of those that are there; return the one before."""
    before, _Level.value = _Level.value, level
    for each in _Level.loggers if update_existing else ():
        each.setLevel(level)
    return before


def set_log_file(fout: Any, mode: str = "a") -> None:
    """Write to a file too, which is open or is opened by its name."""
    MegEngineLogFormatter.log_fout = Path(fout).open(mode, encoding="utf-8") if isinstance(fout, str) else fout  # noqa: SIM115


def enable_debug_log() -> None:
    """Write everything."""
    set_log_level(logging.DEBUG)
