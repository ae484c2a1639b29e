"""How large the sums are whose value is the gradient of a parameter: |x| * |g| for a weight, the sum of |g| for a bias.

Like a layer's output, such a sum may lie `ROUNDING * eps` times its magnitude off, on top of what its terms are off.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ....frontends.tensor import plain
from ...porting import Kind, layer_of, layout
from .arrays import array, replace
from .norms import is_channel_last

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import numpy.typing as npt

    from .bounds import Arguments

    Array = npt.NDArray[np.generic[Any]]

_LINEAR = (Kind.CONV_TRANSPOSE, Kind.CONV, Kind.LINEAR, Kind.EMBEDDING)


@dataclass(slots=True)
class _Call:
    module: nn.Module
    arguments: Arguments
    gradient: torch.Tensor | None = None


class Calls:
    """The calls of layers with parameters in one run, and the gradients of their outputs."""

    def __init__(self, model: nn.Module) -> None:
        self._model = model
        self._calls: list[_Call] = []

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Gather calls for a while."""
        handles = [
            nn.Module.register_forward_hook(module, self._keep, with_kwargs=True)
            for module in self._model.modules()
            if layer_of(module) is not None
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def magnitudes(self) -> dict[str, Array]:
        """Return the magnitude of each parameter's gradient, by name; of those whose layer has a rule."""
        names = {id(one): name for name, one in nn.Module.named_parameters(self._model)}
        found: dict[str, torch.Tensor] = {}
        for call in self._calls:
            if call.gradient is None:
                continue
            for parameter, magnitude in _of_call(call, plain(call.gradient).abs()):
                name = names[id(parameter)]
                found[name] = magnitude if name not in found else found[name] + magnitude
        return {name: array(magnitude) for name, magnitude in found.items()}

    def _keep(self, module: nn.Module, positional: tuple[Any, ...], keywords: dict[str, Any], output: Any) -> None:
        if not (isinstance(output, torch.Tensor) and output.requires_grad):
            return
        call = _Call(module, (replace(positional, "", _copy), replace(keywords, "", _copy)))
        self._calls.append(call)

        def keep(gradient: torch.Tensor) -> None:
            call.gradient = gradient.detach().clone()

        output.register_hook(keep)  # type: ignore[no-untyped-call]


def _of_call(call: _Call, gradient: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    layer = layer_of(call.module)
    assert layer is not None, "only calls of layers with a rule are kept"
    parameters = dict(nn.Module.named_parameters(call.module, recurse=False))
    if layer.kind in _LINEAR:
        sums = _linear(call, parameters, gradient)
        return [(one, value) for one, value in zip(parameters.values(), sums, strict=True) if value is not None]
    positional, _ = call.arguments
    x = positional[0]
    # statistics, which Paddle holds as parameters, have no gradient
    roles = {slot.name: role for role, slot in layout(layer.kind, layer.api).items() if role in ("weight", "bias")}
    parameters = {name: one for name, one in parameters.items() if name in roles}
    if layer.kind is Kind.PRELU:
        terms = {"weight": x.clamp(max=0).abs() * gradient}
    else:
        # with weight 1 and bias 0 the output is what the weight multiplies
        values = {"weight": 1.0, "bias": 0.0}
        state = {name: torch.full_like(plain(one).detach(), values[roles[name]]) for name, one in parameters.items()}
        with torch.no_grad():
            standardised = torch.func.functional_call(call.module, state, *call.arguments)
        terms = {"weight": plain(standardised).abs() * gradient, "bias": gradient}
    channel = -1 if is_channel_last(call.module) else 1
    return [(one, _summed(terms[roles[name]], one, layer.kind, channel)) for name, one in parameters.items()]


def _linear(
    call: _Call, parameters: Mapping[str, torch.Tensor], gradient: torch.Tensor
) -> tuple[torch.Tensor | None, ...]:
    """Return the gradients of the layer on absolute values, which is linear in each of its parameters.

    Paddle 1.8 has a bias that its layer does not use; that one has none.
    """
    state = {name: plain(one).detach().abs().requires_grad_() for name, one in parameters.items()}
    positional, keywords = (replace(part, "", _absolute) for part in call.arguments)
    with torch.enable_grad():
        output = torch.func.functional_call(call.module, state, positional, keywords)
        return torch.autograd.grad(output, list(state.values()), gradient, allow_unused=True)


def _summed(terms: torch.Tensor, parameter: torch.Tensor, kind: Kind, channel: int) -> torch.Tensor:
    """Add up to the shape of the parameter: by channel, or over the leading axes."""
    if kind is Kind.LAYER_NORM:
        return terms.reshape(-1, parameter.numel()).sum(0).reshape(parameter.shape)
    if parameter.numel() == 1:
        return terms.sum().reshape(parameter.shape)
    return terms.movedim(channel, 0).flatten(1).sum(1).reshape(parameter.shape)


def _copy(name: str, value: torch.Tensor) -> torch.Tensor:
    return plain(value).detach().clone()


def _absolute(name: str, value: torch.Tensor) -> torch.Tensor:
    return value.abs() if value.is_floating_point() or value.is_complex() else value
