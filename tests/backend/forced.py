"""The engine's algorithms, each made to run a case whatever the planner would choose for it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import torch
from tests import reference
from tests.operands import integers, operands

from fourfold.backend import ConvTranspose3dSpec
from fourfold.backend.algorithms import ALGORITHMS, GRADIENTS, Algorithm, Gradient
from fourfold.backend.execution import slabwise
from fourfold.backend.planning.case import case_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.operands import Operands

WHOLE = 2**30  # bytes of a slab that holds every volume of the tests
SIZE = (2, 3, 2)
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "stride-2": {"stride": 2},
    "stride-per-axis": {"stride": (1, 2, 3)},
    "padding-1": {"padding": 1},
    "padding-beyond-the-kernel": {"padding": 3, "dilation": (2, 3, 3), "stride": 2},
    "output-padding": {"stride": 2, "padding": 1, "output_padding": 1},
    "output-padding-past-the-end": {"stride": 3, "output_padding": 2},
    "kernel-1-past-the-end": {"kernel_size": 1, "stride": 2, "output_padding": 1},
    "kernel-1-stride-1": {"kernel_size": 1},
    "kernel-equals-stride": {"kernel_size": 2, "stride": 2},
    "kernel-equals-stride-per-axis": {"kernel_size": (2, 1, 3), "stride": (2, 1, 3)},
    "kernel-below-stride": {"kernel_size": 2, "stride": 3},
    "kernel-above-the-input": {"kernel_size": (4, 5, 3), "padding": (1, 2, 1)},
    "dilation-per-axis": {"dilation": (1, 2, 3)},
    "dilation-equals-stride": {"dilation": 2, "stride": 2},
    "dilation-and-stride-share-a-factor": {"dilation": (4, 2, 3), "stride": (2, 4, 2), "kernel_size": 3},
    "output-padding-below-dilation": {"dilation": 3, "output_padding": 2},
    "groups": {"groups": 2, "stride": 2, "kernel_size": 4, "padding": 1},
    "groups-asymmetric": {"groups": 2, "stride": 2, "padding": ((1, 0), (0, 1), (2, 0))},
    "depthwise": {"in_channels": 3, "out_channels": 3, "groups": 3, "stride": 2, "padding": 1},
    "one-channel": {"in_channels": 1, "out_channels": 1, "stride": (1, 1, 2)},
    "asymmetric": {"padding": ((0, 2), (2, 0), (1, 1))},
    "asymmetric-far-out": {"padding": ((4, -3), (-3, 4), (0, 0)), "stride": 2},
    "negative": {"padding": ((-1, -2), (0, 0), (-1, 1))},
    "outside-the-full-result": {"padding": ((-9, 8), (8, -9), (0, 0))},
    "all-but-one-cut": {"padding": ((1, 2), (3, 0), (1, 2))},
    "width-even": {"stride": (1, 1, 2), "kernel_size": (3, 2, 4), "padding": (0, 0, 1)},
    "one-voxel": {"kernel_size": 4},
    "one-voxel-cut": {"kernel_size": 4, "stride": 2, "padding": ((1, 1), (0, 2), (1, 0))},
}


class Known(NamedTuple):
    """Operands of one case and its results by the definition."""

    given: tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]
    output: torch.Tensor
    gradient: torch.Tensor  # of the output
    of_input: torch.Tensor
    of_weight: torch.Tensor


def make(**options: Any) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(**{"in_channels": 4, "out_channels": 2, "kernel_size": (3, 2, 3), **options})


def size_of(spec: ConvTranspose3dSpec) -> tuple[int, int, int]:
    """Return the size of the input with which a configuration is tested."""
    alone = [make(**options) for name, options in CONFIGURATIONS.items() if name.startswith("one-voxel")]
    return (1, 1, 1) if spec in alone else SIZE


def definition(spec: ConvTranspose3dSpec) -> dict[str, Any]:
    """Return the options that the definition takes."""
    return {name: getattr(spec, name) for name in ("stride", "padding", "output_padding", "dilation", "groups")}


def as_numpy(tensor: torch.Tensor) -> Any:
    """Return an array in which sums of small integers are exact."""
    return tensor.detach().double().numpy()


def defined(given: Sequence[torch.Tensor | None], spec: ConvTranspose3dSpec) -> Any:
    """Return the output by the definition; infinities and NaN are no reason to warn."""
    with np.errstate(all="ignore"):
        arrays: list[Any] = [None if tensor is None else as_numpy(tensor) for tensor in given]
        return reference.conv_transpose3d(*arrays, **definition(spec))


@lru_cache(maxsize=64)
def _known(spec: ConvTranspose3dSpec) -> tuple[Operands, Any, Any, reference.Gradients]:
    given = operands(spec, size_of(spec), batch=2, dtype=torch.float64)
    gradient = integers((2, spec.out_channels, *spec.output_size(size_of(spec))), 9, torch.float64)
    output = defined((given.input, given.weight, None), spec)
    gradients = reference.gradients(*map(as_numpy, (gradient, given.input, given.weight)), **definition(spec))
    return given, output, gradient, gradients


def known(spec: ConvTranspose3dSpec, dtype: torch.dtype = torch.float32, with_bias: bool = True) -> Known:
    """Return integer-valued operands, and what the definition makes of them, rounded once to the dtype."""
    drawn, exact, gradient, exact_gradients = _known(spec)
    input, weight, bias = (tensor.to(dtype) for tensor in drawn)
    output = torch.from_numpy(exact)
    if with_bias:
        output = output + drawn.bias.reshape(-1, 1, 1, 1)
    of_input, of_weight = (torch.from_numpy(array).to(dtype) for array in exact_gradients[:2])
    return Known(
        (input, weight, bias if with_bias else None), output.to(dtype), gradient.to(dtype), of_input, of_weight
    )


# Operands in which one number in memory stands for several, or whose axes of size 1 have strides of no layout.
SHARED: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "overlapping": lambda x: integers((400,), 5, x.dtype).as_strided(x.shape, (6, 5, 5, 3, 1)[-x.dim() :]),
    "expanded": lambda x: x[:1, ..., :1].expand(x.shape) if x.dim() > 1 else x[:1].expand(x.shape),
    "every-axis-odd": lambda x: x.permute(*range(x.dim())[::-1]).contiguous().permute(*range(x.dim())[::-1]),
}
SHARING = ["stride-2", "groups-asymmetric", "depthwise", "kernel-equals-stride", "kernel-1-past-the-end", "one-voxel"]


def drawn(spec: ConvTranspose3dSpec) -> list[torch.Tensor]:
    """Return input, weight, bias and gradient of the output."""
    size = size_of(spec)
    shape = (2, spec.out_channels, *spec.output_size(size))
    return [*operands(spec, size, batch=2), integers(shape, 9)]


def refuses(
    algorithm: Algorithm | Gradient,
    spec: ConvTranspose3dSpec,
    size: Sequence[int] | None = None,
    dtype: torch.dtype = torch.float32,
) -> bool:
    """Whether an algorithm does not compute this case."""
    input = torch.empty(1, spec.in_channels, *(size or size_of(spec)), dtype=dtype)
    return algorithm.refusal(case_of(spec, input)) is not None


def forward(
    algorithm: Algorithm,
    spec: ConvTranspose3dSpec,
    given: Sequence[torch.Tensor | None],
    slab: int = WHOLE,
) -> torch.Tensor:
    """Compute the output by one algorithm, a slab of that many bytes at a time."""
    input, weight, bias = given
    assert input is not None
    assert weight is not None
    return slabwise.forward(algorithm, case_of(spec, input), input, weight, bias, slab=slab)


def backward(
    algorithm: Gradient,
    spec: ConvTranspose3dSpec,
    given: Sequence[torch.Tensor],
    wanted: tuple[bool, bool] = (True, True),
    slab: int = WHOLE,
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Compute gradients from (gradient of the output, input, weight) by one algorithm."""
    gradient, input, weight = given
    return slabwise.backward(algorithm, case_of(spec, input), gradient, input, weight, wanted, slab=slab)


def each_algorithm(
    configurations: Iterable[str], dtype: torch.dtype = torch.float32, thorough: Sequence[str] = ()
) -> list[Any]:
    """Return test parameters: every algorithm with each configuration that it does not refuse, some marked thorough."""
    return _pairs(ALGORITHMS, configurations, dtype, thorough)


def each_gradient(
    configurations: Iterable[str], dtype: torch.dtype = torch.float32, thorough: Sequence[str] = ()
) -> list[Any]:
    """Return test parameters: every gradient algorithm with each configuration that it does not refuse, likewise."""
    return _pairs(GRADIENTS, configurations, dtype, thorough)


def _pairs(
    algorithms: Iterable[Algorithm | Gradient],
    configurations: Iterable[str],
    dtype: torch.dtype,
    thorough: Sequence[str],
) -> list[Any]:
    return [
        pytest.param(
            *(algorithm, make(**CONFIGURATIONS[name])),
            id=f"{algorithm.name}-{name}",
            marks=[pytest.mark.thorough] if name in thorough else [],
        )
        for algorithm in algorithms
        for name in configurations
        if not refuses(algorithm, make(**CONFIGURATIONS[name]), dtype=dtype)
    ]
