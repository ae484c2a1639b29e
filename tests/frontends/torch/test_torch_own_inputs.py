"""The inputs with which PyTorch tests its own operator and module, run against ours (they ship inside torch)."""

from __future__ import annotations

import warnings
from typing import Any
from unittest import mock

import pytest
import torch

from fourfold.frontends.torch import nn

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


# docs/agreement.md: a result may be so many eps of |x| * |w| + |b| from another
ROUNDING = 5


def worst(ours: torch.Tensor, theirs: torch.Tensor, magnitude: torch.Tensor) -> float:
    """Return the greatest difference in eps of the magnitude; integers must be equal."""
    if not (ours.is_floating_point() or ours.is_complex()):
        return 0.0 if torch.equal(ours, theirs) else float("inf")
    wide = torch.complex128 if ours.is_complex() else torch.float64
    difference = (ours.detach().to(wide) - theirs.detach().to(wide)).abs()
    return float((difference / (torch.finfo(ours.dtype).eps * magnitude.detach() + 1e-300)).max())


def absolute(tensor: torch.Tensor | None) -> Any:
    """Return the operand whose products are the magnitudes."""
    return None if tensor is None else tensor.detach().abs().double().requires_grad_()


@pytest.mark.parametrize("sample", SAMPLES)
def test_operator_samples_agree_with_torch(sample: Any) -> None:
    given = (sample.input, *sample.args)
    ours = nn.functional.conv_transpose3d(*given, **sample.kwargs)
    theirs = torch.nn.functional.conv_transpose3d(*given, **sample.kwargs)
    sizes = [absolute(tensor) for tensor in given]
    magnitude = torch.nn.functional.conv_transpose3d(*sizes, **sample.kwargs)
    assert worst(ours, theirs, magnitude) <= ROUNDING
    pairs = [(tensor, size) for tensor, size in zip(given, sizes, strict=True) if tensor is not None]
    if not pairs[0][0].requires_grad:
        return
    leaves, bounds = ([pair[index] for pair in pairs] for index in (0, 1))
    gradients = torch.autograd.grad(ours, leaves, torch.ones_like(ours))
    expected = torch.autograd.grad(theirs, leaves, torch.ones_like(ours))
    magnitudes = torch.autograd.grad(magnitude, bounds, torch.ones_like(magnitude))
    assert max(map(worst, gradients, expected, magnitudes)) <= ROUNDING


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
        operands = [absolute(each) for each in (volume, torch_s.weight, torch_s.bias)]
        options = {name: getattr(torch_s, name) for name in ("stride", "padding", "groups", "dilation")}
        extra = torch_s._output_padding(
            volume, *(size or [None]), torch_s.stride, torch_s.padding, torch_s.kernel_size, 3, torch_s.dilation
        )
        magnitude = torch.nn.functional.conv_transpose3d(
            operands[0], operands[1], operands[2], output_padding=extra, **options
        )
    assert worst(found, expected, magnitude) <= ROUNDING
