"""What became of a call of a layer."""

from __future__ import annotations

from enum import Enum


class Status(str, Enum):
    """What became of one recorded call, or of a layer here."""

    COMPARED = "compared"
    RAISED = "raised"
    NOT_CALLED = "not called here"
    NOT_HERE = "no such layer here"
    NOT_RECORDED = "not recorded"
    RANDOM = "random"
