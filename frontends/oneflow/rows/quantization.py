"""Rows of the layers that quantise: what observes a range, and what rounds to integers of few bits in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ...names import Kept, Learned, kept
from ..framework.tensor import Tensor
from ..names import NAMES
from ..nn.modules.module import Module

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SCHEMES = ("symmetric", "affine")
FORMULAS = ("google", "cambricon")


def one_of(name: str, values: tuple[str, ...]) -> Kept:
    """Keep an argument that is one of these.

    Raises:
        RuntimeError: it is none of them (a ValueError too), which ends the release's process.
    """

    def legal(value: str) -> str:
        if value not in values:
            msg = f"{name}={value!r}; legal are {' and '.join(map(repr, values))}."
            raise OperatorError(msg)
        return value

    return kept(name, read=legal)


def bits(value: int) -> int:
    """Return how many bits an integer has.

    Raises:
        RuntimeError: not 2 to 8 (a ValueError too).
    """
    if not 2 <= value <= 8:
        msg = f"quantization_bit={value}; legal are 2 to 8."
        raise OperatorError(msg)
    return value


OPTIONS: dict[str, Any] = {
    "quantization_formula": one_of("quantization_formula", FORMULAS),
    "quantization_scheme": one_of("quantization_scheme", SCHEMES),
    "quantization_bit": kept("quantization_bit", read=bits),
}


def scales(
    low: torch.Tensor, high: torch.Tensor, quantization_formula: str, quantization_bit: int, quantization_scheme: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the size of a step, and which integer zero becomes, for values from `low` to `high`."""
    if quantization_scheme == "affine" and quantization_formula == "google":
        step = (high - low) / (2**quantization_bit - 1)
        return step, -torch.round(low / step)
    largest = torch.maximum(high, -low)
    if quantization_formula == "google":
        step = largest / (2 ** (quantization_bit - 1) - 1)
    else:  # the exponent of a power of 2
        step = torch.floor(torch.log2(largest)) - (quantization_bit - 2)
    return step, torch.zeros_like(step)


def observed(
    input: torch.Tensor,
    per_layer_quantization: bool,
    quantization_formula: str,
    quantization_bit: int,
    quantization_scheme: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return step and zero for the range of all values, or of those of each part along the first axis.

    Raises:
        NotImplementedError: of each part, by the powers of 2 of 'cambricon', which ends the release's process.
    """
    if not per_layer_quantization and quantization_formula == "cambricon":
        msg = "per_layer_quantization=False with quantization_formula='cambricon' is not supported. Use 'google'."
        raise NotImplementedError(msg)
    parts = input.detach().reshape(1 if per_layer_quantization else input.shape[0], -1)
    return scales(parts.amin(1), parts.amax(1), quantization_formula, quantization_bit, quantization_scheme)


def followed(
    input: torch.Tensor,
    current_train_step: torch.Tensor,
    moving_max: torch.Tensor,
    moving_min: torch.Tensor,
    training: bool,
    stop_update_after_iters: int,
    momentum: float,
    quantization_formula: str,
    quantization_bit: int,
    quantization_scheme: str,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return step and zero for a range that follows those of the batches, in training, up to a step."""
    values = input.detach()
    if training and int(current_train_step) <= stop_update_after_iters:
        low, high = values.amin(), values.amax()
        if quantization_scheme == "symmetric":
            low = high = torch.maximum(high, -low)
        for kept_so_far, found in ((moving_max, high), (moving_min, low)):
            first = bool(kept_so_far == 0)
            kept_so_far.copy_(found if first else kept_so_far * momentum + found * (1 - momentum))
    low = -moving_max if quantization_scheme == "symmetric" else moving_min
    return scales(low, moving_max, quantization_formula, quantization_bit, quantization_scheme)


def rounded(
    input: torch.Tensor,
    scale: torch.Tensor,
    zero_point: torch.Tensor,
    quantization_formula: str,
    quantization_bit: int,
    quantization_scheme: str,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the integers that values become, the steps and the zeros, which broadcast with them."""
    along = (-1, *[1] * (input.dim() - 1))
    step, zero = scale.reshape(along), zero_point.reshape(along)
    if quantization_formula == "cambricon":
        step, zero = torch.exp2(step), torch.zeros_like(zero)
    if quantization_scheme == "affine" and quantization_formula == "google":
        low, high = 0, 2**quantization_bit - 1
    else:
        high = 2 ** (quantization_bit - 1) - 1
        low = -high - 1
    return torch.clamp(torch.round(input / step + zero), low, high), step, zero


def quantized(input: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor, **options: Any) -> torch.Tensor:
    """Return the integers that values become, as floats."""
    return rounded(input, scale, zero_point, **options)[0]


def faked(input: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor, **options: Any) -> torch.Tensor:
    """Return the values that the integers stand for; gradients pass as if nothing had been done."""
    whole, step, zero = rounded(input.detach(), scale.detach(), zero_point.detach(), **options)
    return input + ((whole - zero) * step - input.detach())


def of_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a tensor, a step and a zero that states its options."""

    def apply(
        input: Any,
        scale: Any,
        zero_point: Any,
        quantization_formula: str,
        quantization_bit: int,
        quantization_scheme: str,
    ) -> Any:
        return function(
            input,
            scale,
            zero_point,
            quantization_formula=quantization_formula,
            quantization_bit=quantization_bit,
            quantization_scheme=quantization_scheme,
        )

    return apply


def extremes(layer: Any) -> None:
    """Make the range that is followed: none yet."""
    for name in ("moving_max", "moving_min"):
        layer.register_buffer(name, torch.zeros(1).as_subclass(Tensor))


class Observer(Module):
    """The base of the layer that follows a range."""

    moving_max: torch.Tensor
    moving_min: torch.Tensor

    def reset_running_stats(self) -> None:
        """Forget the range."""
        self.moving_max.zero_()
        self.moving_min.zero_()


NAMES.layer("nn.MinMaxObserver", observed, **OPTIONS)
NAMES.layer("nn.Quantization", of_options(quantized), **OPTIONS)
NAMES.layer("nn.FakeQuantization", of_options(faked), **OPTIONS)
NAMES.layer(
    "nn.MovingAverageMinMaxObserver",
    followed,
    base=Observer,
    learned=(Learned("range", extremes, (), means=None),),
    extra={"training": "self.training", "moving_max": "self.moving_max", "moving_min": "self.moving_min"},
    **OPTIONS,
)
