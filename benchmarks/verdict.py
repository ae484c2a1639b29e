"""Whether a subject computes the right thing: nothing is timed before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ..backend.cuda import eps
from ..compat.agreement.comparison import ROUNDING, Verdict, compare
from .cost import BACKWARD
from .subjects import NATIVE, Operands

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from .variant import Variant

NAMES = ("output", "grad_input", "grad_weight", "grad_bias")


class DisagreementError(Exception):
    """A subject's result is not the operator's; the message says where and by how much."""


class Expected:
    """What torch's operator gives, and how far rounding may take another summation order from it.

    Args:
        variant: what is computed.
        operands: on these tensors.
        results: torch's own, as `Prepared.results` returns them.
    """

    def __init__(self, variant: Variant, operands: Operands, results: Sequence[torch.Tensor]) -> None:
        self._dtype = variant.dtype
        self._results = results
        # |x| * |w| + |b| and its gradients: single precision is enough for a bound, whatever the dtype
        absolute = Operands(*(tensor.detach().float().abs() for tensor in operands))
        self._bounds = NATIVE.prepare(variant, absolute).results()
        dtype = getattr(torch, variant.dtype)
        # on a GPU, torch's flags may allow both sides a shorter arithmetic than the dtype's
        self._shorter = eps(dtype) / torch.finfo(dtype).eps if variant.device.startswith("cuda") else 1.0

    def check(self, results: Sequence[torch.Tensor]) -> None:
        """Raise DisagreementError unless the results agree within rounding."""
        named = zip(NAMES, results, self._results, self._bounds, strict=False)
        if len(results) != len(self._results):
            msg = f"{len(results)} results for {len(self._results)}"
            raise DisagreementError(msg)
        for name, actual, expected, bound in named:
            if not self._within(actual, expected, bound):
                magnitude = self._shorter * _array(bound)
                found = compare(_array(actual), _array(expected), self._dtype, magnitude=magnitude)
                # the slow comparison has the last word and the better message
                if found.verdict is Verdict.DIFFERENT:
                    msg = f"{name} {found}"
                    raise DisagreementError(msg)

    def _within(self, actual: torch.Tensor, expected: torch.Tensor, bound: torch.Tensor) -> bool:
        """Compare as `compat.agreement.comparison` does, for many elements in little time."""
        if actual.shape != expected.shape or actual.dtype != expected.dtype:
            return False
        limit = ROUNDING * torch.finfo(actual.dtype).eps * self._shorter
        # NaN is not within anything
        return bool(((actual - expected).abs_() <= bound * limit).all())


def _array(tensor: torch.Tensor) -> npt.NDArray[Any]:
    plain = tensor.detach().cpu()
    array: npt.NDArray[Any] = (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    return array


def compared(mode: str) -> tuple[str, ...]:
    """Return the names of what is compared in a mode.

    Example:
        >>> compared("forward")
        ('output',)
    """
    return NAMES if mode == BACKWARD else NAMES[:1]
