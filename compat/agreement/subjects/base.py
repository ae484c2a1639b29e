"""What runs cases: the interface, and the subjects that are torch underneath and live in this process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..definition import Values
from . import api, drivers

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class InProcess:
    """A subject whose tensors are torch tensors: the front ends, the engine, PyTorch itself."""

    name: str
    api: api.Api
    driver: drivers.Here
    bitwise: bool = True

    @property
    def forms(self) -> tuple[str, ...]:
        """The ways to call it."""
        return tuple(self.api.forms)

    def unsupported(self, case: Case, form: str) -> str | None:
        """Return the first reason why this form cannot express the case, or None."""
        return self.api.unsupported(case, form)

    def run(self, case: Case, operands: Operands, form: str) -> Values:
        """Return output and gradients in torch's layout."""
        found: dict[str, Array] = {}
        drivers.ask(self.driver, self.api.spell(case, form), named(operands), found)
        return values(found)


SUBJECTS = {
    subject.name: subject
    for subject in (
        InProcess("engine", api.ENGINE, drivers.Engine()),
        InProcess("torch", api.TORCH, drivers.Torch()),
        InProcess("paddle", api.PADDLE, drivers.Paddle()),
        InProcess("fluid", api.DOCUMENTED_FLUID, drivers.DocumentedFluid()),
        InProcess("fluid_1_8", api.FLUID, drivers.Fluid()),
        InProcess("megengine", api.MEGENGINE, drivers.MegEngine()),
        InProcess("oneflow", api.ONEFLOW, drivers.OneFlow()),
        InProcess("PyTorch", api.TORCH, drivers.PyTorch(), bitwise=False),
    )
}
ENGINE = SUBJECTS["engine"]


def named(operands: Operands) -> dict[str, Array]:
    """Return operands under the names of the wire format."""
    arrays = {
        "input": operands.input,
        "weight": operands.weight,
        "bias": operands.bias,
        "grad_output": operands.upstream,
    }
    return {name: array for name, array in arrays.items() if array is not None}


def values(found: dict[str, Array]) -> Values:
    """Return arrays by name as the comparison holds them; what is absent is None there."""
    return Values(*(found.get(name) for name in Values._fields))  # type: ignore[arg-type]
