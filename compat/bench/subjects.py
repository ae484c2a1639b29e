"""What is measured in this process: fourfold and torch's own operator, on the same tensors."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import torch

from ... import backend
from ..agreement.subjects.drivers import PyTorch, Torch
from .cost import BACKWARD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..agreement.cases import Case
    from ..agreement.subjects.drivers import Here
    from .variant import Variant


class UnavailableError(Exception):
    """A subject cannot run a variant; the message says why, in a few words."""


class Operands(NamedTuple):
    """The tensors of a variant; `upstream` is the gradient that flows into the output."""

    input: torch.Tensor
    weight: torch.Tensor | torch.nn.Parameter
    bias: torch.Tensor | torch.nn.Parameter
    upstream: torch.Tensor


class Prepared(Protocol):
    """A variant, ready to be called."""

    def results(self) -> list[torch.Tensor]:
        """Return the output, and in backward mode the gradients of input, weight and bias, in torch's layout."""
        ...

    def seconds(self, calls: int) -> float:
        """Return the seconds that one call takes, averaged over so many."""
        ...

    def close(self) -> None:
        """Release what it holds."""
        ...


class Subject(Protocol):
    """Whoever can run variants."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    def prepare(self, variant: Variant, operands: Operands) -> Prepared:
        """Make a variant ready; raise UnavailableError where it cannot be run."""
        ...


def operands(variant: Variant) -> Operands:
    """Draw the tensors of a variant: the same ones for every subject.

    The weight is stored as the input is: `module.to(memory_format=torch.channels_last_3d)` does that.
    """
    case = variant.case
    generator = torch.Generator().manual_seed(case.seed)
    layout = memory_format(variant)

    def draw(shape: Sequence[int]) -> torch.Tensor:
        drawn = torch.randn(shape, generator=generator).to(variant.device, getattr(torch, variant.dtype))
        return drawn.contiguous(memory_format=layout) if drawn.dim() == 5 else drawn

    return Operands(*map(draw, (case.input_shape, case.weight_shape, (case.out_channels,), case.output_shape)))


def memory_format(variant: Variant) -> torch.memory_format:
    """Return torch's name of the layout."""
    return torch.channels_last_3d if variant.layout == "channels_last" else torch.contiguous_format


@dataclass(frozen=True, slots=True)
class InProcess:
    """A subject whose call takes torch tensors."""

    name: str
    build: Callable[[Variant, Operands], Callable[[Operands], torch.Tensor]]

    def prepare(self, variant: Variant, operands: Operands) -> Prepared:
        """Make a variant ready."""
        leaves = Operands(
            operands.input.detach().requires_grad_(variant.mode == BACKWARD),
            torch.nn.Parameter(operands.weight),
            torch.nn.Parameter(operands.bias),
            operands.upstream,
        )
        return _Ready(self.build(variant, leaves), variant, leaves)


class _Ready:
    def __init__(self, call: Callable[[Operands], torch.Tensor], variant: Variant, operands: Operands) -> None:
        self._call = call
        self._backward = variant.mode == BACKWARD
        self._synchronize = torch.cuda.synchronize if variant.device.startswith("cuda") else None
        self._operands = operands

    def results(self) -> list[torch.Tensor]:
        if not self._backward:
            with torch.no_grad():
                return [self._call(self._operands)]
        output = self._call(self._operands)
        return [output.detach(), *torch.autograd.grad(output, self._operands[:3], self._operands.upstream)]

    def seconds(self, calls: int) -> float:
        """Each result is released before the next call: its memory is part of the cost."""
        start = time.perf_counter()
        if self._backward:
            for _ in range(calls):
                torch.autograd.grad(self._call(self._operands), self._operands[:3], self._operands.upstream)
        else:
            with torch.no_grad():
                for _ in range(calls):
                    self._call(self._operands)
        if self._synchronize is not None:
            self._synchronize()
        return (time.perf_counter() - start) / calls

    def close(self) -> None:
        del self._call, self._operands


def specification(case: Case) -> backend.ConvTranspose3dSpec:
    """Return the engine's operator of a case."""
    return backend.ConvTranspose3dSpec(**case.operator())


def _engine(variant: Variant, _: Operands) -> Callable[[Operands], torch.Tensor]:
    spec = specification(variant.case)
    return lambda given: backend.conv_transpose3d(given.input, given.weight, given.bias, spec)


def _native(variant: Variant, _: Operands) -> Callable[[Operands], torch.Tensor]:
    driver = PyTorch()
    asked, window = _asked(variant.case)
    operator, options = driver.find(driver.function_name), driver.options(asked)

    def call(given: Operands) -> torch.Tensor:
        output: torch.Tensor = operator(given.input, given.weight, given.bias, **options)
        return output

    return _in_layout(call, variant, window)


def _in_layout(
    call: Callable[[Operands], torch.Tensor], variant: Variant, window: tuple[slice, ...] | None
) -> Callable[[Operands], torch.Tensor]:
    """Go on where torch itself leaves the layout or computes too much, as its user has to."""
    if window is None and variant.layout == "contiguous":
        return call
    crop, layout = ... if window is None else window, memory_format(variant)
    return lambda given: call(given)[crop].contiguous(memory_format=layout)


def _asked(case: Case) -> tuple[dict[str, Any], tuple[slice, ...] | None]:
    """Return what torch can express of an operator, and what to cut out of the result where it is less than wanted."""
    geometry = case.geometry()
    pads = [min(axis) for axis in geometry.padding]
    asked = {**case.operator(), "padding": pads}
    if all(low == high for low, high in geometry.padding):
        return asked, None
    starts = (low - pad for (low, _), pad in zip(geometry.padding, pads, strict=True))
    sizes = zip(starts, geometry.output_size, strict=True)
    return asked, (slice(None), slice(None), *(slice(low, low + size) for low, size in sizes))


def _layer(driver: Here) -> Callable[[Variant, Operands], Callable[[Operands], torch.Tensor]]:
    def build(variant: Variant, operands: Operands) -> Callable[[Operands], torch.Tensor]:
        asked, window = _asked(variant.case)
        if window is not None:
            msg = "a layer has no asymmetric padding"
            raise UnavailableError(msg)
        module = driver.made(asked, device="meta")
        module.weight, module.bias = operands.weight, operands.bias
        return _in_layout(lambda given: module(given.input), variant, None)

    return build


OURS = InProcess("fourfold", _engine)
NATIVE = InProcess("torch", _native)
LAYERS = (
    InProcess(OURS.name, _layer(Torch())),
    InProcess(NATIVE.name, _layer(PyTorch())),
)
