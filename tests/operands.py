"""Operands for tests: small integers, for which every summation order gives the same bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from fourfold.backend import conv_transpose3d

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fourfold.backend import ConvTranspose3dSpec

# Largest magnitude drawn, so that sums of products stay exact: float32 has 24 bits, float16 11, bfloat16 8.
LARGEST = {torch.float16: 1, torch.bfloat16: 1, torch.complex32: 1}


class Operands(NamedTuple):
    input: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor


def integers(shape: tuple[int, ...], seed: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return a tensor of small random integers; complex dtypes get an imaginary part too."""
    generator = torch.Generator().manual_seed(seed)
    largest = LARGEST.get(dtype, 4)

    def draw() -> torch.Tensor:
        return torch.randint(-largest, largest + 1, shape, generator=generator)

    return torch.complex(draw().float(), draw().float()).to(dtype) if dtype.is_complex else draw().to(dtype)


def operands(
    spec: ConvTranspose3dSpec,
    size: tuple[int, int, int],
    *,
    batch: int | None = 2,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> Operands:
    """Return integer-valued input, weight and bias of an operator; `batch=None` for an unbatched input."""
    leading = () if batch is None else (batch,)
    return Operands(
        integers((*leading, spec.in_channels, *size), seed, dtype),
        integers(spec.weight_shape, seed + 1, dtype),
        integers((spec.out_channels,), seed + 2, dtype),
    )


def apply(given: Sequence[torch.Tensor], spec: ConvTranspose3dSpec, **options: Any) -> torch.Tensor:
    """Call the operator on input, weight and bias."""
    input, weight, bias = given
    return conv_transpose3d(input, weight, bias, spec, **options)
