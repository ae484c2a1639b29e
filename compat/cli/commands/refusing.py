"""Errors of checkpoints in the words of the command line."""

from __future__ import annotations

import shlex

from ...checkpoints.errors import RefusedGlobalError


def as_flag(error: Exception) -> str:
    """Return what an error says; what Python is given as `allow=[...]`, the command line is as `--allow`."""
    if isinstance(error, RefusedGlobalError):
        return error.said(f"--allow {shlex.quote(error.name)}")
    return str(error)
