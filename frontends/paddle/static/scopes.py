"""Where the parameters of programs are found by their names: one scope, for they belong to their programs here."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import plain
from ..values import fitting
from .program import found

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["global_scope", "scope_guard"]


class _Found:
    """A parameter, as `global_scope().find_var(name)` gives it."""

    def __init__(self, parameter: Any) -> None:
        self._parameter = parameter

    def get_tensor(self) -> _Found:
        """Return this: what holds the values."""
        return self

    def shape(self) -> list[int]:
        """Return the shape."""
        return [int(size) for size in self._parameter.shape]

    def set(self, array: Any, place: Any = None) -> None:
        """Copy an array into the parameter, wherever that is."""
        with torch.no_grad():
            self._parameter.copy_(fitting(array, self._parameter))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(plain(self._parameter).detach().cpu().numpy(), dtype)


class _GlobalScope:
    """Where the parameters of programs are found."""

    def find_var(self, name: str) -> _Found | None:
        """Return the parameter of a name, or None."""
        parameter = found(name)
        return None if parameter is None else _Found(parameter)


_scope = _GlobalScope()


def global_scope() -> _GlobalScope:
    """Return where parameters are found by their names."""
    return _scope


def check_scope(scope: Any, where: str) -> None:
    """Check that a scope is the one that there is.

    Raises:
        NotImplementedError: it is another.
    """
    if scope is not _scope:
        msg = f"{where}: scope={scope!r} is not served here; parameters belong to programs. Use global_scope()."
        raise NotImplementedError(msg)


@contextlib.contextmanager
def scope_guard(scope: Any) -> Iterator[None]:
    """Do nothing: the scope is the one that there is.

    Raises:
        NotImplementedError: it is another.
    """
    check_scope(scope, "scope_guard")
    yield
