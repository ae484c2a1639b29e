"""The packages that read and write some formats, imported where they are needed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["imported", "opened"]


def imported(path: Path, package: str) -> Any:
    """Return a package.

    Raises:
        ModuleNotFoundError: it is not installed; the message names the file that needs it.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        msg = f"{path} needs {package}, of the extra `stream`, which is not installed: pip install {package}"
        raise ModuleNotFoundError(msg, name=package) from error


def opened(path: Path, package: str, read: Any) -> Any:
    """Return what `read` makes of a package.

    Raises:
        ValueError: the package cannot read the file.
        ModuleNotFoundError: the package is not installed.
    """
    module = imported(path, package)
    try:
        return read(module)
    except OSError:
        raise
    except Exception as error:  # each package has errors of its own
        msg = f"{path} cannot be read as an array: {error}"
        raise ValueError(msg) from error
