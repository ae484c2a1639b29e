"""The inputs with which PyTorch tests its own operator and module, run against ours (they ship inside torch)."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import torch

from fourfold.compat.agreement.formats import FORMATS
from fourfold.compat.agreement.rounding import Sums, limit
from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence

# These modules use deprecated names, and would forbid every other test to set the flags of torch.backends.
with warnings.catch_warnings(), mock.patch("torch.backends.disable_global_flags"):
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db
    from torch.testing._internal.common_modules import module_db

OPERATOR = next(entry for entry in op_db if entry.name == "nn.functional.conv_transpose3d")
MODULES = {
    entry.module_cls: entry
    for entry in module_db
    if entry.module_cls in (torch.nn.ConvTranspose3d, torch.nn.LazyConvTranspose3d)
}


def describe(sample: Any) -> str:
    options = "-".join(f"{name}={value}" for name, value in sample.kwargs.items())
    return f"{tuple(sample.input.shape)}-{tuple(sample.args[0].shape)}-{options}"


# Integer convolution has no gradients; torch itself lists these dtypes for the CPU.
SAMPLES = [
    pytest.param(sample, id=f"{str(dtype).removeprefix('torch.')}-{describe(sample)}")
    for dtype in sorted(OPERATOR.dtypes, key=str)
    for sample in OPERATOR.sample_inputs_func(
        OPERATOR, "cpu", dtype, requires_grad=dtype.is_floating_point or dtype.is_complex
    )
]


# NumPy has no complex numbers of half precision
KINDS = {**FORMATS, "complex32": replace(FORMATS["complex64"], eps=2.0**-10, smallest=2.0**-24)}


def share(ours: torch.Tensor, theirs: torch.Tensor, terms: torch.Tensor, magnitude: torch.Tensor) -> float:
    """Return the greatest difference as a share of what rounding may do; integers must be equal."""
    if not (ours.is_floating_point() or ours.is_complex()):
        return 0.0 if torch.equal(ours, theirs) else math.inf
    here, there = (
        each.detach().to(torch.complex128 if ours.is_complex() else torch.float64) for each in (ours, theirs)
    )
    sums = Sums(terms.detach().numpy(), magnitude.detach().numpy())
    allowed = limit(sums, there.numpy(), KINDS[str(ours.dtype).removeprefix("torch.")])
    difference = (here - there).abs()
    return float(torch.where(difference == 0, 0.0, difference / torch.from_numpy(allowed)).max())


def absolute(tensor: torch.Tensor | None) -> Any:
    """Return the operand whose products are the magnitudes."""
    return None if tensor is None else tensor.detach().abs().double().requires_grad_()


def ones(tensor: torch.Tensor | None) -> Any:
    """Return the operand whose products are counted."""
    return None if tensor is None else torch.ones_like(absolute(tensor)).requires_grad_()


@pytest.mark.parametrize("sample", SAMPLES)
def test_operator_samples_agree_with_torch(sample: Any) -> None:
    given = (sample.input, *sample.args)
    ours = nn.functional.conv_transpose3d(*given, **sample.kwargs)
    theirs = torch.nn.functional.conv_transpose3d(*given, **sample.kwargs)
    counted, sizes = ([change(tensor) for tensor in given] for change in (ones, absolute))
    terms, magnitude = (torch.nn.functional.conv_transpose3d(*one, **sample.kwargs) for one in (counted, sizes))
    assert share(ours, theirs, terms, magnitude) <= 1
    if not sample.input.requires_grad:
        return

    def gradients(output: torch.Tensor, leaves: Sequence[torch.Tensor | None]) -> tuple[torch.Tensor, ...]:
        return torch.autograd.grad(output, [leaf for leaf in leaves if leaf is not None], torch.ones_like(output))

    found, expected = gradients(ours, given), gradients(theirs, given)
    assert max(map(share, found, expected, gradients(terms, counted), gradients(magnitude, sizes))) <= 1


PAIRS: list[tuple[Any, Any]] = [
    (torch.nn.ConvTranspose3d, nn.ConvTranspose3d),
    (torch.nn.LazyConvTranspose3d, nn.LazyConvTranspose3d),
]


def module_cases() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # complex32 tensors are experimental
        return [
            pytest.param(theirs, ours, dtype, case, id=f"{theirs.__name__}-{str(dtype)[6:]}-{index}")
            for theirs, ours in PAIRS
            for dtype in sorted(MODULES[theirs].dtypes, key=str)
            for index, case in enumerate(
                MODULES[theirs].module_inputs_func(
                    MODULES[theirs], device="cpu", dtype=dtype, requires_grad=False, training=True
                )
            )
        ]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning", "ignore:ComplexHalf:UserWarning")
@pytest.mark.filterwarnings("ignore:Complex modules are a new feature:UserWarning")
@pytest.mark.parametrize(("theirs", "ours", "dtype", "case"), module_cases())
def test_module_inputs_agree_with_torch(theirs: Any, ours: Any, dtype: torch.dtype, case: Any) -> None:
    def run(kind: Any) -> tuple[Any, torch.Tensor]:
        torch.manual_seed(0)  # a lazy layer draws its weight at the first call
        layer = kind(*case.constructor_input.args, **case.constructor_input.kwargs).to(dtype)
        return layer, layer(*case.forward_input.args, **case.forward_input.kwargs)

    (_, found), (torch_s, expected) = run(ours), run(theirs)
    with torch.no_grad():
        volume, *size = (each for each in case.forward_input.args)
        options: Any = {name: getattr(torch_s, name) for name in ("stride", "padding", "groups", "dilation")}
        extra = torch_s._output_padding(
            volume, *(size or [None]), torch_s.stride, torch_s.padding, torch_s.kernel_size, 3, torch_s.dilation
        )
        options["output_padding"] = extra
        terms, magnitude = (
            torch.nn.functional.conv_transpose3d(
                change(volume), change(torch_s.weight), change(torch_s.bias), **options
            )
            for change in (ones, absolute)
        )
    assert share(found, expected, terms, magnitude) <= 1
