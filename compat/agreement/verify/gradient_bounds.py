"""The sums whose value is the gradient of a parameter, of the size |x| * |g| for a weight and |g| for a bias.

Like a layer's output, such a sum may be off by its bound of `rounding`, on top of what its terms are off.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from ....frontends.tensor import plain
from ...porting import Kind, layer_of, layout
from ..rounding import Sums
from .arrays import array, replace
from .norms import is_channel_last

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .bounds import Arguments

_RECURRENT = (Kind.RECURRENT, Kind.RECURRENT_CELL)
_LINEAR = (Kind.CONV_TRANSPOSE, Kind.CONV, Kind.LINEAR, Kind.EMBEDDING)


NOTHING = Sums(np.zeros(()), np.zeros(()))


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
            if (layer := layer_of(module)) is not None and layer.kind not in _RECURRENT
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def sums(self) -> dict[str, Sums]:
        """Return what is added up in each parameter's gradient, by name; of those whose layer has a rule."""
        names = {id(one): name for name, one in nn.Module.named_parameters(self._model)}
        found: dict[str, Sums] = {}
        for call in self._calls:
            if call.gradient is None:
                continue
            gradient = _single(plain(call.gradient).abs())
            sizes = _of_call(call, gradient, torch.abs)
            counts = _of_call(call, torch.ones_like(gradient), lambda x: torch.ones_like(x.abs()))
            for (parameter, size), (_, count) in zip(sizes, counts, strict=True):
                name = names[id(parameter)]
                terms, magnitude, *_ = found.get(name, NOTHING)
                # a layer that is called more than once adds up all that its calls give
                found[name] = Sums(terms + array(count), magnitude + array(size))
        return found

    def _keep(self, module: nn.Module, positional: tuple[Any, ...], keywords: dict[str, Any], output: Any) -> None:
        if not (isinstance(output, torch.Tensor) and output.requires_grad):
            return
        call = _Call(module, (replace(positional, "", _copy), replace(keywords, "", _copy)))
        self._calls.append(call)

        def keep(gradient: torch.Tensor) -> None:
            call.gradient = gradient.detach().clone()

        output.register_hook(keep)  # type: ignore[no-untyped-call]


def _of_call(
    call: _Call, gradient: torch.Tensor, change: Callable[[torch.Tensor], torch.Tensor]
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return each parameter of a call and its gradient, where the other factor of every product is changed."""
    layer = layer_of(call.module)
    assert layer is not None, "only calls of layers with a rule are kept"
    parameters = dict(nn.Module.named_parameters(call.module, recurse=False))
    if layer.kind in _LINEAR:
        sums = _linear(call, parameters, gradient, change)
        return [(one, value) for one, value in zip(parameters.values(), sums, strict=True) if value is not None]
    positional, _ = call.arguments
    x = positional[0]
    # statistics, which Paddle holds as parameters, have no gradient
    roles = {slot.name: role for role, slot in layout(layer.kind, layer.api).items() if role in ("weight", "bias")}
    parameters = {name: one for name, one in parameters.items() if name in roles}
    if layer.kind is Kind.PRELU:
        terms = {"weight": change(x.clamp(max=0)) * gradient}
    else:
        # with weight 1 and bias 0 the output is what the weight multiplies
        values = {"weight": 1.0, "bias": 0.0}
        state = {name: torch.full_like(plain(one).detach(), values[roles[name]]) for name, one in parameters.items()}
        with torch.no_grad():
            standardised = torch.func.functional_call(call.module, state, *call.arguments)
        terms = {"weight": change(plain(standardised)) * gradient, "bias": gradient}
    channel = -1 if is_channel_last(call.module) else 1
    return [(one, _summed(terms[roles[name]], one, layer.kind, channel)) for name, one in parameters.items()]


def _linear(
    call: _Call,
    parameters: Mapping[str, torch.Tensor],
    gradient: torch.Tensor,
    change: Callable[[torch.Tensor], torch.Tensor],
) -> tuple[torch.Tensor | None, ...]:
    """Return the gradients of the layer on changed values, which is linear in each of its parameters.

    Paddle 1.8 has a bias that its layer does not use; that one has none.
    """
    state = {name: _single(plain(one).detach().abs()).requires_grad_() for name, one in parameters.items()}

    def changed(name: str, value: torch.Tensor) -> torch.Tensor:
        return _single(change(value)) if value.is_floating_point() or value.is_complex() else value

    positional, keywords = (replace(part, "", changed) for part in call.arguments)
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


def _single(value: torch.Tensor) -> torch.Tensor:
    """Widen half precisions, in which a few thousand ones cannot be counted."""
    return value.float() if value.element_size() < 4 else value


def _copy(name: str, value: torch.Tensor) -> torch.Tensor:
    return plain(value).detach().clone()
