"""Implementations of the operator with one fault each, written with torch's own operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from fourfold.compat.agreement.definition import Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.compat.agreement.cases import Case
    from fourfold.compat.agreement.data import Operands

    Tensor = torch.Tensor
    Options = dict[str, Any]


def torch_s(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    return functional.conv_transpose3d(x, weight, bias, **options)


@dataclass(frozen=True)
class Planted:
    """A subject that computes something else; gradients are those of what it computes."""

    operator: Callable[[Tensor, Tensor, Tensor | None, Options], Tensor]
    gradients: Callable[[Values], Values] = lambda values: values
    name: str = "planted"
    bitwise: bool = False
    forms: tuple[str, ...] = ("functional",)

    def unsupported(self, case: Case, form: str) -> str | None:
        return None

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        arrays = {name: array for name, array in operands._asdict().items() if array is not None}
        upstream = torch.from_numpy(arrays.pop("upstream"))
        leaves = {name: torch.from_numpy(array).requires_grad_() for name, array in arrays.items()}
        geometry = case.geometry()
        options = {
            "stride": geometry.stride,
            "padding": tuple(low for low, _ in geometry.padding),
            "output_padding": geometry.output_padding,
            "dilation": geometry.dilation,
            "groups": case.groups,
        }
        output = self.operator(leaves["input"], leaves["weight"], leaves.get("bias"), options)
        if output.shape != upstream.shape:
            return Values(output.detach().numpy(), None, None, None)  # type: ignore[arg-type]
        found = torch.autograd.grad(output, list(leaves.values()), upstream, allow_unused=True)
        named = {
            f"grad_{name}": None if value is None else value.numpy() for name, value in zip(leaves, found, strict=True)
        }
        return self.gradients(Values(output.detach().numpy(), **{"grad_bias": None, **named}))  # type: ignore[arg-type]


def flipped_along_width(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    return torch_s(x, weight.flip(4), bias, options)


def wrong_in_groups(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    """Every group has the weight of the first."""
    groups = options["groups"]
    return torch_s(x, torch.cat([weight[: len(weight) // groups]] * groups), bias, options)


def padded_in_front(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    """The output padding is put before the output."""
    full = torch_s(x, weight, None, {**options, "padding": 0, "output_padding": 0})
    pads = []
    for low, extra in reversed(list(zip(options["padding"], options["output_padding"], strict=True))):
        pads += [extra - low, -low]
    output = functional.pad(full, pads)
    return output if bias is None else output + bias.reshape(-1, 1, 1, 1)


def padded_with_zeros(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    output = torch_s(x, weight, bias, {**options, "output_padding": 0})
    return functional.pad(output, [each for extra in reversed(options["output_padding"]) for each in (0, extra)])


def deaf_to_dilation(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    return torch_s(x, weight, bias, {**options, "dilation": 1})


def reading_padding_backwards(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    return torch_s(x, weight, bias, {**options, "padding": options["padding"][::-1]})


def without_bias(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    return torch_s(x, weight, None, options)


def with_channels_swapped(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    if options["groups"] > 1:
        return torch_s(x, weight, bias, options)
    read = weight.reshape(weight.shape[1], weight.shape[0], *weight.shape[2:]).swapaxes(0, 1)
    return torch_s(x, read, bias, options)


def late_along_depth(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    output = torch_s(x, weight, None, {**options, "output_padding": 0, "padding": 0})
    pads = []
    for axis, (low, extra) in reversed(
        list(enumerate(zip(options["padding"], options["output_padding"], strict=True)))
    ):
        late = int(axis == 0)
        pads += [-low - late, extra - low + late]
    output = functional.pad(output, pads)
    return output if bias is None else output + bias.reshape(-1, 1, 1, 1)


def in_bfloat16(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    return torch_s(x.bfloat16().float(), weight.bfloat16().float(), bias, options)


def afraid_of_dilation(x: Tensor, weight: Tensor, bias: Tensor | None, options: Options) -> Tensor:
    if max(options["dilation"]) > 1:
        msg = f"no dilation of {max(options['dilation'])}"
        raise NotImplementedError(msg)
    return torch_s(x, weight, bias, options)


def weight_gradient_flipped(values: Values) -> Values:
    return values._replace(grad_weight=values.grad_weight[:, :, ::-1].copy())


def bias_gradient_of_the_mean(values: Values) -> Values:
    return values._replace(grad_bias=None if values.grad_bias is None else values.grad_bias / 2)
