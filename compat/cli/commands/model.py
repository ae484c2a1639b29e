"""`--model package.module:build`: the user's own code, imported and run as asked."""

from __future__ import annotations

from torch import nn

from ...agreement.importing import NotNamedError, import_named
from .command import UsageError


def model_of(name: str) -> nn.Module:
    """Import `package.module:attribute` and make the model."""
    try:
        found = import_named(name)
    except NotNamedError as error:
        msg = f"--model={name}: name a module and what is in it, such as package.module:build."
        raise UsageError(msg) from error
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
