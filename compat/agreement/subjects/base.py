"""What runs cases: the interface, and the driver for subjects that are torch underneath and live in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from ..data import STORAGE
from ..definition import Values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..cases import Case
    from ..data import Array, Operands


class Subject(Protocol):
    """Whatever can run cases: a front end, a framework in an environment of its own, a user's class."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    @property
    def bitwise(self) -> bool:
        """Whether it must give the engine's bits. A front end must; a framework has its own summation order."""
        ...

    @property
    def forms(self) -> tuple[str, ...]:
        """The ways to call it, such as `functional`; `layer` comes first."""
        ...

    def unsupported(self, case: Case, form: str) -> str | None:
        """Why its API cannot express the case, or None where it can."""
        ...

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        """Return output and gradients in torch's layout; raise what the front end raises."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that an API cannot say."""

    applies: Callable[[Case], bool]
    reason: str


@dataclass(frozen=True, slots=True)
class Traced:
    """A forward pass in a front end's own layout, ready to be differentiated.

    `channels_last` says that the shapes of input and output are (N, D, H, W, C).
    """

    output: torch.Tensor
    input: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor | None
    channels_last: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One way to call a front end, and what it cannot say."""

    call: Callable[[Case, Operands], Traced]
    limits: tuple[Limit, ...] = ()
    dtypes: tuple[str, ...] = ("float32", "float64")


@dataclass(frozen=True)
class InProcess:
    """A subject whose tensors are torch tensors: the front ends, the engine, PyTorch itself."""

    name: str
    calls: Mapping[str, Form]
    bitwise: bool = True
    forms: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "forms", tuple(self.calls))

    def unsupported(self, case: Case, form: str) -> str | None:
        """Return the first reason why this form cannot express the case, or None."""
        call = self.calls[form]
        if case.dtype not in call.dtypes:
            return f"no {case.dtype} in this API"
        return next((limit.reason for limit in call.limits if limit.applies(case)), None)

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        """Return output and gradients in torch's layout."""
        traced = self.calls[form].call(case, operands)
        upstream = tensor(operands.upstream, case)
        if traced.channels_last:
            upstream = upstream.movedim(1, -1)
        if upstream.numel() != traced.output.numel():
            # an output of a wrong size: the comparison says so, and there are no gradients to compare
            return Values(_as_judged(traced), None, None, None)  # type: ignore[arg-type]
        leaves = [leaf for leaf in (traced.input, traced.weight, traced.bias) if leaf is not None]
        gradients = torch.autograd.grad(traced.output, leaves, upstream.reshape(traced.output.shape))
        output, grad_input = _as_judged(traced), array(gradients[0])
        if traced.channels_last:
            grad_input = np.moveaxis(grad_input, -1, 1)
        # MegEngine's (groups, in, out, ...) weight and (1, out, 1, 1, 1) bias hold torch's elements in torch's order
        return Values(
            output,
            grad_input,
            array(gradients[1]).reshape(case.weight_shape),
            array(gradients[2]).reshape(-1) if traced.bias is not None else None,
        )


def _as_judged(traced: Traced) -> Array:
    """Return the output in torch's layout."""
    output = array(traced.output)
    return np.moveaxis(output, -1, 1) if traced.channels_last else output


def tensor(values: Array, case: Case) -> torch.Tensor:
    """Return a torch tensor of the case's dtype."""
    return torch.from_numpy(values).to(getattr(torch, case.dtype))


def leaf(values: Array, case: Case) -> torch.Tensor:
    """Return a torch tensor of the case's dtype that records gradients."""
    # a bfloat16 conversion is a new tensor already, the others would share memory with the operands
    return tensor(values, case).detach().requires_grad_()


def array(values: torch.Tensor) -> Array:
    """Return a tensor's values as the comparison holds them (bfloat16 in float32)."""
    plain = values.detach().as_subclass(torch.Tensor).resolve_conj()
    result: Array = plain.float().numpy() if plain.dtype == torch.bfloat16 else plain.numpy()
    return result


def own_layout(values: Array, case: Case) -> Array:
    """Return a volume as `case.data_format` stores it: (N, C, D, H, W) or (N, D, H, W, C)."""
    return np.ascontiguousarray(np.moveaxis(values, 1, -1)) if case.data_format == "NDHWC" else values


def load(layer: Any, method: str, case: Case, operands: Operands, convert: Callable[[Array], Any]) -> None:
    """Give a layer the weight and bias of a case through its own loading method and parameter shapes."""
    arrays = {"weight": operands.weight, "bias": operands.bias}
    state = {
        name: convert(values.reshape(tuple(getattr(layer, name).shape)))
        for name, values in arrays.items()
        if values is not None
    }
    getattr(layer, method)(state)


def pads_of(case: Case) -> tuple[int, int, int]:
    """Return one pad per axis, for an API in which padding is symmetric."""
    depth, height, width = (low for low, _ in case.geometry().padding)
    return (depth, height, width)


def storage(case: Case) -> type[Any]:
    """Return the NumPy type of the case's operands."""
    return STORAGE[case.dtype]
