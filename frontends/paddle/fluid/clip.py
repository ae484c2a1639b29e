"""Mirrors `paddle.fluid.clip`: gradient clips for an optimizer's `grad_clip`; torch computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..nn import clip
from ..static.program import default_main_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..static.program import Program

__all__ = ["GradientClipByGlobalNorm", "GradientClipByNorm", "GradientClipByValue", "set_gradient_clip"]


class _Chosen(clip.ClipGradBase):
    def __init__(self, need_clip: Any) -> None:
        if need_clip is not None and not callable(need_clip):
            msg = (
                f"The type of need_clip must be function, which tells of a parameter whether to clip its gradient; it "
                f"is a {type(need_clip).__name__}."
            )
            raise TypeError(msg)
        self._need_clip = need_clip

    def clips(self, parameter: Any) -> bool:
        """Whether the parameter's gradient is to be clipped."""
        return self._need_clip is None or bool(self._need_clip(parameter))


class GradientClipByValue(_Chosen, clip.ClipGradByValue):
    """Limits every value to `min`..`max`; `min` is `-max` if it is None.

    `need_clip` tells of a parameter whether to clip its gradient. Default: None, all are.
    """

    def __init__(self, max: float, min: float | None = None, need_clip: Callable[[Any], bool] | None = None) -> None:
        _Chosen.__init__(self, need_clip)
        clip.ClipGradByValue.__init__(self, max, min)


class GradientClipByNorm(_Chosen, clip.ClipGradByNorm):
    """Limits the norm of every gradient by itself to `clip_norm`; `need_clip` as in `GradientClipByValue`."""

    def __init__(self, clip_norm: float, need_clip: Callable[[Any], bool] | None = None) -> None:
        _Chosen.__init__(self, need_clip)
        clip.ClipGradByNorm.__init__(self, clip_norm)


class GradientClipByGlobalNorm(_Chosen, clip.ClipGradByGlobalNorm):
    """Limits the norm of all gradients together to `clip_norm`; `need_clip` as in `GradientClipByValue`.

    `group_name` has no effect: an optimizer clips what it updates together.
    """

    def __init__(
        self,
        clip_norm: float,
        group_name: str = "default_group",
        need_clip: Callable[[Any], bool] | None = None,
    ) -> None:
        _Chosen.__init__(self, need_clip)
        clip.ClipGradByGlobalNorm.__init__(self, clip_norm)


def set_gradient_clip(clip: Any, param_list: Any = None, program: Program | None = None) -> None:
    """Clip the gradients of a program's optimizers that do not say how themselves.

    Args:
        clip: how.
        param_list: only None: all parameters.
        program: None for the main program.

    Raises:
        AssertionError: it is no clip.
        NotImplementedError: some parameters are named.
    """
    if not isinstance(clip, _Chosen):
        msg = f"'clip' should be an instance of GradientClipBase's derived class, but it is a {type(clip).__name__}."
        raise AssertionError(msg)
    if param_list is not None:
        msg = "set_gradient_clip: param_list is not served here; only None is. Give grad_clip to an optimizer."
        raise NotImplementedError(msg)
    (program or default_main_program()).gradient_clip = clip
