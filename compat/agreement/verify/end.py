"""The model as a whole: what is between its layers, and the gradients of the fixed scalar.

Every layer hands the recorded output on, with its own derivatives, so that rounding errors of the layers, which have
been judged, do not count again. What rounding does to the rest depends on the model: it is run in float32 and in
float64, and their distance, in units of float32's eps, is how sensitive each tensor is.
"""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from ....frontends.tensor import plain
from ..comparison import Comparison, Verdict
from ..formats import FORMATS
from ..recorder import fixed_array
from ..rounding import limit
from .arrays import array, dtype_name, tensor, tensors
from .gradient_bounds import Calls
from .judge import judge
from .replay import Replay
from .result import TensorResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..bundle import Arrays, Bundle, LayerCall
    from .replay import Key

Array = npt.NDArray[Any]

# Two runs in one format, each as far from the exact result as float32 was here, are up to twice that apart; and the
# worst element of one tensor varies by a few times between orders of summation.
ALLOWANCE = 8.0
# Whatever the sensitivity, this many eps of the largest value are allowed.
LEAST = 5.0
# float32 may be closer to the exact result than usual, by luck, where a tensor has few elements: none is taken to be
# less sensitive, relatively to its largest element, than this many times the median of all, plus what the layers of
# the recording were measured to round off: a framework that adds up coarsely does so in its derivatives too.
SPREAD = 4.0
# A tensor known to fewer digits than three is rounding errors throughout (the gradient of a bias that the next
# normalisation removes) and says nothing about the others.
RESOLVED = 1e-3


class Recorded(NamedTuple):
    """A recorded tensor: its name here, the recorded dtype's name, and what reads the values."""

    name: str
    dtype: str
    read: Callable[[], Array]


class Run:
    """One run of a model: outputs by name, gradients of the fixed scalar, and what is added up in the parameters' ones.

    Args:
        model: to run.
        bundle: for the inputs.
        dtype: of the floating-point inputs; None for the recorded ones.
        gradients: whether to take gradients.
    """

    def __init__(self, model: nn.Module, bundle: Bundle, dtype: torch.dtype | None, *, gradients: bool) -> None:
        parameters = {name: one for name, one in nn.Module.named_parameters(model) if one.requires_grad}
        device = next((one.device for one in nn.Module.parameters(model)), torch.device("cpu"))
        inputs = {name: _cast(tensor(bundle.inputs, name, device), dtype) for name in bundle.inputs}
        wanted = {f"input {name}": one.requires_grad_(gradients) for name, one in inputs.items() if _continuous(one)}
        wanted.update(parameters)
        with torch.set_grad_enabled(gradients):
            calls = Calls(model)
            with calls.gathered():
                result = model(**inputs) if bundle.by_keyword else model(*inputs.values())
            outputs = tensors(result)
            self.gradients: dict[str, Array] = {}
            continuous = [plain(one) for one in outputs.values() if _continuous(one) and one.requires_grad]
            if gradients and continuous and wanted:
                weights = [torch.from_numpy(fixed_array(tuple(one.shape))).to(one) for one in continuous]
                values = torch.autograd.grad(continuous, list(wanted.values()), weights, allow_unused=True)
                self.gradients = {name: array(one) for name, one in zip(wanted, values, strict=True) if one is not None}
        self.sums = calls.sums() if gradients else {}
        self.dtypes = {name: dtype_name(one) for name, one in {**outputs, **wanted}.items()}
        self.outputs = {name: array(one) for name, one in outputs.items()}


def sensitive_runs(
    model: nn.Module, bundle: Bundle, calls: dict[Key, LayerCall], *, gradients: bool
) -> tuple[Run, Run]:
    """Run copies of a model in float32 and float64, on recorded outputs of layers."""
    runs = []
    for dtype in (torch.float32, torch.float64):
        copied = copy.deepcopy(model).to(dtype)
        with Replay(copied, calls).substituting(all_layers=True):
            runs.append(Run(copied, bundle, dtype, gradients=gradients))
    low, high = runs
    return low, high


def compare_all(
    names: Sequence[Recorded],
    here: Mapping[str, Array],
    pair: tuple[Mapping[str, Array], Mapping[str, Array]],
    run: Run,
    coarseness: float,
) -> list[TensorResult]:
    """Compare tensors with the recorded ones of the same names.

    Args:
        names: the recorded tensors.
        here: the values of the model in its own dtype.
        pair: those in float32 and in float64.
        run: of the model in its own dtype, for dtypes and sums.
        coarseness: of the layer that rounded most differently from here.
    """
    low, high = pair
    known = {name: _sensitivity(low[name], high[name]) for name in low if np.issubdtype(low[name].dtype, np.inexact)}
    median = _median(known.values())
    results = []
    for name, dtype, read in names:
        expected = read()
        if name not in here:
            absent = Comparison(Verdict.DIFFERENT, elements=expected.size, reason="there is none here")
            results.append(TensorResult(name, absent, expected.size, 0.0))
            continue
        sensitivity, scale = known.get(name, (0.0, 0.0))
        sensitivity = max(sensitivity, SPREAD * (median + coarseness) * scale)
        comparison, beyond = judge(
            here[name], expected, (run.dtypes[name], dtype), _bound(run, name, sensitivity, scale)
        )
        results.append(TensorResult(name, comparison, int(beyond.sum()), sensitivity))
    return results


def compare_free(names: Sequence[Recorded], run: Run) -> list[TensorResult]:
    """Compare the outputs of a run in which every layer saw what came out here; there is no bound for them."""
    return [
        TensorResult(name, *_judged(run.outputs[name], read(), (run.dtypes[name], dtype)))
        for name, dtype, read in names
        if name in run.outputs
    ]


def _judged(here: Array, expected: Array, dtypes: tuple[str, str]) -> tuple[Comparison, int, float]:
    comparison, beyond = judge(here, expected, dtypes, None)
    return comparison, int(beyond.sum()), 0.0


def readers(arrays: Arrays) -> list[Recorded]:
    """Return each recorded array, to be read when it is its turn."""
    return [
        Recorded(name, entry.framework_dtype, functools.partial(arrays.__getitem__, name))
        for name, entry in arrays.entries.items()
    ]


def _bound(run: Run, name: str, sensitivity: float, scale: float) -> Array | None:
    """Return how far a tensor may lie from the recorded one; None for whole numbers, which are equal or different."""
    kind = FORMATS.get(run.dtypes[name])
    value = run.gradients[name] if name in run.gradients else run.outputs[name]
    if kind is None:
        return None
    allowed = np.full(value.shape, kind.eps * max(ALLOWANCE * sensitivity, LEAST * scale))
    return allowed + limit(run.sums[name], value, kind) if name in run.sums else allowed


def _sensitivity(low: Array, high: Array) -> tuple[float, float]:
    """Return the greatest distance in units of eps, and the greatest value."""
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(low.astype(high.dtype) - high)
    finite = np.isfinite(distance)
    scale = float(np.abs(high[np.isfinite(high)]).max(initial=0.0))
    return float(distance[finite].max(initial=0.0)) / FORMATS["float32"].eps, scale


def _median(sensitivities: Iterable[tuple[float, float]]) -> float:
    """Return the median of the sensitivities relative to the greatest values."""
    relative = [one / scale for one, scale in sensitivities if scale > 0]
    resolved = [one for one in relative if one * FORMATS["float32"].eps < RESOLVED]
    return float(np.median(resolved)) if resolved else 0.0


def _cast(value: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    return value.to(dtype) if dtype is not None and value.is_floating_point() else value


def _continuous(value: torch.Tensor) -> bool:
    return value.is_floating_point() or value.is_complex()
