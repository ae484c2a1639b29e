"""`--model package.module:build`: the user's own code, imported and run as asked."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

from torch import nn

from .command import UsageError


def model_of(name: str) -> nn.Module:
    """Import `package.module:attribute` and make the model."""
    module_name, colon, path = name.partition(":")
    if not (module_name and colon and path):
        msg = f"--model={name}: name a module and what is in it, such as package.module:build."
        raise UsageError(msg)
    here = str(Path.cwd())
    if here not in sys.path:  # as `python -m` does
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module_name)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        msg = f"--model={name}: {error}. The module must be importable from this folder or the Python path."
        raise UsageError(msg) from error
    if isinstance(found, nn.Module):
        return found
    if not callable(found):
        msg = f"--model={name} is a {type(found).__name__}; it must be a torch module, or what makes one when called."
        raise UsageError(msg)
    made = found()
    if not isinstance(made, nn.Module):
        msg = f"--model={name} made a {type(made).__name__}; it must make a torch module."
        raise UsageError(msg)
    return made
