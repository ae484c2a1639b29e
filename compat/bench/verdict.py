"""Whether a subject computes the right thing: nothing is timed before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend.planning.cuda import eps
from ..agreement.comparison import Verdict, compare
from ..agreement.expectation import terms
from ..agreement.formats import FORMATS
from ..agreement.rounding import Sums, limit
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
        dtype = getattr(torch, variant.dtype)
        # on a GPU, torch's flags may allow both sides a shorter arithmetic than the dtype's
        shorter = eps(dtype) / torch.finfo(dtype).eps if variant.device.startswith("cuda") else 1.0
        # |x| * |w| + |b| and its gradients: single precision is enough for a bound, whatever the dtype
        absolute = Operands(*(tensor.detach().float().abs() for tensor in operands))
        squared = Operands(*(tensor.square() for tensor in absolute))
        added = (NATIVE.prepare(variant, one).results() for one in (absolute, squared))
        self._limits = [
            shorter * limit(Sums(count, _array(size), _array(square)), _array(result), FORMATS[variant.dtype])
            for count, size, square, result in zip(terms(variant.case), *added, results, strict=False)
        ]

    def check(self, results: Sequence[torch.Tensor]) -> None:
        """Raise DisagreementError unless the results agree within rounding."""
        named = zip(NAMES, results, self._results, self._limits, strict=False)
        if len(results) != len(self._results):
            msg = f"{len(results)} results for {len(self._results)}"
            raise DisagreementError(msg)
        for name, actual, expected, allowed in named:
            if not self._within(actual, expected, allowed):
                found = compare(_array(actual), _array(expected), self._dtype, limit=allowed)
                # the slow comparison has the last word and the better message
                if found.verdict is Verdict.DIFFERENT:
                    msg = f"{name} {found}"
                    raise DisagreementError(msg)

    @staticmethod
    def _within(actual: torch.Tensor, expected: torch.Tensor, allowed: npt.NDArray[Any]) -> bool:
        """Compare as `compat.agreement.comparison` does, for many elements in little time."""
        if actual.shape != expected.shape or actual.dtype != expected.dtype:
            return False
        # NaN is not within anything
        return bool(((actual - expected).abs_() <= torch.from_numpy(allowed).to(actual.device)).all())


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
