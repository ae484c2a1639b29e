"""How far a stream has come: a small JSON file beside the target, replaced after each slab."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import torch

from ..checkpoints.atomic import new_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .stages import Stage

__all__ = ["Journal", "fingerprint"]


def fingerprint(stages: Iterable[Stage]) -> str:
    """Return a SHA-256 over the layers: their geometry, and each bit of what they have learned."""
    digest = hashlib.sha256()
    for stage in stages:
        digest.update(f"{type(stage).__name__} {stage.describe()}\n".encode())
        for tensor in stage.tensors():
            values = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(f"{tensor.dtype} {tuple(tensor.shape)}\n".encode())
            digest.update(values.view(torch.uint8).numpy().data)
    return digest.hexdigest()


class Journal:
    """What was begun, and how many slabs of it are in the target.

    Args:
        path: of the file.
        what: the layers, the source, the target and how it is cut, ready for JSON: a run goes on where all is equal.
    """

    def __init__(self, path: Path, what: dict[str, Any]) -> None:
        self._path = path
        self._what: dict[str, Any] = json.loads(json.dumps(what))

    def done(self, *, overwrite: bool) -> tuple[int, int]:
        """Return how many slabs an earlier run has finished, and how many bytes of the target count.

        Without one, or with another's where that may go, both are 0.

        Raises:
            ValueError: the earlier run was of something else, or its journal cannot be read.
        """
        try:
            differs, done, size = self._compare()
        except FileNotFoundError:
            return 0, 0
        if differs and overwrite:
            return 0, 0
        if differs:
            msg = (
                f"{self._path} is of a stream that was begun with another {', '.join(differs)}. Give the same "
                f"to finish it, or overwrite=True to begin anew."
            )
            raise ValueError(msg)
        return done, size

    def write(self, done: int, size: int) -> None:
        """Say that so many slabs are in the target, and so many of its bytes count."""
        with new_file(self._path) as file:
            file.write(json.dumps({"what": self._what, "done": done, "size": size}).encode())

    def remove(self) -> None:
        """Say nothing more: the target is whole."""
        self._path.unlink(missing_ok=True)

    def _compare(self) -> tuple[list[str], int, int]:
        """Return what differs from this run, by name, what is done, and the target's size."""
        damaged = ["version of fourfold, or it is damaged"], 0, 0
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            what, done, size = dict(found["what"]), found["done"], found["size"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return damaged
        if any(type(count) is not int or count < 0 for count in (done, size)):
            return damaged
        names = sorted(what.keys() | self._what.keys())
        return [str(name) for name in names if what.get(name) != self._what.get(name)], done, size
