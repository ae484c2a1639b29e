"""Slabs through the layers, one behind the other; what two of them share is kept from the one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .cutting import Step
    from .stages import Shape, Span, Stage

__all__ = ["Flow"]


class Flow:
    """The layers of a decoder, and the planes of their inputs that the next slab takes too.

    Args:
        stages: the layers.
        shapes: of the volumes between them.
        read: returns planes of the source, `(1, C, planes, H, W)`, in memory of their own: layers may work in place.
        workspace: bytes for intermediate results of a layer.
    """

    def __init__(
        self, stages: Sequence[Stage], shapes: Sequence[Shape], read: Callable[[Span], torch.Tensor], workspace: int
    ) -> None:
        self._layers = list(zip(stages, shapes[:-1], strict=True))
        self._read, self._workspace = read, workspace
        self._kept: list[tuple[int, torch.Tensor] | None] = [None] * len(stages)

    @torch.no_grad()
    def slab(self, found: Sequence[Step | None]) -> torch.Tensor:
        """Return the next slab of the output by the `steps` to it, (1, C_out, planes, H_out, W_out)."""
        made = torch.empty(0)
        for index, ((stage, shape), step) in enumerate(zip(self._layers, found, strict=True)):
            if step is None:
                continue
            if index == 0 and step.fresh[0] < step.fresh[1]:
                made = self._read(step.fresh)
            made = stage.run(self._given(index, step, made), shape, step.wanted, self._workspace)
        return made

    def _given(self, index: int, step: Step, made: torch.Tensor) -> torch.Tensor:
        """Return what a layer reads: what was kept of it, and behind that what was made."""
        kept = self._kept[index]
        if kept is not None and step.read[0] < step.fresh[0]:
            start, planes = kept
            old = planes[:, :, step.read[0] - start : step.fresh[0] - start]
            made = torch.cat([old, made], 2) if step.fresh[0] < step.fresh[1] else old
        self._kept[index] = None
        if step.kept[0] < step.kept[1]:
            self._kept[index] = step.kept[0], made[:, :, step.kept[0] - step.read[0] :].clone()
        return made
