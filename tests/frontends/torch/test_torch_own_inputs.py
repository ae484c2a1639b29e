"""The inputs with which PyTorch tests its own operator and module, run against ours (they ship inside torch)."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from fourfold.frontends.torch import nn

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the internal modules use deprecated names
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
    for sample in OPERATOR.sample_inputs(  # type: ignore[no-untyped-call]
        "cpu", dtype, requires_grad=dtype.is_floating_point or dtype.is_complex
    )
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_operator_samples_give_torch_s_bits(sample: Any) -> None:
    ours = nn.functional.conv_transpose3d(sample.input, *sample.args, **sample.kwargs)
    theirs = torch.nn.functional.conv_transpose3d(sample.input, *sample.args, **sample.kwargs)
    assert torch.equal(ours, theirs)
    leaves = [tensor for tensor in (sample.input, *sample.args) if tensor is not None and tensor.requires_grad]
    if leaves:
        upstream = torch.ones_like(ours)
        gradients = torch.autograd.grad(ours, leaves, upstream)
        expected = torch.autograd.grad(theirs, leaves, upstream)
        assert [torch.equal(mine, torch_s) for mine, torch_s in zip(gradients, expected, strict=True)] == [
            True for _ in leaves
        ]


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
def test_module_inputs_give_torch_s_bits(theirs: Any, ours: Any, dtype: torch.dtype, case: Any) -> None:
    def outputs(kind: Any) -> list[Any]:
        torch.manual_seed(0)
        layer = kind(*case.constructor_input.args, **case.constructor_input.kwargs).to(dtype)
        result: list[Any] = layer(*case.forward_input.args, **case.forward_input.kwargs).tolist()
        return result

    assert outputs(ours) == outputs(theirs)
